// SPDX-License-Identifier: Apache-2.0
// What a report of a bug needs, without what nobody else may know.
package io.github.tomcatselinux.doctor;

import io.github.tomcatselinux.preflight.Finding;
import io.github.tomcatselinux.preflight.PipelineCheck;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The rules are in it, and of Tomcat's configuration only our own valves with their attributes; of everything else the names of
 * elements and classes. What any file has as a password is struck out wherever it comes again, as in a log.
 */
final class Bundle {
    private static final Pattern SECRET =
            Pattern.compile("(?i).*(pass|secret|credential|connectionName|connectionURL|url|token|key).*");
    private static final int FEWEST = 4;

    /** What is asked of the system. */
    private static final Map<String, List<String>> COMMANDS = new TreeMap<>(Map.of(
            "sestatus.txt", List.of("sestatus", "-v"),
            "modules.txt", List.of("semodule", "-lfull"),
            "booleans.txt", List.of("getsebool", "-a"),
            "units.txt", List.of("systemctl", "status", "--no-pager", "-n", "50", "tomcat-selinux-*", "tomcat*"),
            "log.txt", List.of("journalctl", "--no-pager", "-n", "500", "-u", "tomcat*"),
            "labels.txt",
                    List.of("ls", "-dZ", "/usr/libexec/tomcat-selinux/launcher", "/srv/tomcat", "/etc/tomcat-selinux"),
            "kernel.txt", List.of("uname", "-a")));

    private final List<Finding> findings;
    private final List<Element> files;
    private final List<Path> mappings;
    private final Set<String> secrets;

    Bundle(List<Finding> findings, List<Element> files, List<Path> mappings) {
        this.findings = findings;
        this.files = files;
        this.mappings = mappings;
        this.secrets = secrets(files);
    }

    /** Writes a ZIP that only its owner may read; one that is there already is an error. */
    void write(Path zip) throws IOException {
        Files.createFile(zip, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip, StandardOpenOption.WRITE))) {
            put(out, "findings.txt", findings.stream().map(Finding::toString).collect(Collectors.joining("\n")));
            put(
                    out,
                    "configuration.txt",
                    files.stream().map(file -> described(file, "")).collect(Collectors.joining("\n")));
            for (int i = 0; i < mappings.size(); i++) {
                put(out, "mapping-" + (i + 1) + ".txt", text(mappings.get(i)));
            }
            put(
                    out,
                    "java.txt",
                    "java " + Runtime.version() + "\n" + System.getProperty("os.name") + " "
                            + System.getProperty("os.version") + "\n");
            for (Map.Entry<String, List<String>> command : COMMANDS.entrySet()) {
                put(out, command.getKey(), output(command.getValue()));
            }
        }
    }

    private void put(ZipOutputStream out, String name, String text) throws IOException {
        out.putNextEntry(new ZipEntry(name));
        out.write(struck(text).getBytes(StandardCharsets.UTF_8));
        out.closeEntry();
    }

    /** The file, below its name. */
    private static String text(Path mapping) {
        try {
            return mapping + "\n" + Files.readString(mapping);
        } catch (IOException unreadable) {
            return mapping + ": cannot be read: " + unreadable + "\n";
        }
    }

    private static String described(Element element, String indent) {
        boolean ours = element.get("className").equals(PipelineCheck.OURS);
        String attributes = element.attributes().entrySet().stream()
                .filter(attribute -> ours || attribute.getKey().equals("className"))
                .map(attribute -> " " + attribute.getKey() + "=\"" + attribute.getValue() + "\"")
                .collect(Collectors.joining());
        String below = element.children().stream()
                .map(child -> described(child, indent + "  "))
                .collect(Collectors.joining());
        return indent + element.place() + ": " + element.name() + attributes + "\n" + below;
    }

    private String struck(String text) {
        String clean = text;
        for (String secret : secrets) {
            clean = clean.replace(secret, "[removed]");
        }
        return clean;
    }

    private static Set<String> secrets(List<Element> files) {
        return files.stream()
                .flatMap(Element::all)
                .filter(element -> !element.get("className").equals(PipelineCheck.OURS))
                .flatMap(element -> element.attributes().entrySet().stream())
                .filter(attribute -> SECRET.matcher(attribute.getKey()).matches())
                .map(Map.Entry::getValue)
                .filter(value -> value.length() >= FEWEST)
                .collect(Collectors.toSet());
    }

    private static String output(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            try (InputStream in = process.getInputStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException absent) {
            return String.join(" ", command) + ": " + absent.getMessage() + "\n";
        }
    }
}
