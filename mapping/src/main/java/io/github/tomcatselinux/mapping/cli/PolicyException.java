// SPDX-License-Identifier: Apache-2.0
// The policy could not be asked.
package io.github.tomcatselinux.mapping.cli;

/** Nothing is known about the contexts; the message says what is missing. */
final class PolicyException extends Exception {
    private static final long serialVersionUID = 1L;

    PolicyException(String message) {
        super(message);
    }

    PolicyException(String message, Throwable cause) {
        super(message, cause);
    }
}
