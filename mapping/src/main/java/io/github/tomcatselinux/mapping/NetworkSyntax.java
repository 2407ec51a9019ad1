// SPDX-License-Identifier: Apache-2.0
// Reads networks, and tells what is meant as one.
package io.github.tomcatselinux.mapping;

import java.util.Optional;
import java.util.regex.Pattern;

/** The CIDR form in both file formats. */
final class NetworkSyntax {
    private static final Pattern DOTTED = Pattern.compile("[0-9]+\\.[0-9.]*([/*-].*)?|[0-9]+\\.[0-9]+\\..*");

    private NetworkSyntax() {}

    /** A network, or why the text is none. */
    record Reading(Optional<Network> network, boolean hostBits, String problem, String hint) {
        private static Reading refused(String problem, String hint) {
            return new Reading(Optional.empty(), false, problem, hint);
        }
    }

    /** Whether nobody would take the text for a user's name: a colon, or digits with dots. */
    static boolean looksLikeAddress(String text) {
        return text.indexOf(':') >= 0
                || (text.charAt(0) >= '0'
                        && text.charAt(0) <= '9'
                        && DOTTED.matcher(text).matches());
    }

    static Reading read(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        if (literal.indexOf('%') >= 0) {
            return Reading.refused(
                    "has a zone id",
                    "write " + Quoted.text(literal.substring(0, literal.indexOf('%')))
                            + ": rules do not tell zones apart");
        }
        if (literal.startsWith("[")) {
            return Reading.refused("has brackets", "write the address without them");
        }
        Optional<IpAddress> parsed = IpAddress.parse(literal);
        if (parsed.isEmpty()) {
            return Reading.refused("is not an address", addressHint(literal));
        }
        IpAddress base = parsed.get();
        boolean folded = base.v4() && literal.indexOf(':') >= 0;
        if (slash < 0) {
            return new Reading(Optional.of(new Network(base, base.bits())), false, "", "");
        }
        int most = folded ? 128 : base.bits();
        int prefix = prefix(text.substring(slash + 1));
        if (prefix < 0 || prefix > most) {
            return Reading.refused(
                    "has no valid prefix length", "write a number from 0 to " + most + " behind the slash");
        }
        if (folded) {
            if (prefix < 96) {
                return Reading.refused(
                        "reaches out of the IPv4-mapped addresses", "write an IPv4 network, or an IPv6 one");
            }
            prefix -= 96;
        }
        Network network = new Network(base, prefix);
        return new Reading(Optional.of(network), !network.base().equals(base), "", "");
    }

    private static int prefix(String digits) {
        if (digits.isEmpty() || digits.length() > 3 || (digits.length() > 1 && digits.charAt(0) == '0')) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return value;
    }

    private static String addressHint(String literal) {
        if (literal.indexOf(':') >= 0) {
            return "";
        }
        for (String part : literal.split("\\.", -1)) {
            if (part.length() > 1 && part.charAt(0) == '0') {
                return "leave leading zeros out: some programs read them as octal";
            }
        }
        if (literal.indexOf('*') >= 0 || literal.indexOf('-') >= 0) {
            return "write the network in CIDR form such as 192.0.2.0/24";
        }
        return "";
    }
}
