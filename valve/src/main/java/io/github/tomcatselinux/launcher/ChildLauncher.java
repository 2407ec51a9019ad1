// SPDX-License-Identifier: Apache-2.0
// The launcher as a child of this JVM.
package io.github.tomcatselinux.launcher;

import io.github.tomcatselinux.launcher.HelperException.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A launcher process of ours, on a socket in a private folder. It ends when its standard input does, so it never
 * outlives the JVM. When it dies it is started again at once; one that did not live long, or does not start, stays dead
 * until {@link #revive}. Requests in between fail.
 */
public final class ChildLauncher implements Launcher {
    private static final Duration START_PATIENCE = Duration.ofSeconds(30);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(2);
    private static final String READY = "ready ";

    /** What lived for a shorter time would only die again. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(1);

    /** Helpers that wait for their client, beside those that serve. */
    private static final int SPARE_HELPERS = 16;

    private final Path binary;
    private final Optional<String> clientDomain;
    private final boolean notEnforcing;
    private final int maxHelpers;
    private final ConfineRequest.Way way;
    private final Consumer<String> log;
    private final Path folder;
    private volatile Process process;
    private volatile Optional<Instant> ready = Optional.empty();
    private boolean closed;

    private ChildLauncher(
            Path binary,
            Optional<String> clientDomain,
            boolean notEnforcing,
            int maxHelpers,
            ConfineRequest.Way way,
            Path folder,
            Consumer<String> log) {
        this.binary = binary;
        this.clientDomain = clientDomain;
        this.notEnforcing = notEnforcing;
        this.maxHelpers = maxHelpers;
        this.way = way;
        this.folder = folder;
        this.log = log;
    }

    /**
     * Starts the binary and waits until it listens.
     *
     * @param clientDomain the domain of this JVM, the only one that may connect; empty where the kernel has no SELinux
     * @param notEnforcing let the launcher run where SELinux does not enforce
     * @param maxHelpers how many helpers may serve at a time
     * @param way what its helpers are to do
     * @param log takes what the launcher says on standard error, line by line
     * @throws HelperException with the launcher's own words if it does not start
     */
    public static ChildLauncher start(
            Path binary,
            Optional<String> clientDomain,
            boolean notEnforcing,
            int maxHelpers,
            ConfineRequest.Way way,
            Consumer<String> log)
            throws HelperException {
        if (!Files.isExecutable(binary)) {
            throw new HelperException(
                    Reason.UNAVAILABLE,
                    "launcher [" + binary + "] is missing or may not be executed: install it there, or name it in the"
                            + " attribute launcher");
        }
        ChildLauncher launcher;
        try {
            Path folder = Files.createTempDirectory(
                    "tomcat-selinux-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            launcher = new ChildLauncher(binary, clientDomain, notEnforcing, maxHelpers, way, folder, log);
        } catch (IOException refused) {
            throw new HelperException(
                    Reason.UNAVAILABLE,
                    "no private folder for the launcher's socket in [" + System.getProperty("java.io.tmpdir") + "]: "
                            + refused,
                    refused);
        }
        try {
            launcher.spawn();
        } catch (HelperException failed) {
            launcher.close();
            throw failed;
        }
        return launcher;
    }

    @Override
    public HelperConnection confined(ConfineRequest request, Optional<byte[]> file, boolean last)
            throws HelperException {
        requireAlive();
        return HelperConnection.confined(socket(), request, file, last);
    }

    @Override
    public HelperConnection finding(ConfineRequest request, ByteBuffer find) throws HelperException {
        requireAlive();
        return HelperConnection.finding(socket(), request, find);
    }

    private void requireAlive() throws HelperException {
        Process current = process;
        if (!current.isAlive()) {
            throw new HelperException(
                    Reason.UNAVAILABLE, "launcher [" + binary + "] is dead, exit status " + current.exitValue());
        }
    }

    /**
     * Starts the launcher again if it has died.
     *
     * @return whether it had
     * @throws HelperException if it does not start again
     */
    public synchronized boolean revive() throws HelperException {
        if (closed || process.isAlive()) {
            return false;
        }
        spawn();
        return true;
    }

    @Override
    public synchronized void close() {
        closed = true;
        Process current = process;
        if (current != null) {
            try {
                current.getOutputStream().close();
                if (!current.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    current.destroyForcibly();
                }
            } catch (IOException alreadyGone) {
                current.destroyForcibly();
            } catch (InterruptedException interrupted) {
                current.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        try {
            Files.deleteIfExists(socket());
            Files.deleteIfExists(folder);
        } catch (IOException left) {
            log.accept("could not remove [" + folder + "]: " + left);
        }
    }

    @Override
    public String toString() {
        return binary + " (child, pid " + process.pid() + ")";
    }

    private Path socket() {
        return folder.resolve("launcher.sock");
    }

    private void spawn() throws HelperException {
        String most = String.valueOf(maxHelpers + SPARE_HELPERS);
        List<String> command =
                new ArrayList<>(List.of(binary.toString(), "--child", "--socket", socket().toString(), "--max", most));
        command.addAll(List.of("--way", way.toString().toLowerCase(Locale.ROOT)));
        clientDomain.ifPresent(domain -> command.addAll(List.of("--client-domain", domain)));
        if (notEnforcing) {
            command.add("--not-enforcing");
        }
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(Path.of("/").toFile());
            builder.environment().clear();
            process = builder.start();
        } catch (IOException refused) {
            throw new HelperException(
                    Reason.UNAVAILABLE, "launcher [" + binary + "] cannot be run: " + refused.getMessage(), refused);
        }
        Process started = process;
        ready = Optional.empty();
        StderrReader errors = new StderrReader(started, log, () -> ended(started));
        awaitReady(started, errors);
        ready = Optional.of(Instant.now());
    }

    /** Called when its standard error has ended, which it does with the last of its helpers. */
    private void ended(Process dead) {
        Instant begun = Instant.now().minus(LONG_ENOUGH);
        if (dead != process || ready.filter(begun::isAfter).isEmpty()) {
            return;
        }
        try {
            dead.waitFor();
            if (revive()) {
                log.accept(binary + " has died, and was started again");
            }
        } catch (HelperException failed) {
            log.accept(failed.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitReady(Process started, StderrReader errors) throws HelperException {
        try (Deadline deadline = Deadline.ending(started, START_PATIENCE);
                BufferedReader out =
                        new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            if (line != null && line.startsWith(READY)) {
                return;
            }
            // Its last words first: to destroy it closes its standard error.
            String words = errors.everything();
            started.destroyForcibly();
            started.waitFor();
            throw new HelperException(
                    Reason.UNAVAILABLE,
                    "launcher [" + binary + "] did not start, exit status " + started.exitValue() + ": " + words);
        } catch (IOException broken) {
            started.destroyForcibly();
            if (broken instanceof HelperException failed) {
                throw failed;
            }
            throw new HelperException(Reason.UNAVAILABLE, "launcher [" + binary + "]: " + broken.getMessage(), broken);
        } catch (InterruptedException interrupted) {
            started.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new HelperException(Reason.UNAVAILABLE, "interrupted while the launcher started", interrupted);
        }
    }
}
