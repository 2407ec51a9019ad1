// SPDX-License-Identifier: Apache-2.0
// docs/reference.md has every attribute that the valve takes, and its default; so have the pages of the realm and the
// filter.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.identities.Lookup;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
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
    private static final String KNOWN = "known are: ";
    private static final Pattern SETTING = Pattern.compile("(\\w+)=\\[(.*)]");

    /** What the launcher limits by itself: an attribute that is not set says nothing of it. */
    private static final Set<String> OF_THE_LAUNCHER =
            Set.of("maxMemory", "maxCpuTime", "maxFileSize", "maxOpenFiles", "maxProcesses");

    /** Without one of them there is no valve. */
    private static final Map<String, String> LEAST = Map.of("defaultContext", "*:s0");

    /** The attributes of the page, each with its default as it is written there. */
    private static Map<String, String> documented() throws Exception {
        Map<String, String> defaults = documented("reference.md", "attribute");
        assertEquals("", defaults.remove("className"));
        return defaults;
    }

    /** What the first table of a page has that begins with this word. */
    private static Map<String, String> documented(String page, String kind) throws Exception {
        Map<String, String> defaults = new TreeMap<>();
        List<String> lines = Files.readAllLines(Path.of("../docs", page));
        int head = lines.indexOf("| " + kind + " | default | meaning |");
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
        return defaults;
    }

    /** What a message says is known. */
    private static Set<String> known(Exception refused) {
        String message = refused.getMessage();
        String known = message.substring(message.indexOf(KNOWN) + KNOWN.length());
        return Set.of(known.split(";", 2)[0].split(", ", -1));
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

    @Test
    void hasEveryAttributeOfTheRealmWithItsDefault() throws Exception {
        Map<String, String> documented = documented("identities.md", "attribute");
        Set<String> known = new TreeSet<>();
        for (String kind : List.of("dataSourceName", "connectionURL")) {
            ContextRealmSettings settings = new ContextRealmSettings(
                    Map.of(kind, "x", "query", "?", "userSearch", "{0}", "misspelt", "x"), BASE);
            known.addAll(known(assertThrows(
                    ConfigurationException.class,
                    () -> settings.source(() -> {
                        throw new IllegalStateException("there is no database");
                    }))));
        }
        assertEquals(known, documented.keySet());
        Lookup.Limits limits = new ContextRealmSettings(Map.of(), BASE).limits();
        assertEquals(
                List.of(
                        String.valueOf(limits.patience().toSeconds()),
                        String.valueOf(limits.threads()),
                        String.valueOf(limits.cacheSize()),
                        String.valueOf(limits.cacheAge().toSeconds())),
                List.of("timeout", "connections", "cacheSize", "cacheAge").stream()
                        .map(documented::get)
                        .toList());
    }

    @Test
    void hasEveryParameterOfTheFilter() throws Exception {
        FilterConfig config = (FilterConfig) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {FilterConfig.class},
                (proxy, method, arguments) -> Collections.enumeration(List.of("misspelt")));
        assertEquals(
                known(assertThrows(ServletException.class, () -> new SelinuxFilter().init(config))),
                documented("filter.md", "init parameter").keySet());
    }
}
