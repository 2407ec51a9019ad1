// SPDX-License-Identifier: Apache-2.0
// One thing that was looked at, and how it is.
package io.github.tomcatselinux.preflight;

/**
 * What a check says.
 *
 * @param severity how bad it is
 * @param fault what it is about
 * @param text one line: what is wrong, where it is written, and the command that mends it
 */
public record Finding(Severity severity, Fault fault, String text) {

    /** All is well. */
    public static Finding ok(Fault about, String text) {
        return new Finding(Severity.OK, about, text);
    }

    /** Served, but perhaps not as it was meant. */
    public static Finding warning(Fault fault, String text) {
        return new Finding(Severity.WARNING, fault, text);
    }

    /** Not served. */
    public static Finding error(Fault fault, String text) {
        return new Finding(Severity.ERROR, fault, text);
    }

    /** {@code severity: text}. */
    @Override
    public String toString() {
        return severity + ": " + text;
    }
}
