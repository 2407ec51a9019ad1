// SPDX-License-Identifier: Apache-2.0
// The right-hand sides of rules that are not contexts.
package io.github.tomcatselinux.mapping;

import java.util.Arrays;
import java.util.Optional;

/** A right-hand side that is a word, not a context. */
public enum SpecialTerm implements Target {
    /** The context that the authentication supplied; must be among the allowed contexts. */
    PRINCIPAL("@principal"),
    /** The base webapp domain at the range of the person's own Linux login; must be among the allowed contexts. */
    LOGIN("@login"),
    /** Nothing is dispatched for this request: it runs as the server does. */
    UNCHANGED("@unchanged"),
    /** The request is refused with 403. */
    DENY("@deny");

    /** All words, for messages. */
    static final String WORDS = "@principal, @login, @unchanged or @deny";

    private final String word;

    SpecialTerm(String word) {
        this.word = word;
    }

    /** The term as it stands in a file. */
    public String word() {
        return word;
    }

    static Optional<SpecialTerm> of(String word) {
        return Arrays.stream(values()).filter(term -> term.word.equals(word)).findFirst();
    }

    @Override
    public String toString() {
        return word;
    }
}
