// SPDX-License-Identifier: Apache-2.0
// docs/reference.md has every attribute that the valve takes, and its default.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReferenceTest {
    private static final Path BASE = Path.of("/base");
    private static final Pattern SETTING = Pattern.compile("(\\w+)=\\[(.*)]");

    /** What the launcher limits by itself: an attribute that is not set says nothing of it. */
    private static final Set<String> OF_THE_LAUNCHER =
            Set.of("maxMemory", "maxCpuTime", "maxFileSize", "maxOpenFiles", "maxProcesses");

    /** Without one of them there is no valve. */
    private static final Map<String, String> LEAST = Map.of("defaultContext", "*:s0");

    /** The attributes of the page, each with its default as it is written there. */
    private static Map<String, String> documented() throws Exception {
        Map<String, String> defaults = new TreeMap<>();
        List<String> lines = Files.readAllLines(Path.of("../docs/reference.md"));
        int head = lines.indexOf("| attribute | default | meaning |");
        for (String line : lines.subList(head + 2, lines.size())) {
            if (!line.startsWith("|")) {
                break;
            }
            String[] cells = line.split("\\|", -1);
            String[] names = cells[1].replace("`", "").split(",", -1);
            String[] values = cells[2].replace("`", "").split(",", -1);
            for (int i = 0; i < names.length; i++) {
                String value = values[values.length == 1 ? 0 : i].strip();
                assertEquals(null, defaults.put(names[i].strip(), value), line);
            }
        }
        assertEquals("", defaults.remove("className"));
        return defaults;
    }

    private static Map<String, String> settings(Map<String, String> attributes) throws ConfigurationException {
        Map<String, String> settings = new TreeMap<>();
        for (String setting : Configuration.of(attributes, BASE).settings()) {
            Matcher parts = SETTING.matcher(setting);
            assertTrue(parts.matches(), setting);
            settings.put(parts.group(1), parts.group(2));
        }
        return settings;
    }

    private static Map<String, String> with(String name, String value) {
        Map<String, String> attributes = new HashMap<>(LEAST);
        attributes.put(name, value);
        return attributes;
    }

    @Test
    void hasEveryAttribute() throws Exception {
        Set<String> setters = new TreeSet<>();
        Arrays.stream(SelinuxValve.class.getDeclaredMethods())
                .filter(method -> method.getName().startsWith("set"))
                .filter(method -> Arrays.equals(method.getParameterTypes(), new Class<?>[] {String.class}))
                .map(method -> method.getName().substring(3))
                .forEach(name ->
                        setters.add(name.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + name.substring(1)));
        assertEquals(setters, documented().keySet());
        assertEquals(setters, settings(LEAST).keySet(), "what the log and JMX show");
    }

    @Test
    void hasTheDefaults() throws Exception {
        for (Map.Entry<String, String> attribute : documented().entrySet()) {
            String name = attribute.getKey();
            String written = attribute.getValue();
            switch (written) {
                case "none" ->
                    assertEquals(
                            "",
                            settings(Map.of(name.equals("defaultContext") ? "mappingFile" : "defaultContext", "*:s0"))
                                    .get(name),
                            name);
                case "the launcher's own" -> assertEquals("", settings(LEAST).get(name), name);
                case "as launcher" ->
                    assertEquals("/x", settings(with("launcher", "/x")).get(name), name);
                default -> {
                    String set = settings(with(name, written)).get(name);
                    if (!OF_THE_LAUNCHER.contains(name)) {
                        assertEquals(Optional.ofNullable(settings(LEAST).get(name)), Optional.of(set), name);
                    }
                }
            }
        }
    }
}
