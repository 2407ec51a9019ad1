// SPDX-License-Identifier: Apache-2.0
// A SELinux security context, taken apart.
package io.github.tomcatselinux.kernel;

import java.io.IOException;

/**
 * A whole context, {@code user:role:type:range}. The range may itself hold colons ({@code s0:c1,c2}).
 *
 * @param user SELinux user, not the person's name
 * @param role SELinux role
 * @param type type of an object, domain of a process
 * @param range MLS/MCS range: one level, or low and high joined by {@code -}
 */
public record SecurityContext(String user, String role, String type, String range) {

    /**
     * Takes a context apart.
     *
     * @throws IOException if it has fewer than four parts or an empty one
     */
    public static SecurityContext parse(String text) throws IOException {
        String[] parts = text.split(":", 4);
        if (parts.length < 4 || parts[0].isEmpty() || parts[1].isEmpty() || parts[2].isEmpty() || parts[3].isEmpty()) {
            throw new IOException("[" + text + "] is not a context of the form user:role:type:range");
        }
        return new SecurityContext(parts[0], parts[1], parts[2], parts[3]);
    }

    /** The low level of the range: what {@code *} means in a mapping. */
    public String lowLevel() {
        int dash = range.indexOf('-');
        return dash < 0 ? range : range.substring(0, dash);
    }

    /** The same with another type. */
    public SecurityContext of(String otherType) {
        return new SecurityContext(user, role, otherType, range);
    }

    /** The same with another range. */
    public SecurityContext at(String otherRange) {
        return new SecurityContext(user, role, type, otherRange);
    }

    @Override
    public String toString() {
        return user + ":" + role + ":" + type + ":" + range;
    }
}
