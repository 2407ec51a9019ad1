// SPDX-License-Identifier: Apache-2.0
// One of the two servers that get the same requests.
package io.github.tomcatselinux.demo;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server under test.
 *
 * @param name {@code plain} or {@code confined}
 * @param address where it is; empty where it is this machine, which then has the visitors' addresses, too
 * @param port where it listens
 * @param requestLog its access log
 */
record Server(String name, Optional<String> address, int port, Path requestLog) {
    private static final Pattern FORM = Pattern.compile("(plain|confined)=(?:([0-9.]+):)?([0-9]+):(.+)");

    /** Reads {@code NAME=[ADDRESS:]PORT:LOG}. */
    static Server parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("[" + text + "] is not of the form NAME=[ADDRESS:]PORT:LOG");
        }
        return new Server(
                matcher.group(1),
                Optional.ofNullable(matcher.group(2)),
                Integer.parseInt(matcher.group(3)),
                Path.of(matcher.group(4)));
    }

    boolean isConfined() {
        return name.equals("confined");
    }
}
