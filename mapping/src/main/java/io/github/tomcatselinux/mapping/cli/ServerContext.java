// SPDX-License-Identifier: Apache-2.0
// The context that a rule's domain and range are put into.
package io.github.tomcatselinux.mapping.cli;

/** The parts of Tomcat's own context; of its range only the low level is used. */
record ServerContext(String user, String role, String domain, String lowLevel) {
    static ServerContext parse(String text) throws PolicyException {
        String[] parts = text.split(":", 4);
        if (parts.length != 4) {
            throw new PolicyException("--server-context: \"" + text + "\" is not user:role:domain:range");
        }
        int dash = parts[3].indexOf('-');
        return new ServerContext(parts[0], parts[1], parts[2], dash < 0 ? parts[3] : parts[3].substring(0, dash));
    }

    /** A context of another domain at the low level. */
    String of(String otherDomain) {
        return user + ":" + role + ":" + otherDomain + ":" + lowLevel;
    }
}
