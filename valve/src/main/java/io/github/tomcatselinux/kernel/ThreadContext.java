// SPDX-License-Identifier: Apache-2.0
// Gives the calling thread a SELinux context, which it keeps until it ends.
package io.github.tomcatselinux.kernel;

import io.github.tomcatselinux.kernel.ThreadContextException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

/**
 * The context of the thread that calls, as {@code /proc/thread-self/attr/current} has it (setcon(3), proc(5)). It can be
 * taken once: no confined domain may change it again, and the thread never gets the server's back. Whatever fails, the
 * thread must not serve anything: it is to end.
 */
public final class ThreadContext {
    /** The last part of the name of a domain that a rule names, and of its twin for threads. */
    private static final String DOMAIN_END = "_webapp_t";

    private static final String TWIN_END = "_webapp_thread_t";

    /** Longer than any context that the kernel takes: a page. */
    private static final int LONGEST = 4096;

    private final Path attribute;
    private final Selinux selinux;
    private final Object device;

    private ThreadContext(Path attribute, Selinux selinux, Object device) {
        this.attribute = attribute;
        this.selinux = selinux;
        this.device = device;
    }

    /**
     * Finds procfs, and makes sure that it is procfs and no folder that looks like it.
     *
     * @param selinux is asked why when the kernel says no
     * @throws ThreadContextException with {@link Reason#UNAVAILABLE} if it is not there
     */
    public static ThreadContext at(Path proc, Selinux selinux) throws ThreadContextException {
        Path attribute = proc.resolve("thread-self/attr/current");
        try {
            String type = Files.getFileStore(attribute).type();
            if (!type.equals("proc")) {
                throw new ThreadContextException(
                        Reason.UNAVAILABLE, "[" + attribute + "] is on a file system of type [" + type + "], not proc");
            }
            return new ThreadContext(attribute, selinux, Files.getAttribute(attribute, "unix:dev"));
        } catch (ThreadContextException wrong) {
            throw wrong;
        } catch (IOException absent) {
            throw new ThreadContextException(
                    Reason.UNAVAILABLE, "[" + attribute + "] cannot be looked at: " + absent.getMessage(), absent);
        }
    }

    /**
     * The context that a thread takes where a rule names this one: user, role and range are the same, the domain is its
     * twin for threads, {@code unpriv_webapp_thread_t} for {@code unpriv_webapp_t}. Whether the policy has it shows when it
     * is taken.
     *
     * @throws ThreadContextException with {@link Reason#UNKNOWN_CONTEXT} if the domain is none that can have a twin
     */
    public static SecurityContext twin(SecurityContext named) throws ThreadContextException {
        String type = named.type();
        if (!type.endsWith(DOMAIN_END) || type.length() == DOMAIN_END.length()) {
            throw new ThreadContextException(
                    Reason.UNKNOWN_CONTEXT,
                    "context [" + named + "]: only a domain whose name ends in " + DOMAIN_END
                            + " has a twin for threads");
        }
        String twin = type.substring(0, type.length() - DOMAIN_END.length()) + TWIN_END;
        return new SecurityContext(named.user(), named.role(), twin, named.range());
    }

    /**
     * Gives the calling thread this context, and reads it back byte for byte.
     *
     * @throws ThreadContextException if it is not known to be in this context now; it may be in this, its old or, if the
     *     kernel spells the range differently, an equal one
     */
    public void take(SecurityContext context) throws ThreadContextException {
        try (Own own = open()) {
            own.take(context);
        }
    }

    /**
     * Opens what the calling thread will take its context by, which only that thread can use.
     *
     * @throws ThreadContextException if it has none, or it cannot be opened
     */
    public Own open() throws ThreadContextException {
        if (VirtualThreads.isVirtual(Thread.currentThread())) {
            throw new ThreadContextException(
                    Reason.VIRTUAL_THREAD, "a virtual thread has no context of its own and can take none");
        }
        requireProcfs();
        try {
            // No other option: opening it in a way that may create it leaves audit records.
            return new Own(FileChannel.open(attribute, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } catch (IOException refused) {
            throw new ThreadContextException(
                    Reason.UNAVAILABLE, "[" + attribute + "] cannot be opened: " + refused.getMessage(), refused);
        }
    }

    /** The context of the thread that opened it. */
    public final class Own implements AutoCloseable {
        private final FileChannel channel;

        private Own(FileChannel channel) {
            this.channel = channel;
        }

        /**
         * Gives the thread this context, and reads it back byte for byte.
         *
         * @throws ThreadContextException as {@link ThreadContext#take}
         */
        public void take(SecurityContext context) throws ThreadContextException {
            byte[] wanted = context.toString().getBytes(StandardCharsets.UTF_8);
            try {
                channel.write(ByteBuffer.wrap(wanted));
            } catch (IOException refused) {
                throw explained(context, refused);
            }
            byte[] found = read(channel);
            if (!Arrays.equals(wanted, found)) {
                throw new ThreadContextException(
                        Reason.NOT_TAKEN,
                        "context [" + context + "] was taken, but the thread is in ["
                                + new String(found, StandardCharsets.UTF_8) + "]");
            }
        }

        @Override
        public void close() throws ThreadContextException {
            try {
                channel.close();
            } catch (IOException broken) {
                throw new ThreadContextException(
                        Reason.UNAVAILABLE, "[" + attribute + "] cannot be closed: " + broken.getMessage(), broken);
            }
        }
    }

    /**
     * The context of the calling thread.
     *
     * @throws IOException if it cannot be read or is not a context
     */
    public SecurityContext current() throws IOException {
        requireProcfs();
        try (FileChannel channel = FileChannel.open(attribute, StandardOpenOption.READ)) {
            return SecurityContext.parse(new String(read(channel), StandardCharsets.UTF_8));
        }
    }

    /** From the beginning of an open attribute, which says what is at this moment. */
    private byte[] read(FileChannel open) throws ThreadContextException {
        ByteBuffer found = ByteBuffer.allocate(LONGEST);
        try {
            open.read(found, 0);
        } catch (IOException unknown) {
            throw new ThreadContextException(
                    Reason.UNAVAILABLE,
                    "the thread's context cannot be read back from [" + attribute + "]: " + unknown.getMessage(),
                    unknown);
        }
        int length = found.position();
        // The kernel ends it with NUL.
        if (length > 0 && found.get(length - 1) == 0) {
            length--;
        }
        return Arrays.copyOf(found.array(), length);
    }

    /** Once found, procfs stays the file system that it is; what was mounted over it since has another number. */
    private void requireProcfs() throws ThreadContextException {
        try {
            if (Files.getAttribute(attribute, "unix:dev").equals(device)) {
                return;
            }
        } catch (IOException gone) {
            throw new ThreadContextException(
                    Reason.UNAVAILABLE, "[" + attribute + "] cannot be looked at: " + gone.getMessage(), gone);
        }
        throw new ThreadContextException(Reason.UNAVAILABLE, "[" + attribute + "] is no longer on procfs");
    }

    /** Errors of a write come as words in the system's language: what is wrong is asked of the kernel. */
    private ThreadContextException explained(SecurityContext context, IOException refused) {
        try {
            SecurityContext own = current();
            if (own.type().endsWith(TWIN_END)) {
                return new ThreadContextException(
                        Reason.DENIED,
                        "context [" + context + "] is not taken: this thread is in [" + own + "] and keeps it",
                        refused);
            }
            if (!selinux.isValid(context)) {
                return new ThreadContextException(
                        Reason.UNKNOWN_CONTEXT,
                        "context [" + context + "]: the loaded policy does not know it",
                        refused);
            }
            List<String> missing = selinux.missing(own, own, "process", List.of("setcurrent"));
            if (!missing.isEmpty()) {
                return denied(context, "allow " + own.type() + " self:process setcurrent", refused);
            }
            missing = selinux.missing(own, context, "process", List.of("dyntransition"));
            if (!missing.isEmpty()) {
                return denied(
                        context, "allow " + own.type() + " " + context.type() + ":process dyntransition", refused);
            }
            return new ThreadContextException(
                    Reason.NOT_BOUNDED,
                    "context [" + context + "]: the kernel refused it (" + refused.getMessage() + "); is "
                            + context.type() + " bounded by " + own.type() + "?",
                    refused);
        } catch (IOException silent) {
            return new ThreadContextException(
                    Reason.UNAVAILABLE,
                    "context [" + context + "] was not taken (" + refused.getMessage()
                            + "), and the kernel does not say why: " + silent.getMessage(),
                    refused);
        }
    }

    private static ThreadContextException denied(SecurityContext context, String rule, IOException refused) {
        return new ThreadContextException(
                Reason.DENIED,
                "context [" + context + "]: the policy does not let this thread take it, it lacks: " + rule
                        + "; or a constraint forbids it",
                refused);
    }
}
