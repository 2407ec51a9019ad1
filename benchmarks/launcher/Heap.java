// SPDX-License-Identifier: Apache-2.0
// Starts the launcher as the valve does, as a child of a JVM, whose heap the command line makes as large as is wanted.
import java.io.IOException;

final class Heap {
    private Heap() {}

    public static void main(String[] command) throws IOException, InterruptedException {
        Process launcher = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        // Ends with the launcher's standard input, which is ours to keep open.
        System.exit(launcher.waitFor());
    }
}
