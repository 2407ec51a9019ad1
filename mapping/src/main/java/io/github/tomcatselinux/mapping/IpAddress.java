// SPDX-License-Identifier: Apache-2.0
// An IPv4 or IPv6 address, read strictly from its literal.
package io.github.tomcatselinux.mapping;

import java.util.Optional;

/**
 * An address as two longs; IPv4 uses the lowest 32 bits. Two addresses are equal when they name the same node: an
 * IPv4-mapped IPv6 address is that IPv4 address, and a zone id ({@code %eth0}) is dropped.
 */
public record IpAddress(boolean v4, long high, long low) {
    private static final long MAPPED_PREFIX = 0xffffL;
    private static final int MAX_LITERAL = 128;

    /** Refuses an IPv4 address with bits outside its 32. */
    public IpAddress {
        if (v4 && (high != 0 || (low >>> 32) != 0)) {
            throw new IllegalArgumentException("an IPv4 address has 32 bits");
        }
    }

    /**
     * Reads an address literal as Tomcat, RemoteIpValve or an administrator writes it: dotted IPv4 without leading zeros,
     * any RFC 4291 form of IPv6, the latter also in brackets and with a zone id. Everything else, host names included, is
     * empty: no name is ever looked up.
     */
    public static Optional<IpAddress> parse(String literal) {
        if (literal.isEmpty() || literal.length() > MAX_LITERAL) {
            return Optional.empty();
        }
        if (literal.charAt(0) == '[') {
            if (literal.charAt(literal.length() - 1) != ']') {
                return Optional.empty();
            }
            return parseV6(withoutZone(literal.substring(1, literal.length() - 1)));
        }
        if (literal.indexOf(':') < 0) {
            long bits = parseV4(literal);
            return bits < 0 ? Optional.empty() : Optional.of(new IpAddress(true, 0, bits));
        }
        return parseV6(withoutZone(literal));
    }

    private static String withoutZone(String literal) {
        int percent = literal.indexOf('%');
        if (percent < 0) {
            return literal;
        }
        if (percent == literal.length() - 1) {
            return "";
        }
        for (int i = percent + 1; i < literal.length(); i++) {
            char c = literal.charAt(i);
            if (!isAsciiLetterOrDigit(c) && c != '_' && c != '.' && c != '-') {
                return "";
            }
        }
        return literal.substring(0, percent);
    }

    private static boolean isAsciiLetterOrDigit(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    /** The 32 bits of a dotted literal, or -1. A leading zero is refused: some readers take it for octal. */
    private static long parseV4(String text) {
        long bits = 0;
        int position = 0;
        for (int part = 0; part < 4; part++) {
            if (part > 0) {
                if (position >= text.length() || text.charAt(position) != '.') {
                    return -1;
                }
                position++;
            }
            int start = position;
            int value = 0;
            while (position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9') {
                value = value * 10 + (text.charAt(position) - '0');
                position++;
                if (position - start > 3) {
                    return -1;
                }
            }
            int digits = position - start;
            if (digits == 0 || value > 255 || (digits > 1 && text.charAt(start) == '0')) {
                return -1;
            }
            bits = bits << 8 | value;
        }
        return position == text.length() ? bits : -1;
    }

    private static Optional<IpAddress> parseV6(String text) {
        int[] groups = new int[8];
        int count = 0;
        int gap = -1;
        int position = 0;
        if (text.startsWith("::")) {
            gap = 0;
            position = 2;
        } else if (text.isEmpty() || text.charAt(0) == ':') {
            return Optional.empty();
        }
        while (position < text.length()) {
            int colon = text.indexOf(':', position);
            int end = colon < 0 ? text.length() : colon;
            String group = text.substring(position, end);
            if (group.indexOf('.') >= 0) {
                long embedded = colon < 0 && count <= 6 ? parseV4(group) : -1;
                if (embedded < 0) {
                    return Optional.empty();
                }
                groups[count++] = (int) (embedded >>> 16);
                groups[count++] = (int) (embedded & 0xffff);
                break;
            }
            int value = parseGroup(group);
            if (value < 0 || count == 8) {
                return Optional.empty();
            }
            groups[count++] = value;
            if (colon < 0) {
                break;
            }
            position = colon + 1;
            if (position < text.length() && text.charAt(position) == ':') {
                if (gap >= 0) {
                    return Optional.empty();
                }
                gap = count;
                position++;
            } else if (position == text.length()) {
                return Optional.empty();
            }
        }
        if (gap < 0 ? count != 8 : count > 7) {
            return Optional.empty();
        }
        return Optional.of(assemble(groups, count, gap));
    }

    private static int parseGroup(String group) {
        if (group.isEmpty() || group.length() > 4) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < group.length(); i++) {
            char c = group.charAt(i);
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static IpAddress assemble(int[] groups, int count, int gap) {
        long high = 0;
        long low = 0;
        int missing = 8 - count;
        for (int i = 0; i < 8; i++) {
            int value;
            if (gap < 0 || i < gap) {
                value = groups[i];
            } else if (i < gap + missing) {
                value = 0;
            } else {
                value = groups[i - missing];
            }
            if (i < 4) {
                high = high << 16 | value;
            } else {
                low = low << 16 | value;
            }
        }
        return of6(high, low);
    }

    /** The IPv6 address of these 128 bits, folded to IPv4 if it is a mapped one (RFC 4291, 2.5.5.2). */
    static IpAddress of6(long high, long low) {
        if (high == 0 && (low >>> 32) == MAPPED_PREFIX) {
            return new IpAddress(true, 0, low & 0xffffffffL);
        }
        return new IpAddress(false, high, low);
    }

    /** 32 or 128. */
    int bits() {
        return v4 ? 32 : 128;
    }

    /** The literal: dotted IPv4, or IPv6 as RFC 5952 recommends. */
    @Override
    public String toString() {
        if (v4) {
            return (low >>> 24) + "." + (low >>> 16 & 0xff) + "." + (low >>> 8 & 0xff) + "." + (low & 0xff);
        }
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (int) ((i < 4 ? high >>> (48 - 16 * i) : low >>> (112 - 16 * i)) & 0xffff);
        }
        int bestStart = -1;
        int bestLength = 1;
        for (int i = 0; i < 8; i++) {
            int length = 0;
            while (i + length < 8 && groups[i + length] == 0) {
                length++;
            }
            if (length > bestLength) {
                bestStart = i;
                bestLength = length;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
                continue;
            }
            if (text.length() > 0 && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
