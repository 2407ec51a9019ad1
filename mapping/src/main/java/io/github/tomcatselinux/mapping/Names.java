// SPDX-License-Identifier: Apache-2.0
// What may be the name of a user or a role in both file formats.
package io.github.tomcatselinux.mapping;

import java.util.Optional;

/** Checks names. They are compared code unit by code unit and never normalised, so only impossible ones are refused. */
final class Names {
    private Names() {}

    /** What is wrong with a name, if anything. */
    static Optional<String> problem(CharSequence name) {
        if (name.length() == 0) {
            return Optional.of("the name is empty");
        }
        for (int i = 0; i < name.length(); i++) {
            int c = Character.codePointAt(name, i);
            if (c == 0) {
                return Optional.of("a name cannot hold a NUL");
            }
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                return Optional.of("a name cannot hold half a surrogate pair, " + Quoted.codePoint(c));
            }
            i += Character.charCount(c) - 1;
        }
        return Optional.empty();
    }

    /** Whether a role would stand for every user: servlet containers give {@code *} and {@code **} to all. */
    static boolean isEveryRole(String role) {
        return role.equals("*") || role.equals("**");
    }
}
