// SPDX-License-Identifier: Apache-2.0
// A helper could not be had, could not confine itself, or broke.
package io.github.tomcatselinux.launcher;

import java.io.IOException;

/** No confined helper: the request must be refused. The message is for the log, never for a client. */
public class HelperException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why there is no helper, by what a caller can do about it. */
    public enum Reason {
        /** The launcher is not there, or gives no answer in time: try again later (503). */
        UNAVAILABLE,
        /** As many helpers as may be are in use: try again soon (503 with Retry-After). */
        OVERLOADED,
        /** The launcher or the kernel refused what was asked: trying again will not help (500). */
        REFUSED
    }

    private final Reason reason;

    /** A failure with its reason. */
    public HelperException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** A failure with its reason and what caused it. */
    public HelperException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Why there is no helper. */
    public Reason reason() {
        return reason;
    }
}
