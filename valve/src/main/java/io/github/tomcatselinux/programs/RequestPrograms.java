// SPDX-License-Identifier: Apache-2.0
// How the request that this thread serves may run programs.
package io.github.tomcatselinux.programs;

import io.github.tomcatselinux.files.RequestFiles;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.ProgramConnection;
import java.util.List;
import java.util.Optional;

/** What {@link ProgramServlet} knows of the request's verdict. */
public interface RequestPrograms extends RequestFiles {

    /** The folders that programs of the request's application may lie in, in the order in which they are looked into. */
    List<ProgramFolder> programFolders();

    /**
     * A confined helper for one program, which it looks for.
     *
     * @param folder of the request's application
     * @param prefix folder within that one
     * @param path what is looked for there
     * @throws HelperException if there is none: the request must fail
     */
    ProgramConnection program(ProgramFolder folder, String prefix, String path) throws HelperException;

    /** Ends the helper, if there is one, and gives back the leave to use it. */
    void programEnded();

    /** The program has ended, by itself or not. */
    void exited(ProgramConnection.Exit exit);

    /** Whether a program is run only if the policy takes it to another domain than the request's. */
    boolean mustChangeDomain();

    /** How many octets of standard output a program may write; 0 for any number. */
    long maxOutput();

    /** What log lines call the request. */
    String id();

    /** Who asks for what, in one phrase for the log. */
    String describe();

    /** Has a thread of the server's write a line to the log: a confined one may not be able to. */
    void log(Runnable line);

    /** Whether a request for another path of this application is answered by a file or a program, without a filter or a constraint. */
    boolean mayRedirectTo(String path);

    /** What the current thread serves; empty outside of a governed request. */
    static Optional<RequestPrograms> running() {
        return RequestFiles.current().filter(RequestPrograms.class::isInstance).map(RequestPrograms.class::cast);
    }
}
