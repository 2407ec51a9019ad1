// SPDX-License-Identifier: Apache-2.0
// Which request this thread serves, for code that is asked for a file without being told by whom.
package io.github.tomcatselinux.files;

import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.Outcome;
import io.github.tomcatselinux.launcher.Overwrite;
import java.util.Optional;
import org.apache.catalina.WebResourceRoot;

/**
 * How the request that the current thread serves reaches files. {@link WebResourceRoot} passes no request, so it is
 * bound to the thread for as long as the request is inside our valves.
 */
public interface RequestFiles {

    /** How the files of this request are looked up. */
    View view();

    /**
     * The helper of this request for an application's files.
     *
     * @throws HelperException if there is none: the request must fail
     */
    HelperConnection helper(ConfinedRoot root) throws HelperException;

    /** Whether what this context may not read must look as if it were not there. */
    boolean hidesDenied();

    /** What an upload does to a file that is there already. */
    Overwrite overwrite();

    /** How many octets the request's body has; negative if it does not say. */
    long bodyLength();

    /** Told that a file of so many octets begins to be sent or copied. */
    void reading(long octets);

    /** Told of every object that may be there and that this request's context may not read. */
    void refusedByKernel(String path, Outcome outcome);

    /** What the current thread serves; empty outside of a governed request. */
    static Optional<RequestFiles> current() {
        return Optional.ofNullable(Binding.CURRENT.get());
    }

    /** Whether the current thread serves a request that a rule leaves unchanged; not where nobody has decided. */
    static boolean isUnchanged() {
        return current().filter(files -> files.view() == View.DIRECT).isPresent();
    }

    /**
     * Binds to the current thread.
     *
     * @return what was bound before, to be bound again at the end; may be empty
     */
    static Optional<RequestFiles> bind(Optional<? extends RequestFiles> files) {
        Optional<RequestFiles> before = current();
        if (files.isPresent()) {
            Binding.CURRENT.set(files.get());
        } else {
            Binding.CURRENT.remove();
        }
        return before;
    }

    /** Keeps the thread's binding out of the interface's public face. */
    final class Binding {
        private static final ThreadLocal<RequestFiles> CURRENT = new ThreadLocal<>();

        private Binding() {}
    }
}
