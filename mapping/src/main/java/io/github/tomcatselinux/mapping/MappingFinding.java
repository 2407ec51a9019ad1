// SPDX-License-Identifier: Apache-2.0
// One thing that is wrong, or doubtful, in a mapping file.
package io.github.tomcatselinux.mapping;

/**
 * A finding and its place.
 *
 * @param severity whether it refuses the file
 * @param file the file as the administrator named it
 * @param line from 1; 0 if it is about the file as a whole
 * @param column from 1, counted in characters; 0 if it is about the line as a whole
 * @param message what is wrong
 * @param found the text it is about, escaped and quoted; empty if there is none
 * @param expected what would have been right; empty if that goes without saying
 * @param hint what to write or do instead; empty if there is nothing to add
 */
public record MappingFinding(
        Severity severity,
        String file,
        int line,
        int column,
        String message,
        String found,
        String expected,
        String hint) {

    static MappingFinding aboutFile(String file, String message, String hint) {
        return new MappingFinding(Severity.ERROR, file, 0, 0, message, "", "", hint);
    }

    /** {@code file}, {@code file:line} or {@code file:line:column}. */
    public String location() {
        if (line == 0) {
            return file;
        }
        return column == 0 ? file + ":" + line : file + ":" + line + ":" + column;
    }

    /** One line: place, severity, message, what was found and expected, hint. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(location());
        text.append(": ").append(severity.word()).append(": ").append(message);
        if (!found.isEmpty()) {
            text.append(": found ").append(found);
            if (!expected.isEmpty()) {
                text.append(", expected ").append(expected);
            }
        } else if (!expected.isEmpty()) {
            text.append(": expected ").append(expected);
        }
        if (!hint.isEmpty()) {
            text.append("; ").append(hint);
        }
        return text.toString();
    }
}
