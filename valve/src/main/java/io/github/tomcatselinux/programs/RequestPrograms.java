// SPDX-License-Identifier: Apache-2.0
// How the request that this thread serves may run programs.
package io.github.tomcatselinux.programs;

import io.github.tomcatselinux.files.RequestFiles;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.ProgramConnection;
import java.util.Optional;

/** What {@link ProgramServlet} knows of the request's verdict. */
public interface RequestPrograms extends RequestFiles {

    /**
     * A confined helper for one program of the request's application, which it looks for.
     *
     * @param prefix folder within the application
     * @param path what is looked for there
     * @throws HelperException if there is none: the request must fail
     */
    ProgramConnection program(String prefix, String path) throws HelperException;

    /** Gives back the leave to use it. To be called once for each, after it was closed. */
    void programEnded();

    /** How many octets of standard output a program may write; 0 for any number. */
    long maxOutput();

    /** What log lines call the request. */
    String id();

    /** Who asks for what, in one phrase for the log. */
    String describe();

    /** Whether a request for another path of this application is answered by a file or a program, without a filter or a constraint. */
    boolean mayRedirectTo(String path);

    /** What the current thread serves; empty outside of a governed request. */
    static Optional<RequestPrograms> running() {
        return RequestFiles.current().filter(RequestPrograms.class::isInstance).map(RequestPrograms.class::cast);
    }
}
