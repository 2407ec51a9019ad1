// SPDX-License-Identifier: Apache-2.0
// Files and folders that the helper of the request on this thread makes, replaces and deletes.
package io.github.tomcatselinux.files;

import io.github.tomcatselinux.launcher.Access;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.HelperException.Reason;
import io.github.tomcatselinux.launcher.Outcome;
import io.github.tomcatselinux.launcher.Overwrite;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.catalina.connector.CoyoteInputStream;

/**
 * Returns false where Tomcat's own set does, since something is in the way; throws {@link RefusedChange} where it is
 * refused, and around a {@link HelperException} where there is no answer.
 */
final class HelperChanges {
    private static final int PIECE = 65_536;

    private final ConfinedRoot root;

    HelperChanges(ConfinedRoot root) {
        this.root = root;
    }

    boolean makeFolder(String path) {
        return attempt(path, octets -> root.helper().makeFolder(octets));
    }

    boolean delete(String path) {
        return attempt(path, octets -> root.helper().delete(octets));
    }

    /** All of the content or nothing of it: a body that ends before its time is no body. */
    boolean write(String path, InputStream content, boolean overwrite) {
        return !path.endsWith("/") && attempt(path, octets -> upload(octets, content, overwrite));
    }

    /** Whether something that is there may be changed; what is not there needs no leave. */
    boolean isAllowed(String path, Access access) throws HelperException {
        Optional<byte[]> octets = HelperPath.of(path);
        if (octets.isEmpty()) {
            return false;
        }
        Outcome outcome = root.helper().ask(octets.get(), access);
        if (outcome.isDenied()) {
            HelperFiles.hides(path, outcome);
            return false;
        }
        if (outcome.errno() != 0 && !outcome.isAbsent()) {
            throw new HelperException(Reason.REFUSED, "a file cannot be asked about: errno " + outcome.errno());
        }
        return true;
    }

    private interface Change {
        Outcome make(byte[] path) throws IOException;
    }

    private boolean attempt(String path, Change change) {
        Optional<byte[]> octets = HelperPath.of(path);
        if (octets.isEmpty() || View.isServerOnly(path)) {
            return false;
        }
        try {
            return isDone(path, change.make(octets.get()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private Outcome upload(byte[] path, InputStream content, boolean overwrite) throws IOException {
        RequestFiles request = RequestFiles.current()
                .orElseThrow(() -> new HelperException(Reason.REFUSED, "a file is written outside of a request"));
        HelperConnection helper = root.helper();
        Outcome begun = helper.create(path, overwrite ? request.overwrite() : Overwrite.NEVER);
        if (begun.errno() != 0) {
            return begun;
        }
        boolean whole = false;
        try {
            long sent = send(content, helper);
            if (content instanceof CoyoteInputStream && request.bodyLength() >= 0 && sent != request.bodyLength()) {
                throw new EOFException("the body has " + sent + " octets of " + request.bodyLength());
            }
            whole = true;
        } finally {
            if (!whole) {
                helper.abort();
            }
        }
        return helper.commit();
    }

    private static long send(InputStream content, HelperConnection helper) throws IOException {
        byte[] piece = new byte[PIECE];
        long sent = 0;
        for (int length = content.read(piece); length >= 0; length = content.read(piece)) {
            if (length > 0) {
                helper.content(piece, length);
                sent += length;
            }
        }
        return sent;
    }

    private static boolean isDone(String path, Outcome outcome) throws HelperException {
        if (outcome.errno() == 0) {
            return true;
        }
        if (outcome.isDenied() || outcome.isConflict()) {
            RequestFiles.current().ifPresent(request -> request.refusedByKernel(path, outcome));
        }
        if (outcome.isDenied()) {
            throw RefusedChange.passing(RefusedChange.Reason.DENIED, "errno " + outcome.errno());
        }
        if (outcome.isFull()) {
            throw RefusedChange.passing(RefusedChange.Reason.FULL, "errno " + outcome.errno());
        }
        if (outcome.isConflict() || outcome.isMisplaced()) {
            return false;
        }
        throw new HelperException(Reason.REFUSED, "a file cannot be changed: errno " + outcome.errno());
    }
}
