// SPDX-License-Identifier: Apache-2.0
// Rules and identities in one line each, for the tests.
package io.github.tomcatselinux.mapping;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Short forms. */
final class Maps {
    private Maps() {}

    static RuleSet classic(String... lines) throws MappingException {
        return Mappings.parse("selinux.map", (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    static Identity user(String name, String... roles) {
        return Identity.builder().user(name).roles(Roles.of(List.of(roles))).build();
    }

    static Identity client(String address) {
        return Identity.builder().address(address).build();
    }

    static Identity anonymous() {
        return Identity.builder().build();
    }

    /** {@code "3 a_t:s0"}, {@code "2 @deny"} or {@code "none"}. */
    static String show(Decision decision) {
        if (decision instanceof Decision.Confine confine) {
            return confine.rule().line() + " " + confine.context();
        }
        if (decision instanceof Decision.Principal principal) {
            return principal.rule().line() + " @principal";
        }
        if (decision instanceof Decision.Login login) {
            return login.rule().line() + " @login";
        }
        if (decision instanceof Decision.Unchanged unchanged) {
            return unchanged.rule().line() + " @unchanged";
        }
        if (decision instanceof Decision.Deny deny) {
            return deny.rule().line() + " @deny";
        }
        return "none";
    }
}
