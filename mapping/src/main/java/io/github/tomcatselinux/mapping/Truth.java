// SPDX-License-Identifier: Apache-2.0
// Truth with a third value for what a request does not have.
package io.github.tomcatselinux.mapping;

/**
 * Whether a condition holds. UNKNOWN is what a condition is about something that the request lacks (the name of an
 * anonymous user, the address of a local client); its negation is unknown too, and a rule applies only if TRUE (Kleene).
 */
enum Truth {
    FALSE,
    UNKNOWN,
    TRUE;

    static Truth of(boolean value) {
        return value ? TRUE : FALSE;
    }

    Truth not() {
        return switch (this) {
            case FALSE -> TRUE;
            case UNKNOWN -> UNKNOWN;
            case TRUE -> FALSE;
        };
    }
}
