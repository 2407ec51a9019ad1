// SPDX-License-Identifier: Apache-2.0
// What a helper proved about itself.
package io.github.tomcatselinux.launcher;

/**
 * The helper's answer once it is confined.
 *
 * @param pid its process id
 * @param measures what was in force, as a bit set (see {@code docs/protocol.md})
 * @param context what the kernel said when the helper read its own context back; empty where the kernel has no SELinux
 */
public record Confinement(long pid, int measures, String context) {
    private static final int CONTEXT = 1;
    private static final int NO_NEW_PRIVILEGES = 1 << 1;
    private static final int SYSTEM_CALL_FILTER = 1 << 3;
    private static final int NO_CAPABILITIES = 1 << 4;

    private static final int IDENTITY = 1 << 5;
    private static final int LIMITS = 1 << 6;

    /** Whether all that was asked for and every kernel we run on can do is in force; only Landlock may be missing. */
    boolean isWhole(ConfineRequest request) {
        int required = NO_NEW_PRIVILEGES | SYSTEM_CALL_FILTER | NO_CAPABILITIES;
        if (request.selinux()) {
            required |= CONTEXT;
        }
        if (!request.identity().user().isEmpty() || !request.identity().group().isEmpty()) {
            required |= IDENTITY;
        }
        if (!request.ceilings().equals(ConfineRequest.Ceilings.DEFAULT)) {
            required |= LIMITS;
        }
        return (measures & required) == required;
    }
}
