// SPDX-License-Identifier: Apache-2.0
// What can be asked of a policy.
package io.github.tomcatselinux.mapping.cli;

/** A policy, running or in a file. Names are type names; contexts are whole and raw. */
interface Policy {
    /** Whether the policy has this type. */
    boolean hasType(String type) throws PolicyException;

    /** Whether the kernel would take the context. */
    boolean isValid(String context) throws PolicyException;

    /** Whether the policy's category constraints bind this type; if not, categories on it isolate nothing. */
    boolean isMcsConstrained(String type) throws PolicyException;

    /** Whether a process may change from the one context to the other by itself. */
    boolean mayEnter(String from, String to) throws PolicyException;

    /** Whether the type can never be allowed more than the other. */
    boolean isBoundedBy(String type, String bound) throws PolicyException;
}
