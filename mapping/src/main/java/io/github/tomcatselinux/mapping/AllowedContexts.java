// SPDX-License-Identifier: Apache-2.0
// Which contexts may come from outside the mapping file.
package io.github.tomcatselinux.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The valve's {@code allowedContexts}: entries of the form {@code domain:range}, separated by white space. An entry
 * permits a context of exactly its domain whose levels all lie within its range: {@code user_t:s0:c1} permits that one
 * level, {@code user_t:s0-s0:c0.c99} every set of the first hundred categories. Nothing is permitted by an empty list.
 */
public record AllowedContexts(List<ContextTemplate> entries) {
    /** Keeps an unmodifiable copy. */
    public AllowedContexts {
        entries = List.copyOf(entries);
    }

    /** Reads the entries; the exception's column counts in the whole text. */
    public static AllowedContexts parse(String text) throws ContextException {
        List<ContextTemplate> entries = new ArrayList<>();
        int position = 0;
        while (position < text.length()) {
            if (isSpace(text.charAt(position))) {
                position++;
                continue;
            }
            int end = position;
            while (end < text.length() && !isSpace(text.charAt(end))) {
                end++;
            }
            try {
                entries.add(ContextTemplate.parse(text.substring(position, end)));
            } catch (ContextException e) {
                throw e.shifted(position);
            }
            position = end;
        }
        return new AllowedContexts(entries);
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    /**
     * Whether a context may be used. A {@code *} on either side stands for the base domain, or for the low level. A
     * translated range is only ever equal to itself, character for character.
     */
    public boolean permits(ContextTemplate context, String baseDomain, String lowLevel) {
        String domain = context.domain().orElse(baseDomain);
        String range = context.range().orElse(lowLevel);
        Optional<LevelRange> levels = LevelRange.of(range);
        for (ContextTemplate entry : entries) {
            String permitted = entry.range().orElse(lowLevel);
            if (entry.domain().orElse(baseDomain).equals(domain)
                    && (permitted.equals(range) || holds(LevelRange.of(permitted), levels))) {
                return true;
            }
        }
        return false;
    }

    private static boolean holds(Optional<LevelRange> outer, Optional<LevelRange> inner) {
        return outer.isPresent() && inner.isPresent() && outer.get().holds(inner.get());
    }

    /** As the attribute has it. */
    @Override
    public String toString() {
        return entries.stream().map(ContextTemplate::toString).collect(Collectors.joining(" "));
    }
}
