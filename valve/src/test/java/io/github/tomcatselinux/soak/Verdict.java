// SPDX-License-Identifier: Apache-2.0
// What an answer is worth.
package io.github.tomcatselinux.soak;

/** Right; or an error where there was to be none, which a fault may explain; or what this user must not have, which nothing does. */
enum Verdict {
    RIGHT,
    FAILED,
    WRONG
}
