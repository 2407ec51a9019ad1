// SPDX-License-Identifier: Apache-2.0
// Contexts as administrators write them, and as the kernel prints them.
package io.github.tomcatselinux.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContextTemplateTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "user_webapp_t:s0 | user_webapp_t:s0",
                "user_webapp_t | user_webapp_t:*",
                "* | *:*",
                "*:* | *:*",
                "*:s0:c1 | *:s0:c1",
                "a_t:s0:c2,c1 | a_t:s0:c1,c2",
                "a_t:s0:c0.c1 | a_t:s0:c0,c1",
                "a_t:s0:c0,c1,c2,c9 | a_t:s0:c0.c2,c9",
                "a_t:s0:c0.c5,c3.c9 | a_t:s0:c0.c9",
                "a_t:s0:c1,c1 | a_t:s0:c1",
                "a_t:s0-s0 | a_t:s0",
                "a_t:s0:c1-s0:c1 | a_t:s0:c1",
                "a_t:s0-s15:c0.c1023 | a_t:s0-s15:c0.c1023",
                "a_t:s0:c1-s0:c0,c1,c2 | a_t:s0:c1-s0:c0.c2",
                "a_t:SystemLow | a_t:SystemLow",
                "a_t:SystemLow-SystemHigh | a_t:SystemLow-SystemHigh",
                "a_t:secret:alpha | a_t:secret:alpha",
            })
    void readsAContextAndWritesItAsTheKernelDoes(String text, String canonical) throws ContextException {
        assertEquals(canonical, ContextTemplate.parse(text).toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "*: | 3 | write * for",
                ":s0 | 1 | write \"*:s0\"",
                ": | 1 | write \"*:\"",
                "s0:c1 | 1 | write \"*:s0:c1\"",
                "s0 | 1 | write \"*:s0\"",
                "a_t:s0:c1024 | 8 | categories end at c1023",
                "a_t:s0:c99999999999 | 8 | categories end at c1023",
                "a_t:s16 | 5 | sensitivities end at s15",
                "a_t:s0:c5.c2 | 8 | write \"c2.c5\"",
                "a_t:s0:c5.c5 | 8 | write \"c5\"",
                "a_t:s0:c01 | 8 | leading zero",
                "a_t:s00 | 5 | leading zero",
                "a_t:s0: | 8 | a category",
                "a_t:s0:c1, | 11 | a category",
                "a_t:s0:c1.x | 11 | a category",
                "a_t:s0:C1 | 8 | a category",
                "a_t:c1 | 5 | a sensitivity",
                "a_t:s0:c1-s0 | 11 | does not dominate",
                "a_t:s1-s0 | 8 | does not dominate",
                "a_t:s0- | 8 | a sensitivity",
                "a_t:s0-s0-s0 | 8 | a sensitivity",
                "a_t::s0 | 5 | is not a range",
                "1a_t:s0 | 1 | the name of a domain",
                "**:s0 | 1 | the name of a domain",
                "a t:s0 | 1 | the name of a domain",
                "system_u:system_r:a_t:s0:c1 | 1 | write \"a_t:s0:c1\"",
            })
    void saysWhereAContextIsWrongAndWhatToWrite(String text, int column, String part) {
        ContextException e = assertThrows(ContextException.class, () -> ContextTemplate.parse(text));
        assertEquals(column, e.column(), e.getMessage());
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    @Test
    void refusesAnEmptyContext() {
        assertThrows(ContextException.class, () -> ContextTemplate.parse(""));
    }

    @Test
    void fillsInWhatARuleLeavesOpen() throws ContextException {
        assertEquals(
                "system_u:system_r:base_webapp_t:s0",
                ContextTemplate.parse("*").complete("system_u", "system_r", "base_webapp_t", "s0"));
        assertEquals(
                "system_u:system_r:a_t:s0:c1",
                ContextTemplate.parse("a_t:s0:c1").complete("system_u", "system_r", "base_webapp_t", "s0"));
    }

    @Test
    void knowsWhichRangesNeedTranslation() throws ContextException {
        assertTrue(ContextTemplate.parse("a_t:SystemLow").translated());
        assertFalse(ContextTemplate.parse("a_t:s0").translated());
        assertFalse(ContextTemplate.parse("a_t").translated());
        assertEquals(Optional.empty(), ContextTemplate.parse("a_t").range());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a_t:s0:c1 | a_t:s0:c1 | true",
                "a_t:s0:c1 | a_t:s0:c2 | false",
                "a_t:s0:c1 | a_t:s0 | false",
                "a_t:s0:c1 | b_t:s0:c1 | false",
                "a_t:s0-s0:c0.c99 | a_t:s0:c7,c9 | true",
                "a_t:s0-s0:c0.c99 | a_t:s0:c7,c100 | false",
                "a_t:s0-s0:c0.c99 | a_t:s0-s0:c7 | true",
                "a_t:s0-s0:c0.c99 | a_t:s1:c7 | false",
                "b_t:s0 a_t:s0:c1 | a_t:s0:c1 | true",
                "*:s0:c1 | base_t:s0:c1 | true",
                "base_t:s0:c1 | *:s0:c1 | true",
                "a_t | a_t:s0 | true",
                "a_t:* | a_t:s0:c1 | false",
                "a_t:s0 | a_t:* | true",
                "a_t:Secret | a_t:Secret | true",
                "a_t:Secret | a_t:secret | false",
                "a_t:s0-s0:c0.c99 | a_t:Secret | false",
                "'' | a_t:s0 | false",
            })
    void permitsOnlyContextsWithinAnAllowedRange(String allowed, String context, boolean permitted)
            throws ContextException {
        assertEquals(permitted, AllowedContexts.parse(allowed).permits(ContextTemplate.parse(context), "base_t", "s0"));
    }

    @Test
    void countsColumnsOverTheWholeListOfAllowedContexts() {
        ContextException e = assertThrows(ContextException.class, () -> AllowedContexts.parse("a_t:s0\n b_t:s0:c1024"));
        assertEquals(16, e.column());
    }
}
