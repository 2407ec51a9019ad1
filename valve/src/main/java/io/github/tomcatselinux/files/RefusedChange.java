// SPDX-License-Identifier: Apache-2.0
// A change of a file that was refused.
package io.github.tomcatselinux.files;

import jakarta.servlet.ServletException;
import org.apache.coyote.BadRequestException;

/**
 * Thrown through Tomcat's servlet, whose methods could only say that it was not done, which would become another
 * status. The valve answers and logs it. A refusal is no error of the server's: only with this cause does Tomcat not log
 * it as one ({@code StandardWrapperValve}, {@code ApplicationDispatcher}).
 */
public final class RefusedChange extends ServletException {
    private static final long serialVersionUID = 1L;

    /** Why, by what the client is told. */
    public enum Reason {
        /** This context may not: {@code deniedStatus}. */
        DENIED,
        /** There is no room: 507. */
        FULL
    }

    private final Reason reason;

    private RefusedChange(Reason reason, String message) {
        super(message, new BadRequestException(message));
        this.reason = reason;
    }

    /** Throws one, although the methods that it passes through declare none. */
    static RuntimeException passing(Reason reason, String message) {
        return RefusedChange.<RuntimeException>undeclared(new RefusedChange(reason, message));
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException undeclared(Throwable refused) throws T {
        throw (T) refused;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }

    /** Nothing is wrong with the code on the stack. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
