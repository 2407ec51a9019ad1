// SPDX-License-Identifier: Apache-2.0
// A network in CIDR form.
package io.github.tomcatselinux.mapping;

/** All addresses of one family that share the first {@code prefix} bits of {@code base}; the other bits of it are zero. */
public record Network(IpAddress base, int prefix) {
    /** Refuses a prefix longer than the address, and clears the bits behind it. */
    public Network {
        if (prefix < 0 || prefix > base.bits()) {
            throw new IllegalArgumentException("prefix " + prefix + " of " + base.bits());
        }
        base = new IpAddress(
                base.v4(), base.high() & highMask(base.v4(), prefix), base.low() & lowMask(base.v4(), prefix));
    }

    private static long highMask(boolean v4, int prefix) {
        if (v4 || prefix == 0) {
            return 0;
        }
        return prefix >= 64 ? -1L : -1L << (64 - prefix);
    }

    private static long lowMask(boolean v4, int prefix) {
        int bits = v4 ? prefix + 32 : prefix - 64;
        if (bits <= 0) {
            return 0;
        }
        return bits >= 64 ? -1L : -1L << (64 - bits);
    }

    /** Whether the address is of this family and inside. An IPv6 network holds no IPv4 address, not even {@code ::/0}. */
    public boolean contains(IpAddress address) {
        return address.v4() == base.v4()
                && ((address.high() ^ base.high()) & highMask(base.v4(), prefix)) == 0
                && ((address.low() ^ base.low()) & lowMask(base.v4(), prefix)) == 0;
    }

    /** Whether every address of the other network is inside this one. */
    public boolean contains(Network other) {
        return other.prefix >= prefix && contains(other.base);
    }

    /** The CIDR form; a single address is written without its prefix length. */
    @Override
    public String toString() {
        return prefix == base.bits() ? base.toString() : base + "/" + prefix;
    }
}
