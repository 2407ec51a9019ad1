// SPDX-License-Identifier: Apache-2.0
// How bad a finding is.
package io.github.tomcatselinux.mapping;

/** An error refuses the whole file; a warning says that it may not mean what its author meant. */
public enum Severity {
    /** The file is refused. */
    ERROR,
    /** The file is loaded. */
    WARNING;

    /** The word in messages and in JSON. */
    public String word() {
        return this == ERROR ? "error" : "warning";
    }
}
