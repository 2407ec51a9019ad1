// SPDX-License-Identifier: Apache-2.0
// Questions to the running kernel's SELinux, answered through selinuxfs and procfs.
package io.github.tomcatselinux.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

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

    /**
     * The state at one moment.
     *
     * @param mode what SELinux does
     * @param policyLoads how often a policy was loaded since boot: what was asked before it changed is to be asked again
     */
    public record Status(Mode mode, int policyLoads) {}

    private static final Status DISABLED = new Status(Mode.DISABLED, 0);

    /** {@code struct selinux_kernel_status}: version, sequence, enforcing, policyload, deny_unknown. */
    private static final int STATUS_LENGTH = 20;

    private static final int ENFORCING_OFFSET = 8;
    private static final int POLICY_LOAD_OFFSET = 12;

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
     * The state at this moment, from selinuxfs's {@code status}.
     *
     * @throws IOException if selinuxfs is there but does not say; a caller must treat that as "not enforcing"
     */
    public Status status() throws IOException {
        ByteBuffer status = ByteBuffer.allocate(STATUS_LENGTH).order(ByteOrder.nativeOrder());
        try (FileChannel channel = FileChannel.open(selinuxfs.resolve("status"), StandardOpenOption.READ)) {
            channel.read(status);
        } catch (NoSuchFileException absent) {
            if (Files.notExists(selinuxfs.resolve("enforce"))) {
                return DISABLED;
            }
            throw absent;
        }
        if (status.hasRemaining()) {
            throw new IOException(selinuxfs.resolve("status") + ": too short");
        }
        return new Status(
                status.getInt(ENFORCING_OFFSET) == 1 ? Mode.ENFORCING : Mode.PERMISSIVE,
                status.getInt(POLICY_LOAD_OFFSET));
    }

    /**
     * The version of the format of the policy that the kernel takes.
     *
     * @throws IOException if it cannot be read
     */
    public String policyVersion() throws IOException {
        return Files.readString(selinuxfs.resolve("policyvers")).strip();
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
        try {
            writeContext(context);
            return true;
        } catch (IOException refused) {
            // The same refusal for every wrong context and for no permission to ask: our own context is not wrong.
            writeContext(ownContext());
            return false;
        }
    }

    /**
     * Whether the domain of the context is one that the policy makes permissive ({@code semanage permissive}).
     *
     * @throws IOException if the kernel cannot be asked
     */
    public boolean isPermissiveDomain(SecurityContext context) throws IOException {
        return AccessVector.ask(selinuxfs, context, context, "process").permissive();
    }

    /**
     * Which of these permissions the loaded policy denies the one context on the other, by rule, constraint or bounds.
     *
     * @param objectClass such as {@code process}
     * @throws IOException if the kernel cannot be asked, or does not know a context, the class or a permission
     */
    public List<String> missing(
            SecurityContext source, SecurityContext target, String objectClass, List<String> permissions)
            throws IOException {
        return AccessVector.ask(selinuxfs, source, target, objectClass).missing(selinuxfs, objectClass, permissions);
    }

    /**
     * The label of what a process makes in a folder, or the context that the program in a file runs in, as the loaded
     * policy has it (selinuxfs, {@code create}).
     *
     * @param source the process
     * @param target the folder, or the program's file
     * @param objectClass {@code file}, {@code dir} or {@code process}
     * @throws IOException if the kernel cannot be asked, or does not know a context or the class
     */
    public SecurityContext created(SecurityContext source, SecurityContext target, String objectClass)
            throws IOException {
        return SecurityContext.parse(AccessVector.transaction(selinuxfs, "create", source + " " + target, objectClass));
    }

    private void writeContext(SecurityContext context) throws IOException {
        try (FileChannel channel = FileChannel.open(selinuxfs.resolve("context"), StandardOpenOption.WRITE)) {
            channel.write(bytes(context.toString()));
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
