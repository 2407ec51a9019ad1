// SPDX-License-Identifier: Apache-2.0
// Commands that add to the policy.
package io.github.tomcatselinux.preflight;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Each is one line for a shell of root's, and can be taken back with {@code semodule -r}. */
public final class PolicyModule {
    private PolicyModule() {}

    /**
     * Installs statements in the language of policy modules (CIL).
     *
     * @param about the type that they are about
     */
    static String command(String about, Collection<String> statements) {
        String file = "local_" + about + ".cil";
        String quoted =
                statements.stream().map(statement -> "'" + statement + "'").collect(Collectors.joining(" "));
        return "printf '%s\\n' " + quoted + " >" + file + " && semodule -i " + file;
    }

    /** Bounds a domain for threads by the server's. */
    public static String bounds(String server, String domain) {
        return command(domain + "_bounds", List.of("(typebounds " + server + " " + domain + ")"));
    }

    /** Makes a domain that does not exist yet by our own template, with all that belongs to it. */
    static String template(String name) {
        return "printf 'policy_module(%s, 1.0)\\ntomcat_webapp_template(%s)\\n' " + name + " " + name + " >" + name
                + ".te && make -f /usr/share/selinux/devel/Makefile " + name + ".pp && semodule -i " + name + ".pp";
    }
}
