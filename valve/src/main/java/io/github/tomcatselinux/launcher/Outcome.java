// SPDX-License-Identifier: Apache-2.0
// What an answer of a helper begins with.
package io.github.tomcatselinux.launcher;

/**
 * Whether it could be done.
 *
 * @param errno 0, or the kernel's refusal (errno(3))
 * @param refusedBy who refused, where the errno says that it was refused; for the log only
 * @param root which of the granted roots answered, from 0
 */
public record Outcome(int errno, RefusedBy refusedBy, int root) {

    /** Done, by the first root. */
    public static final Outcome DONE = new Outcome(0, RefusedBy.NOBODY, 0);

    /** Who said no, in the order of the protocol's numbers. */
    public enum RefusedBy {
        /** Nobody did. */
        NOBODY,
        /** Owner, group, mode or ACL. */
        PERMISSIONS,
        /** The policy. */
        SELINUX,
        /** It could not be found out. */
        UNKNOWN;

        static RefusedBy of(int number) {
            return number >= 0 && number < values().length ? values()[number] : UNKNOWN;
        }
    }

    /** It may be there, and this context may not have it. */
    public boolean isDenied() {
        return Errno.isDenied(errno);
    }

    /** There is no such object, as far as this context can tell. */
    public boolean isAbsent() {
        return Errno.isAbsent(errno);
    }
}
