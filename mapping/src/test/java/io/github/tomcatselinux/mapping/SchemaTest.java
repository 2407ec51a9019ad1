// SPDX-License-Identifier: Apache-2.0
// The shipped JSON Schema against the parser.
package io.github.tomcatselinux.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaTest {
    private static final JsonSchema SCHEMA = schema();
    private static final ObjectMapper STRICT = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    private static JsonSchema schema() {
        try (InputStream in = Mappings.class.getResourceAsStream("mapping.schema.json")) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean schemaAccepts(String text) {
        return SCHEMA.validate(text, InputFormat.JSON).isEmpty();
    }

    private static boolean parserAccepts(String text) {
        try {
            Mappings.parse("m.json", text.getBytes(StandardCharsets.UTF_8));
            return true;
        } catch (MappingException e) {
            return false;
        }
    }

    private static String file(String rule) {
        return "{\"version\": 1, \"rules\": [" + rule + "]}";
    }

    @Test
    void whatTheParserWritesBothAccept() {
        for (long seed = 1; seed <= 500; seed++) {
            String text = JsonWriter.file(new RandomRules(seed).rules(6, seed % 2 == 0));
            assertTrue(parserAccepts(text), text);
            assertTrue(schemaAccepts(text), () -> text + SCHEMA.validate(text, InputFormat.JSON));
        }
    }

    /** Exchanges or drops one token, so that what is wrong is the shape and not what stands in a text. */
    @Test
    void onTheShapeOfAFileSchemaAndParserAgree() {
        List<String> tokens =
                List.of("{", "}", "[", "]", "true", "false", "null", "1", "\"user\"", "\"not\"", "\"*\"", "\"\"");
        Pattern token = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|[\\[\\]{},:]|true|false|1");
        SplittableRandom random = new SplittableRandom(7);
        int refused = 0;
        int accepted = 0;
        for (long seed = 1; seed <= 6000; seed++) {
            List<String> parts = token.matcher(JsonWriter.file(new RandomRules(seed).rules(2, false)))
                    .results()
                    .map(MatchResult::group)
                    .collect(Collectors.toCollection(ArrayList::new));
            String other = random.nextInt(4) == 0 ? "" : tokens.get(random.nextInt(tokens.size()));
            parts.set(random.nextInt(parts.size()), other);
            String mutated = String.join("", parts);
            if (isJson(mutated)) {
                assertEquals(schemaAccepts(mutated), parserAccepts(mutated), mutated);
                refused += parserAccepts(mutated) ? 0 : 1;
                accepted += parserAccepts(mutated) ? 1 : 0;
            }
        }
        assertTrue(refused > 300 && accepted > 30, refused + " refused, " + accepted + " accepted");
    }

    private static boolean isJson(String text) {
        try {
            STRICT.readTree(text);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"user\": \"a\"}",
                "{\"context\": \"a_t\"}",
                "{\"comment\": \"a\", \"context\": \"a_t\"}",
                "{\"user\": \"\", \"context\": \"a_t\"}",
                "{\"user\": [], \"context\": \"a_t\"}",
                "{\"user\": 1, \"context\": \"a_t\"}",
                "{\"users\": \"a\", \"context\": \"a_t\"}",
                "{\"everybody\": false, \"context\": \"a_t\"}",
                "{\"authenticated\": 1, \"context\": \"a_t\"}",
                "{\"role\": \"*\", \"context\": \"a_t\"}",
                "{\"network\": \"localhost\", \"context\": \"a_t\"}",
                "{\"network\": \"10.0.0.0/08\", \"context\": \"a_t\"}",
                "{\"host\": \"a:80\", \"context\": \"a_t\"}",
                "{\"path\": \"a\", \"context\": \"a_t\"}",
                "{\"path\": \"/a/*\", \"context\": \"a_t\"}",
                "{\"path\": \"/a//b\", \"context\": \"a_t\"}",
                "{\"method\": \"\", \"context\": \"a_t\"}",
                "{\"not\": {}, \"context\": \"a_t\"}",
                "{\"not\": {\"context\": \"a_t\"}, \"context\": \"a_t\"}",
                "{\"all\": [], \"context\": \"a_t\"}",
                "{\"any\": {}, \"context\": \"a_t\"}",
                "{\"user\": \"a\", \"context\": \"@nothing\"}",
                "{\"user\": \"a\", \"context\": \"*:\"}",
                "{\"user\": \"a\", \"context\": \":s0\"}",
                "{\"user\": \"a\", \"context\": \"\"}",
                "{\"user\": \"a\", \"context\": \"a_t\", \"comment\": 1}",
                "1",
            })
    void bothRefuseTheSameMistakes(String rule) {
        assertEquals(List.of(false, false), List.of(schemaAccepts(file(rule)), parserAccepts(file(rule))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"user\": \"a\", \"context\": \"a_t\", \"comment\": \"x\"}",
                "{\"everybody\": true, \"context\": \"*\"}",
                "{\"path\": \"/\", \"context\": \"*:*\"}",
                "{\"path\": \"/a/\", \"context\": \"a_t:SystemLow\"}",
                "{\"host\": [\"*.Example.com\", \"[::1]\"], \"context\": \"@login\"}",
                "{\"network\": [\"::ffff:10.0.0.0/104\", \"::/0\"], \"context\": \"@principal\"}",
            })
    void bothAcceptTheSameRules(String rule) {
        assertEquals(List.of(true, true), List.of(schemaAccepts(file(rule)), parserAccepts(file(rule))));
    }
}
