// SPDX-License-Identifier: Apache-2.0
// Asks seinfo and sesearch.
package io.github.tomcatselinux.mapping.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Runs the commands of setools on a policy file, or on the running policy; each question is asked once. */
final class Setools {
    private static final String MISSING = "setools is needed: apt-get install setools, or dnf install setools-console";

    private final Optional<Path> policy;
    private final Map<List<String>, List<String>> answers = new ConcurrentHashMap<>();

    Setools(Optional<Path> policy) {
        this.policy = policy;
    }

    /** The indented lines that {@code seinfo} prints for a query, without their indentation. */
    List<String> seinfo(String... query) throws PolicyException {
        List<String> lines = new ArrayList<>();
        for (String line : run("seinfo", List.of(query))) {
            if (line.startsWith(" ") || line.startsWith("\t")) {
                lines.add(line.strip());
            }
        }
        return lines;
    }

    /** Whether {@code sesearch} finds a rule that allows it. */
    boolean allows(String source, String target, String tclass, String permission) throws PolicyException {
        return run("sesearch", List.of("-A", "-s", source, "-t", target, "-c", tclass, "-p", permission)).stream()
                .anyMatch(line -> line.startsWith("allow "));
    }

    private List<String> run(String program, List<String> arguments) throws PolicyException {
        List<String> command = new ArrayList<>();
        command.add(program);
        policy.ifPresent(file -> command.add(file.toString()));
        command.addAll(arguments);
        List<String> known = answers.get(command);
        if (known != null) {
            return known;
        }
        List<String> lines = execute(command);
        answers.put(command, lines);
        return lines;
    }

    private static List<String> execute(List<String> command) throws PolicyException {
        try {
            Path errors = Files.createTempFile("selinux-mapping", ".err");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectError(errors.toFile())
                        .start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                String error = Files.readString(errors).strip();
                if (process.waitFor() != 0 && !error.contains("is not a valid type")) {
                    throw new PolicyException(command.get(0) + " failed: " + error);
                }
                return output.lines().toList();
            } finally {
                Files.delete(errors);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PolicyException(command.get(0) + " was interrupted", e);
        } catch (IOException e) {
            throw new PolicyException(MISSING, e);
        }
    }
}
