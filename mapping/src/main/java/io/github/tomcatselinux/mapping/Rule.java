// SPDX-License-Identifier: Apache-2.0
// One rule of a mapping file.
package io.github.tomcatselinux.mapping;

/**
 * One rule and where it stands.
 *
 * @param number its place among the rules of the set, from 0: the lowest number that matches decides
 * @param file the file as the administrator named it
 * @param line its first line, from 1
 * @param column where it begins in that line, from 1
 * @param source the rule as written, without comment
 * @param condition when it applies
 * @param target what it says
 */
public record Rule(int number, String file, int line, int column, String source, Condition condition, Target target) {
    /** {@code file:line}. */
    public String location() {
        return file + ":" + line;
    }

    @Override
    public String toString() {
        return location() + ": " + source;
    }
}
