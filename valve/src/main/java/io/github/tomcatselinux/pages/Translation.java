// SPDX-License-Identifier: Apache-2.0
// How an application's files look to whoever translates its pages.
package io.github.tomcatselinux.pages;

import io.github.tomcatselinux.files.ConfinedRoot;
import io.github.tomcatselinux.files.RequestFiles;
import io.github.tomcatselinux.files.View;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.Outcome;
import io.github.tomcatselinux.launcher.Overwrite;
import java.util.Optional;

/** Bound to the calling thread until it is closed: pages are code, and are looked up as classes are. */
final class Translation implements RequestFiles, AutoCloseable {
    private final Optional<RequestFiles> outer;

    private Translation() {
        outer = RequestFiles.bind(Optional.of(this));
    }

    /** Begins, on this thread. */
    static Translation begin() {
        return new Translation();
    }

    /** Whether the calling thread is at it. */
    static boolean isCurrent() {
        return RequestFiles.current().filter(Translation.class::isInstance).isPresent();
    }

    @Override
    public View view() {
        return View.DIRECT;
    }

    @Override
    public HelperConnection helper(ConfinedRoot root) throws HelperException {
        throw new HelperException(HelperException.Reason.REFUSED, "no helper reads code of an application");
    }

    @Override
    public boolean hidesDenied() {
        return false;
    }

    @Override
    public Overwrite overwrite() {
        return Overwrite.NEVER;
    }

    @Override
    public long bodyLength() {
        return -1;
    }

    @Override
    public void reading(long octets) {
        // Nothing is sent.
    }

    @Override
    public void refusedByKernel(String path, Outcome outcome) {
        // Only helpers tell of that.
    }

    @Override
    public void close() {
        RequestFiles.bind(outer);
    }
}
