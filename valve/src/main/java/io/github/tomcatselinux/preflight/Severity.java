// SPDX-License-Identifier: Apache-2.0
// How bad a finding is.
package io.github.tomcatselinux.preflight;

import java.util.Locale;

/** In rising order. */
public enum Severity {
    /** Looked at, and found well. */
    OK,
    /** What is served may not be what was meant. */
    WARNING,
    /** Nothing is served like this, or the rules in force stay. */
    ERROR;

    /** The word that a finding's line begins with. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
