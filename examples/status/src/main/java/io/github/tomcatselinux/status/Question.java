// SPDX-License-Identifier: Apache-2.0
// What the form asks: which rule would decide such a request.
package io.github.tomcatselinux.status;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A request that somebody imagines; nothing of it is done.
 *
 * @param valve the number of the asked valve on the page
 * @param values of {@link #FIELDS}, in that order; empty for none
 */
record Question(int valve, List<String> values) {
    /** The name of the field that says which valve is asked; without it nothing is. */
    static final String VALVE = "valve";

    /** One field of the form, which is one parameter of the operation. */
    record Field(String name, String label, String hint) {}

    /** In the order of the operation's parameters. */
    static final List<Field> FIELDS = List.of(
            new Field("user", "User", "empty: nobody is authenticated"),
            new Field("roles", "Roles", "with commas between them"),
            new Field("address", "Address", "of the client, such as 192.168.1.9"),
            new Field("host", "Host", "the virtual host's name"),
            new Field("path", "Path", "decoded; empty: /"),
            new Field("method", "Method", "empty: GET"));

    Question {
        values = List.copyOf(values);
    }

    /** What the parameters of a request ask; null if nothing. */
    static Question of(HttpServletRequest request) {
        String valve = request.getParameter(VALVE);
        if (valve == null) {
            return null;
        }
        return new Question(
                valve.matches("[0-9]{1,4}") ? Integer.parseInt(valve) : -1,
                FIELDS.stream()
                        .map(field -> Objects.requireNonNullElse(request.getParameter(field.name()), ""))
                        .map(String::strip)
                        .toList());
    }

    /** The arguments of the operation. */
    Object[] arguments() {
        return values.toArray();
    }

    /** The types of its parameters. */
    static String[] signature() {
        String[] types = new String[FIELDS.size()];
        Arrays.fill(types, String.class.getName());
        return types;
    }
}
