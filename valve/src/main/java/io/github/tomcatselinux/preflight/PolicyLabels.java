// SPDX-License-Identifier: Apache-2.0
// The labels that the policy has for names of files.
package io.github.tomcatselinux.preflight;

import io.github.tomcatselinux.kernel.SecurityContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Asks the command that administrators ask: libselinux's function for it is deprecated, and what replaces it is long. */
public final class PolicyLabels {
    private PolicyLabels() {}

    /** The label that {@code restorecon} would give a file; empty if there is none, or nobody knows. */
    public static Optional<SecurityContext> of(Path file) {
        return context(List.of("matchpathcon", "-n", file.toString()));
    }

    private static Optional<SecurityContext> context(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? Optional.of(SecurityContext.parse(line)) : Optional.empty();
        } catch (IOException absent) {
            return Optional.empty();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
