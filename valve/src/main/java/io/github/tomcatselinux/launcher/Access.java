// SPDX-License-Identifier: Apache-2.0
// What somebody means to do with a file, without doing it yet.
package io.github.tomcatselinux.launcher;

/** Each with its bits in the protocol. */
public enum Access {
    /** Change it. */
    WRITE(1 << 1),
    /** Change it and everything below it. */
    WRITE_BELOW(1 << 1 | 1 << 2);

    private final int bits;

    Access(int bits) {
        this.bits = bits;
    }

    int bits() {
        return bits;
    }
}
