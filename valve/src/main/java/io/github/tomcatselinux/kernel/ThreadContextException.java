// SPDX-License-Identifier: Apache-2.0
// A thread that did not take its context.
package io.github.tomcatselinux.kernel;

import java.io.IOException;

/**
 * The calling thread is not in the context that it was to take, or it is not known that it is. Nothing may be served on
 * it. The message names the context and what to do.
 */
public final class ThreadContextException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        /** The kernel has no SELinux, its files are not where they should be, or they do not answer. */
        UNAVAILABLE,
        /** A virtual thread has no context of its own. */
        VIRTUAL_THREAD,
        /** The loaded policy does not know the context: a type that is missing, a role that may not have it, a range. */
        UNKNOWN_CONTEXT,
        /** The policy does not let this thread take it (EACCES). */
        DENIED,
        /** A process with other threads changes only to a domain that is bounded by its own (EPERM). */
        NOT_BOUNDED,
        /** The kernel said yes, but this is not the context that is read back. */
        NOT_TAKEN
    }

    private final Reason reason;

    ThreadContextException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    ThreadContextException(Reason reason, String message, IOException cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Why the context was not taken. */
    public Reason reason() {
        return reason;
    }
}
