// SPDX-License-Identifier: Apache-2.0
// A change of a file that was refused.
package io.github.tomcatselinux.files;

/**
 * Thrown through Tomcat's servlet, whose methods could only say that it was not done, which would become another
 * status. The valve answers it.
 */
public final class RefusedChange extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why, by what the client is told. */
    public enum Reason {
        /** This context may not: {@code deniedStatus}. */
        DENIED,
        /** There is no room: 507. */
        FULL
    }

    private final Reason reason;

    RefusedChange(Reason reason, String message) {
        // Nothing is wrong with the code on the stack.
        super(message, null, false, false);
        this.reason = reason;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }
}
