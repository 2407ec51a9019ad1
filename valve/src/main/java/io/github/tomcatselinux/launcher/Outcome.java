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

    /** Refused, nobody knows by whom. */
    public static final Outcome DENIED = new Outcome(Errno.EACCES, RefusedBy.UNKNOWN, 0);

    /** Who said no, in the order of the protocol's numbers. */
    public enum RefusedBy {
        /** Nobody did. */
        NOBODY,
        /** Owner, group, mode or ACL. */
        PERMISSIONS,
        /** The policy. */
        SELINUX,
        /** It could not be found out. */
        UNKNOWN,
        /** The helper: to replace the file would give somebody a right to it, or take one away. */
        CONFLICT;

        static RefusedBy of(int number) {
            return number >= 0 && number < values().length ? values()[number] : UNKNOWN;
        }
    }

    /** The file's label, owner or access control list would change. */
    public boolean isConflict() {
        return refusedBy == RefusedBy.CONFLICT;
    }

    /** There is no room for it. */
    public boolean isFull() {
        return Errno.isFull(errno);
    }

    /** What is there stands in its way, or the folder that it should be in is not there. */
    public boolean isMisplaced() {
        return Errno.isMisplaced(errno);
    }

    /** It may be there, and this context may not have it. */
    public boolean isDenied() {
        return Errno.isDenied(errno) && !isConflict();
    }

    /** There is no such object, as far as this context can tell. */
    public boolean isAbsent() {
        return Errno.isAbsent(errno);
    }
}
