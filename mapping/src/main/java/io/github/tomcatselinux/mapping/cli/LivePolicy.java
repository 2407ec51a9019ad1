// SPDX-License-Identifier: Apache-2.0
// The policy of the running kernel.
package io.github.tomcatselinux.mapping.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Asks selinuxfs what the kernel itself would answer: {@code context} takes valid contexts only, {@code access} computes
 * a decision with all constraints. What the kernel does not tell, attributes and bounds, is asked of setools.
 */
final class LivePolicy implements Policy {
    private static final Path SELINUXFS = Path.of("/sys/fs/selinux");

    private final Path root;
    private final Setools setools = new Setools(Optional.empty());

    private LivePolicy(Path root) {
        this.root = root;
    }

    static LivePolicy open() throws PolicyException {
        return open(SELINUXFS);
    }

    static LivePolicy open(Path root) throws PolicyException {
        if (!Files.isReadable(root.resolve("policyvers"))) {
            throw new PolicyException(
                    "--live: SELinux is not enabled here (" + root + " is not mounted or not readable)");
        }
        return new LivePolicy(root);
    }

    @Override
    public boolean hasType(String type) throws PolicyException {
        return setools.seinfo("-t").contains(type);
    }

    @Override
    public boolean isValid(String context) {
        try (FileChannel channel = FileChannel.open(root.resolve("context"), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(context.getBytes(StandardCharsets.UTF_8)));
            return true;
        } catch (IOException e) {
            // The kernel's answer to a context it does not know is EINVAL, and there is no other way to ask.
            return false;
        }
    }

    @Override
    public boolean isMcsConstrained(String type) throws PolicyException {
        return setools.seinfo("-x", "-a", "mcs_constrained_type").contains(type);
    }

    @Override
    public boolean mayEnter(String from, String to) throws PolicyException {
        return may(from, to, "process", "dyntransition");
    }

    /** Whether the policy lets a context do something with another. */
    boolean may(String from, String to, String objectClass, String permission) throws PolicyException {
        Path folder = root.resolve("class").resolve(objectClass);
        try (FileChannel channel =
                FileChannel.open(root.resolve("access"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            int tclass =
                    Integer.parseInt(Files.readString(folder.resolve("index")).strip());
            int bit = Integer.parseInt(Files.readString(folder.resolve("perms").resolve(permission))
                    .strip());
            channel.write(ByteBuffer.wrap((from + " " + to + " " + tclass).getBytes(StandardCharsets.UTF_8)));
            ByteBuffer answer = ByteBuffer.allocate(256);
            channel.read(answer, 0);
            String allowed = new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8).split(" ", 2)[0];
            return (Long.parseLong(allowed, 16) >> (bit - 1) & 1) != 0;
        } catch (IOException | NumberFormatException e) {
            throw new PolicyException("--live: " + root + " cannot be asked: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean isBoundedBy(String type, String bound) throws PolicyException {
        return setools.seinfo("--typebounds").contains("typebounds " + bound + " " + type + ";");
    }
}
