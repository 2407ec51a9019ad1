// SPDX-License-Identifier: Apache-2.0
// What somebody other than the mapping file says about the context of a request.
package io.github.tomcatselinux.identities;

/** A text that is still to be checked, or the reason why there is none. There is no third, and no default. */
public sealed interface Supplied {

    /**
     * What was found.
     *
     * @param text as it was found: nobody has looked at it yet
     * @param source where it comes from, for the log
     */
    record Text(String text, String source) implements Supplied {}

    /**
     * Nothing that could be used.
     *
     * @param reason what is missing where, for the log
     * @param passing whether the source could not be asked, and may answer later
     */
    record None(String reason, boolean passing) implements Supplied {}

    /** Nobody says anything. */
    static Supplied nothing() {
        return new None("its authentication supplied none", false);
    }
}
