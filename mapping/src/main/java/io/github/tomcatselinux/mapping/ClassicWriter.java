// SPDX-License-Identifier: Apache-2.0
// Writes rules in the classic format, as far as it can say them.
package io.github.tomcatselinux.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The inverse of {@link ClassicParser}. A rule with alternatives becomes one line for each of them. */
public final class ClassicWriter {
    private ClassicWriter() {}

    /** The lines of a rule; empty if it has conditions that must hold together, or one on host, path or method. */
    public static Optional<List<String>> lines(Rule rule) {
        Condition normal = Conditions.normal(rule.condition());
        List<Condition> alternatives = normal instanceof Condition.Any any ? any.conditions() : List.of(normal);
        List<String> lines = new ArrayList<>(alternatives.size());
        for (Condition alternative : alternatives) {
            Optional<String> identifier = identifier(alternative);
            if (identifier.isEmpty()) {
                return Optional.empty();
            }
            lines.add(identifier.get() + "\t" + target(rule.target()));
        }
        return Optional.of(lines);
    }

    private static Optional<String> identifier(Condition condition) {
        if (condition instanceof Condition.Not not) {
            return literal(not.condition()).map(literal -> "!" + literal);
        }
        if (condition instanceof Condition.Everybody) {
            return Optional.of("*");
        }
        if (condition instanceof Condition.Authenticated who) {
            return Optional.of(who.expected() ? "!__anonymous__" : "__anonymous__");
        }
        return literal(condition);
    }

    private static Optional<String> literal(Condition condition) {
        if (condition instanceof Condition.User user) {
            return Optional.of(isBareUser(user.name()) ? user.name() : Quoted.literal(user.name()));
        }
        if (condition instanceof Condition.Role role) {
            return Optional.of("@" + (isBareRole(role.name()) ? role.name() : Quoted.literal(role.name())));
        }
        if (condition instanceof Condition.From from) {
            return Optional.of(from.network().toString());
        }
        return Optional.empty();
    }

    private static boolean isBareUser(String name) {
        return isBare(name)
                && name.charAt(0) != '@'
                && !name.equals("*")
                && !ClassicParser.resemblesAnonymous(name)
                && !NetworkSyntax.looksLikeAddress(name);
    }

    private static boolean isBareRole(String name) {
        return isBare(name);
    }

    private static boolean isBare(String name) {
        return name.charAt(0) != '"'
                && name.charAt(0) != '!'
                && !name.endsWith("\\")
                && name.codePoints().allMatch(c -> c != ' ' && c != '#' && Quoted.isPlain(c));
    }

    private static String target(Target target) {
        if (target instanceof ContextTemplate context && context.range().isEmpty()) {
            return context.domain().orElse("*") + ":*";
        }
        String text = target.toString();
        return text.indexOf(' ') >= 0 ? Quoted.literal(text) : text;
    }
}
