// SPDX-License-Identifier: Apache-2.0
// Who made a request, from where, and for what: all that a rule can look at.
package io.github.tomcatselinux.mapping;

import java.util.Locale;
import java.util.Optional;

/**
 * The identity of one request.
 *
 * @param user the authenticated user's name; empty means anonymous, and then {@code roles} is never asked
 * @param roles the roles of the principal
 * @param address the client's address; empty where there is none (a Unix-domain connector) or it is not a literal
 * @param host the virtual host in lower case; the empty string if unknown
 * @param path the decoded, normalised path within the host, beginning with a slash
 * @param method the request method, in its own case
 */
public record Identity(
        Optional<String> user, Roles roles, Optional<IpAddress> address, String host, String path, String method) {
    /** Refuses what the rules could not compare: a host that is not in lower case. */
    public Identity {
        if (!host.equals(host.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("host is not in lower case: " + Quoted.text(host));
        }
    }

    /** An anonymous GET of {@code /} from nowhere; each setter makes it more specific. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects an identity. */
    public static final class Builder {
        private Optional<String> user = Optional.empty();
        private Roles roles = Roles.none();
        private Optional<IpAddress> address = Optional.empty();
        private String host = "";
        private String path = "/";
        private String method = "GET";

        private Builder() {}

        /** The authenticated user. */
        public Builder user(String name) {
            user = Optional.of(name);
            return this;
        }

        /** The roles of the authenticated user. */
        public Builder roles(Roles held) {
            roles = held;
            return this;
        }

        /** The client's address. */
        public Builder address(IpAddress client) {
            address = Optional.of(client);
            return this;
        }

        /** The client's address as a literal; anything that is not one leaves the request without an address. */
        public Builder address(String literal) {
            address = IpAddress.parse(literal);
            return this;
        }

        /** The virtual host, in any case. */
        public Builder host(String name) {
            host = name.toLowerCase(Locale.ROOT);
            return this;
        }

        /** The decoded, normalised path. */
        public Builder path(String decoded) {
            path = decoded;
            return this;
        }

        /** The request method. */
        public Builder method(String name) {
            method = name;
            return this;
        }

        /** The identity collected so far. */
        public Identity build() {
            return new Identity(user, roles, address, host, path, method);
        }
    }
}
