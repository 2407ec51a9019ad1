// SPDX-License-Identifier: Apache-2.0
// What came of looking at a mapping file again.
package io.github.tomcatselinux.mapping;

/** The news of one look at the file. */
public sealed interface Reload {
    /** The file changed and is in force now. */
    record Accepted(RuleSet rules) implements Reload {}

    /** The file changed, vanished or cannot be read; the rules in force stay. Reported once, until the reason changes. */
    record Rejected(MappingException reason) implements Reload {}

    /** After a rejection the file is again what is in force. */
    record Restored() implements Reload {}
}
