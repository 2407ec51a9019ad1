// SPDX-License-Identifier: Apache-2.0
// A context was not written as one.
package io.github.tomcatselinux.mapping;

/** The text is no {@code domain:range}; says where, what was expected, and what to write. */
public final class ContextException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int column;
    private final String expected;
    private final String hint;

    ContextException(int column, String message, String expected, String hint) {
        super(message);
        this.column = column;
        this.expected = expected;
        this.hint = hint;
    }

    ContextException shifted(int by) {
        return new ContextException(column + by, super.getMessage(), expected, hint);
    }

    /** Where in the text, from 1. */
    public int column() {
        return column;
    }

    /** What would have been right; may be empty. */
    public String expected() {
        return expected;
    }

    /** What to write instead; may be empty. */
    public String hint() {
        return hint;
    }

    /** The bare message, without what was expected and without the hint. */
    public String problem() {
        return super.getMessage();
    }

    /** Message, expectation and hint in one line. */
    @Override
    public String getMessage() {
        StringBuilder text = new StringBuilder(super.getMessage());
        if (!expected.isEmpty()) {
            text.append(": expected ").append(expected);
        }
        if (!hint.isEmpty()) {
            text.append("; ").append(hint);
        }
        return text.toString();
    }
}
