// SPDX-License-Identifier: Apache-2.0
// Rules and identities in one line each, for the tests.
package io.github.tomcatselinux.mapping;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/** Short forms. */
final class Maps {
    private Maps() {}

    static RuleSet classic(String... lines) throws MappingException {
        return Mappings.parse("selinux.map", (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Puts another file in a file's place: to be told from it, however soon after it was written. */
    static void replace(Path file, String content) throws IOException {
        Path next = Files.writeString(file.resolveSibling(file.getFileName() + ".next"), content);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static List<String> places(List<MappingFinding> findings) {
        return findings.stream().map(MappingFinding::location).toList();
    }

    static RuleSet json(String... rules) throws MappingException {
        String text = "{\"version\": 1, \"rules\": [\n" + String.join(",\n", rules) + "\n]}";
        return Mappings.parse("selinux.json", text.getBytes(StandardCharsets.UTF_8));
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

    static ContextTemplate context(String text) {
        try {
            return ContextTemplate.parse(text);
        } catch (ContextException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static Optional<Rule> rule(Decision decision) {
        if (decision instanceof Decision.Confine confine) {
            return Optional.of(confine.rule());
        } else if (decision instanceof Decision.Principal principal) {
            return Optional.of(principal.rule());
        } else if (decision instanceof Decision.Login login) {
            return Optional.of(login.rule());
        } else if (decision instanceof Decision.Unchanged unchanged) {
            return Optional.of(unchanged.rule());
        } else if (decision instanceof Decision.Deny deny) {
            return Optional.of(deny.rule());
        }
        return Optional.empty();
    }

    /** {@code "3 a_t:s0"}, {@code "2 @deny"} or {@code "none"}. */
    static String show(Decision decision) {
        return rule(decision).map(rule -> rule.line() + " " + rule.target()).orElse("none");
    }
}
