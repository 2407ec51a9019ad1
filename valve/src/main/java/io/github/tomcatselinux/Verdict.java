// SPDX-License-Identifier: Apache-2.0
// What is to be done with one request.
package io.github.tomcatselinux;

/** A rule's decision with the valve's defaults applied. Whoever switches over it names every case. */
sealed interface Verdict {

    /** What decided: where the rule stands, {@code file:line}, or the attribute that took its place. */
    String rule();

    /**
     * Serve it under a context.
     *
     * @param context the whole context, {@code user:role:type:range}
     * @param rule what decided
     */
    record Confine(String context, String rule) implements Verdict {}

    /** Leave it to Tomcat, as a rule or {@code onNoMatch="unchanged"} says. */
    record Unchanged(String rule) implements Verdict {}

    /** Answer 403: a rule denies it. */
    record Deny(String rule) implements Verdict {}

    /**
     * Refuse it: its context was to come from elsewhere than the rules, and did not, or was none that is allowed.
     *
     * @param reason what came, and from where
     * @param passing whether asking again later may help: 503, not 403
     */
    record NoContext(String rule, String reason, boolean passing) implements Verdict {}

    /** Answer 403: no rule matches. */
    record NoMatch() implements Verdict {
        @Override
        public String rule() {
            return Configuration.ON_NO_MATCH;
        }
    }
}
