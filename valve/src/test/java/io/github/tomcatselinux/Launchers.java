// SPDX-License-Identifier: Apache-2.0
// The launchers that tests start, and their helpers.
package io.github.tomcatselinux;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A launcher that is a valve's child, or one that is nobody's, as a service. */
final class Launchers {
    private Launchers() {}

    /** The launcher that a Tomcat has started. */
    static ProcessHandle childOf(ProcessHandle tomcat) {
        return childOf(tomcat, TestServer.LAUNCHER);
    }

    /** The one of this program. */
    static ProcessHandle childOf(ProcessHandle tomcat, Path program) {
        return tomcat.children()
                .filter(child -> child.info().command().equals(Optional.of(program.toString())))
                .findFirst()
                .orElseThrow();
    }

    /** Kills a launcher, not as one would be told to end, and waits for the end of its helpers. */
    static void kill(ProcessHandle launcher) throws Exception {
        List<ProcessHandle> family = new ArrayList<>(launcher.children().toList());
        family.add(launcher);
        launcher.destroyForcibly();
        Await.dead(family);
    }

    /** A launcher with a socket of its own. */
    static final class Service implements AutoCloseable {
        private final Path socket;
        private final List<String> command;
        private Process process;

        /** Started by root, it takes {@code --config} for an option, or {@code --child}: nothing else starts. */
        Service(Path socket, String... options) throws Exception {
            this.socket = socket;
            this.command = new ArrayList<>(
                    List.of(TestServer.LAUNCHER.toString(), "--not-enforcing", "--socket", socket.toString()));
            this.command.addAll(List.of(options));
            start();
        }

        void start() throws Exception {
            process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Await.until("the launcher does not start", this::answers);
        }

        /** Whoever connects without a word is answered by silence, so that it can be told from a stale socket. */
        private boolean answers() {
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                return process.isAlive() && channel.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        }

        void kill() throws Exception {
            Launchers.kill(process.toHandle());
        }

        @Override
        public void close() throws Exception {
            kill();
        }
    }
}
