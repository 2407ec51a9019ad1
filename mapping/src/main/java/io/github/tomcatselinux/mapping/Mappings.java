// SPDX-License-Identifier: Apache-2.0
// The way in: from a file, or its bytes, to a rule set.
package io.github.tomcatselinux.mapping;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * Reads mapping files: the JSON form if the name ends in {@code .json}, else the classic one. One error refuses the whole
 * file; all of them are reported at once.
 */
public final class Mappings {
    /** A file of a million rules is smaller. */
    static final int LARGEST_FILE = 64 << 20;

    private Mappings() {}

    /** Reads a file; its name in messages is the path as given. */
    public static RuleSet read(Path file) throws MappingException {
        return read(file, file.toString());
    }

    /** Reads a file that messages are to call {@code name}, such as a path relative to {@code CATALINA_BASE}. */
    public static RuleSet read(Path file, String name) throws MappingException {
        return parse(name, content(file, name));
    }

    /** Reads rules from memory. {@code name} stands in for the file in messages. */
    public static RuleSet parse(String name, byte[] content) throws MappingException {
        Findings findings = new Findings(name);
        List<Rule> rules = rules(name, content, findings);
        if (findings.hasErrors()) {
            throw new MappingException(findings.sorted());
        }
        return RuleSet.of(rules, findings);
    }

    private static List<Rule> rules(String name, byte[] content, Findings findings) {
        if (Encoding.isUtf16(content)) {
            findings.error(1, 1, "the file is in UTF-16", "", "text in UTF-8", "");
            return List.of();
        }
        if (!name.endsWith(".json")) {
            return new ClassicParser(name, findings).read(new ClassicLines(content, findings).split());
        }
        return Encoding.decode(content, findings)
                .map(text -> new JsonRules(name, text, findings).read())
                .orElse(List.of());
    }

    /** The bytes of a regular file; anything else, a FIFO above all, is refused before it is opened. */
    static byte[] content(Path file, String name) throws MappingException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw new MappingException(List.of(MappingFinding.aboutFile(
                        name, attributes.isDirectory() ? "this is a directory" : "this is not a regular file", "")));
            }
            try (InputStream in = Files.newInputStream(file)) {
                byte[] content = in.readNBytes(LARGEST_FILE + 1);
                if (content.length > LARGEST_FILE) {
                    throw new MappingException(List.of(MappingFinding.aboutFile(
                            name, "the file is larger than " + (LARGEST_FILE >> 20) + " MiB", "")));
                }
                return content;
            }
        } catch (NoSuchFileException e) {
            throw new MappingException(MappingFinding.aboutFile(name, "there is no such file", ""), e);
        } catch (AccessDeniedException e) {
            throw new MappingException(
                    MappingFinding.aboutFile(
                            name,
                            "the file may not be read by this process",
                            "look at its owner and mode, and at its label with ls -Z"),
                    e);
        } catch (IOException e) {
            throw new MappingException(
                    MappingFinding.aboutFile(name, "the file cannot be read: " + e.getMessage(), ""), e);
        }
    }
}
