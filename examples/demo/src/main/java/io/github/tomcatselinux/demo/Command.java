// SPDX-License-Identifier: Apache-2.0
// Runs a program and takes what it prints.
package io.github.tomcatselinux.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Programs of the system. */
final class Command {
    private Command() {}

    /**
     * Runs to the end.
     *
     * @return standard output
     * @throws IOException if it cannot be run or fails
     */
    static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", command) + ": exit status " + status);
        }
        return output;
    }
}
