// SPDX-License-Identifier: Apache-2.0
// Questions to the running kernel's SELinux, answered through selinuxfs and procfs.
package io.github.tomcatselinux.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What the kernel itself says about SELinux. Nothing here is cached but the place to ask: libselinux answers
 * "disabled" when {@code /etc/selinux} cannot be searched, the kernel's own files do not.
 */
public final class Selinux {
    /** Whether SELinux confines anything on this machine. */
    public enum Mode {
        /** The kernel has no SELinux, or no policy is loaded. */
        DISABLED,
        /** Violations are logged and allowed. */
        PERMISSIVE,
        /** Violations are refused. */
        ENFORCING
    }

    private static final int PERMISSIVE_FLAG = 1;
    private static final int FLAGS_FIELD = 5;

    private final Path selinuxfs;
    private final Path proc;

    /** The running system. */
    public Selinux() {
        this(Path.of("/sys/fs/selinux"), Path.of("/proc"));
    }

    /** Another mount point of selinuxfs and procfs. */
    public Selinux(Path selinuxfs, Path proc) {
        this.selinuxfs = selinuxfs;
        this.proc = proc;
    }

    /**
     * The mode at this moment.
     *
     * @throws IOException if selinuxfs is there but does not say; a caller must treat that as "not enforcing"
     */
    public Mode mode() throws IOException {
        Path enforce = selinuxfs.resolve("enforce");
        if (!Files.exists(enforce)) {
            return Mode.DISABLED;
        }
        return switch (Files.readString(enforce).trim()) {
            case "1" -> Mode.ENFORCING;
            case "0" -> Mode.PERMISSIVE;
            default -> throw new IOException(enforce + ": neither 0 nor 1");
        };
    }

    /**
     * The context of this process, from {@code /proc/self/attr/current}.
     *
     * @throws IOException if it cannot be read or is not a context
     */
    public SecurityContext ownContext() throws IOException {
        String raw = Files.readString(proc.resolve("self/attr/current"));
        return SecurityContext.parse(raw.endsWith("\0") ? raw.substring(0, raw.length() - 1) : raw.stripTrailing());
    }

    /**
     * Whether the loaded policy knows the context: every part of it, and the combination (selinuxfs, {@code context}).
     *
     * @throws IOException if the kernel cannot be asked
     */
    public boolean isValid(SecurityContext context) throws IOException {
        try (FileChannel channel = FileChannel.open(selinuxfs.resolve("context"), StandardOpenOption.WRITE)) {
            channel.write(bytes(context.toString()));
            return true;
        } catch (IOException refused) {
            if (mode() == Mode.DISABLED || !"Invalid argument".equals(refused.getMessage())) {
                throw refused;
            }
            return false;
        }
    }

    /**
     * Whether the domain of the context is one that the policy makes permissive ({@code semanage permissive}).
     *
     * @throws IOException if the kernel cannot be asked
     */
    public boolean isPermissiveDomain(SecurityContext context) throws IOException {
        String processClass =
                Files.readString(selinuxfs.resolve("class/process/index")).trim();
        try (FileChannel channel =
                FileChannel.open(selinuxfs.resolve("access"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.write(bytes(context + " " + context + " " + processClass));
            ByteBuffer answer = ByteBuffer.allocate(256);
            channel.read(answer, 0);
            String[] fields = new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII)
                    .trim()
                    .split(" ", -1);
            if (fields.length <= FLAGS_FIELD) {
                throw new IOException(selinuxfs.resolve("access") + ": answer without flags");
            }
            return (Integer.parseUnsignedInt(fields[FLAGS_FIELD].replace("\0", ""), 16) & PERMISSIVE_FLAG) != 0;
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
