// SPDX-License-Identifier: Apache-2.0
// Reads hosts, paths and methods, which only the JSON form knows.
package io.github.tomcatselinux.mapping;

import java.util.Locale;
import java.util.regex.Pattern;

/** What a rule may compare a request's target with. */
final class RequestSyntax {
    private static final Pattern HOST = Pattern.compile("(\\*\\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\\[[0-9a-f:.]+\\]");
    private static final Pattern METHOD = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern ENCODED = Pattern.compile(".*%[0-9A-Fa-f]{2}.*");

    private RequestSyntax() {}

    /** Why a text was refused, and what to write instead. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        private final String hint;

        Refused(String message, String hint) {
            super(message, null, false, false);
            this.hint = hint;
        }

        String hint() {
            return hint;
        }
    }

    static Condition.Host host(String text) throws Refused {
        String host = text.toLowerCase(Locale.ROOT);
        if (!HOST.matcher(host).matches() || host.contains("..")) {
            String hint = host.matches("[^:]+:[0-9]+")
                    ? "leave the port out"
                    : host.chars().anyMatch(c -> c > 127) ? "write the name as it is sent: xn--..." : "";
            throw new Refused(
                    Quoted.text(text) + " is no host name; expected one such as www.example.com or *.example.com",
                    hint);
        }
        return new Condition.Host(host);
    }

    /** Reads a path; the slash at its end makes no difference and is dropped. */
    static Condition.Path path(String text) throws Refused {
        if (!text.startsWith("/")) {
            throw new Refused(Quoted.text(text) + " does not begin with a slash", "");
        }
        if (text.indexOf('*') >= 0) {
            throw new Refused(
                    Quoted.text(text) + " has a \"*\", which paths do not know",
                    "a path also stands for everything below it");
        }
        String path = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        if (path.indexOf('\0') >= 0) {
            throw new Refused("a path cannot hold a NUL", "");
        }
        if (!path.isEmpty()) {
            for (String segment : path.substring(1).split("/", -1)) {
                if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                    throw new Refused(
                            Quoted.text(text) + " is not a normalised path",
                            "requests are compared without //, /./ and /../");
                }
            }
        }
        return new Condition.Path(path);
    }

    /** Whether the path was probably meant to be decoded first. */
    static boolean looksEncoded(Condition.Path path) {
        return ENCODED.matcher(path.prefix()).matches();
    }

    static Condition.Method method(String text) throws Refused {
        if (!METHOD.matcher(text).matches()) {
            throw new Refused(Quoted.text(text) + " is no request method", "");
        }
        return new Condition.Method(text);
    }
}
