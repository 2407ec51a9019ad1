// SPDX-License-Identifier: Apache-2.0
// What an upload does to a file that is there already.
package io.github.tomcatselinux.launcher;

/** Each with its number in the protocol. */
public enum Overwrite {
    /** Nothing: it is refused. */
    NEVER(0),
    /** Takes its place at once and whole, if the new file's label, owner and access control list are those of the old. */
    SAME_LABEL(1),
    /** Is written into it: the label stays, and whoever reads meanwhile may get some of both. */
    IN_PLACE(2);

    private final int number;

    Overwrite(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
