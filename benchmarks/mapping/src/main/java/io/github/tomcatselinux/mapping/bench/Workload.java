// SPDX-License-Identifier: Apache-2.0
// A mapping file of any size, and requests that meet it.
package io.github.tomcatselinux.mapping.bench;

import io.github.tomcatselinux.mapping.Identity;
import io.github.tomcatselinux.mapping.Roles;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Of each hundred rules 40 name users, 10 roles, 25 IPv4 and 15 IPv6 networks, 10 are negations of each kind; the
 * negations stand at the end, so that they do not hide what comes before them, and everybody matches the last rule.
 */
final class Workload {
    /** Different roles in a file, however long it is. */
    private static final int ROLES = 20;

    private final int size;
    private final SplittableRandom random = new SplittableRandom(42);

    Workload(int size) {
        this.size = size;
    }

    byte[] file() {
        StringBuilder text = new StringBuilder(size * 40);
        int negations = size / 10;
        for (int i = 0; i < size - negations - 1; i++) {
            int kind = random.nextInt(90);
            String identifier;
            if (kind < 40) {
                identifier = user(i);
            } else if (kind < 50) {
                identifier = "@role" + random.nextInt(ROLES);
            } else if (kind < 75) {
                identifier = address4() + "/" + (16 + random.nextInt(17));
            } else {
                identifier = address6() + "/" + (32 + random.nextInt(97));
            }
            line(text, identifier);
        }
        for (int i = 0; i < negations; i++) {
            line(
                    text,
                    switch (i % 4) {
                        case 0 -> "!" + user(random.nextInt(size));
                        case 1 -> "!@role" + random.nextInt(ROLES);
                        case 2 -> "!" + address4() + "/" + (8 + random.nextInt(17));
                        default -> "!" + address6() + "/" + (32 + random.nextInt(33));
                    });
        }
        line(text, "*");
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void line(StringBuilder text, String identifier) {
        int first = random.nextInt(1023);
        text.append(identifier)
                .append("\tuser_webapp_t:s0:c")
                .append(first)
                .append(",c")
                .append(first + 1 + random.nextInt(1023 - first))
                .append('\n');
    }

    private static String user(int number) {
        return "user" + number + "@example.org";
    }

    private String address4() {
        return 10 + random.nextInt(4) + "." + random.nextInt(256) + "." + random.nextInt(256) + "."
                + random.nextInt(256);
    }

    private String address6() {
        StringBuilder address = new StringBuilder("2001:db8:").append(Integer.toHexString(random.nextInt(16)));
        for (int i = 0; i < 5; i++) {
            address.append(':').append(Integer.toHexString(random.nextInt(65536)));
        }
        return address.toString();
    }

    /** Requests of known and unknown users, with and without roles, from both kinds of addresses. */
    Identity[] requests(int count) {
        Identity[] requests = new Identity[count];
        for (int i = 0; i < count; i++) {
            Identity.Builder request = Identity.builder().address(random.nextBoolean() ? address4() : address6());
            if (random.nextInt(5) > 0) {
                request.user(user(random.nextInt(size * 2)))
                        .roles(Roles.of(List.of("staff" + random.nextInt(9), "other" + random.nextInt(9))));
            }
            requests[i] = request.build();
        }
        return requests;
    }
}
