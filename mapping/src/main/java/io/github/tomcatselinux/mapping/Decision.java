// SPDX-License-Identifier: Apache-2.0
// The answer of a rule set to one identity.
package io.github.tomcatselinux.mapping;

/** What the first matching rule says. Immutable and made when the rules are loaded, so that a match allocates nothing. */
public sealed interface Decision {
    /** The request runs under this context. */
    record Confine(ContextTemplate context, Rule rule) implements Decision {}

    /** The request runs under the context that the authentication supplied, if that is an allowed one. */
    record Principal(Rule rule) implements Decision {}

    /** The request runs at the range of the user's own login, if that is an allowed one. */
    record Login(Rule rule) implements Decision {}

    /** The request runs as the server does. */
    record Unchanged(Rule rule) implements Decision {}

    /** The request is refused. */
    record Deny(Rule rule) implements Decision {}

    /** No rule matched: the valve's {@code defaultContext} or {@code onNoMatch} decides. */
    record NoMatch() implements Decision {}

    /** The decision that a rule stands for. */
    static Decision of(Rule rule) {
        if (rule.target() instanceof ContextTemplate context) {
            return new Confine(context, rule);
        }
        return switch ((SpecialTerm) rule.target()) {
            case PRINCIPAL -> new Principal(rule);
            case LOGIN -> new Login(rule);
            case UNCHANGED -> new Unchanged(rule);
            case DENY -> new Deny(rule);
        };
    }
}
