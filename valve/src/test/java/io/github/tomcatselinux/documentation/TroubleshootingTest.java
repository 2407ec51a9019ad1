// SPDX-License-Identifier: Apache-2.0
// docs/troubleshooting.md quotes what is really said, and names a test that brings it about.
package io.github.tomcatselinux.documentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TroubleshootingTest {
    private static final Path PAGE = Path.of("../docs/troubleshooting.md");
    private static final int LEAST_SYMPTOMS = 15;

    /** In a message a value, on the page what differs. */
    private static final String GAP = "\u0000";

    private static final Pattern VALUE = Pattern.compile("\\{\\d}");

    /** A text of a Java source; what is put together of several has a value between them. */
    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\\n]|\\\\.)*)\"");

    private static List<Path> files(String folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }

    /** All that the valve says, each with {@link #GAP} for values and without brackets around them. */
    private static List<String> messages() throws IOException {
        List<String> messages = new ArrayList<>();
        for (Path file : files("src/main/resources", "LocalStrings.properties")) {
            Properties strings = new Properties();
            try (Reader reader = Files.newBufferedReader(file)) {
                strings.load(reader);
            }
            strings.values()
                    .forEach(text -> messages.add(VALUE.matcher(text.toString().replace("''", "'"))
                            .replaceAll(GAP)
                            .replace("[" + GAP + "]", GAP)));
        }
        for (Path file : files("src/main/java", "ChildLauncher.java")) {
            String source = Files.readString(file).replaceAll("\"\\s*\\+\\s*\"", "");
            for (String statement : source.split(";", -1)) {
                messages.add(LITERAL.matcher(statement)
                        .results()
                        .map(text -> text.group(1))
                        .collect(Collectors.joining(GAP, "", GAP))
                        .replace("[" + GAP + "]", GAP));
            }
        }
        return messages;
    }

    /** Whether the line is this message, whole; where it differs the page may say more. */
    private static boolean isOf(String line, String message) {
        String words = message.replace(GAP, "");
        if (words.chars().filter(Character::isLetter).count() < 12) {
            return false;
        }
        String pattern = Stream.of(message.split(GAP, -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.compile(pattern).matcher(line).matches();
    }

    private static boolean isSaid(String line, List<String> messages) {
        String plain = line.replace("[...]", "...");
        return messages.stream().anyMatch(message -> isOf(plain, message));
    }

    @Test
    void quotesWhatIsSaidAndNamesTestsThatThereAre() throws Exception {
        List<String> messages = messages();
        NamedTests tests = new NamedTests();
        String[] symptoms = Files.readString(PAGE).split("\n### ", -1);
        for (int i = 1; i < symptoms.length; i++) {
            String symptom = symptoms[i];
            String title = symptom.substring(0, symptom.indexOf('\n'));
            for (String part : new String[] {"\n* **Why**: ", "\n* **Mend**: ", "\n* **Shown by** `"}) {
                assertEquals(1, symptom.split(Pattern.quote(part), -1).length - 1, title + " has no " + part);
            }
            String shown = symptom.substring(symptom.indexOf("* **Shown by** ")).split("\n", 2)[0];
            assertFalse(NamedTests.in(shown).isEmpty(), title);
            tests.assertThere(NamedTests.in(shown), PAGE);
            String[] blocks = symptom.split("```\n", -1);
            for (int block = 1; block < blocks.length; block += 2) {
                assertEquals(
                        List.of(),
                        blocks[block]
                                .lines()
                                .filter(line -> !isSaid(line, messages))
                                .toList(),
                        "nobody says, under " + title);
            }
        }
        assertTrue(symptoms.length > LEAST_SYMPTOMS, "too few symptoms");
    }

    @Test
    void knowsWhatNobodySays() throws Exception {
        List<String> messages = messages();
        assertFalse(isSaid("rule [...] is a nice rule", messages));
        assertFalse(isSaid("... failed open: rule [...], context [...]: ...", messages));
        assertTrue(isSaid("... failed closed: rule [...], context [...]: ...", messages));
    }
}
