// SPDX-License-Identifier: Apache-2.0
// The valve's attributes, or the system under them, do not allow it to confine.
package io.github.tomcatselinux;

import java.util.Optional;

/** Stops the governed applications. The message names every attribute, file or part of the system that is wrong. */
public class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public ConfigurationException(String message) {
        super(message);
    }

    /** What is wrong, and what showed it. */
    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Throws one with that message, if there is one. */
    static void throwIf(Optional<String> wrong) throws ConfigurationException {
        if (wrong.isPresent()) {
            throw new ConfigurationException(wrong.get());
        }
    }
}
