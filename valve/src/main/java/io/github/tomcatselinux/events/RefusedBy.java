// SPDX-License-Identifier: Apache-2.0
// Who or what refused a request.
package io.github.tomcatselinux.events;

import java.util.Locale;

/** The names, in lower case and with hyphens, are what events and JMX say. */
public enum RefusedBy {
    /** The kernel, because of the policy. */
    SELINUX,
    /** The kernel, because of owner, mode or access control list. */
    PERMISSIONS,
    /** The kernel, and it could not be found out why. */
    UNKNOWN,
    /** The helper: label, owner or access control list of a file would have changed. */
    CONFLICT,
    /** A rule says {@code @deny}. */
    RULE,
    /** No rule matches, and {@code onNoMatch} is {@code deny}. */
    NO_RULE,
    /** A rule leaves the context to others, and what they supply, if anything, is none that may be used. */
    NO_CONTEXT,
    /** {@code SelinuxFilter}: for whom the application names, the rules say something that is not narrower. */
    FILTER,
    /** It is to be confined, and cannot be. */
    NO_WAY,
    /** Without the hidden welcome file other security constraints would have applied. */
    WELCOME_FILE,
    /** The launcher, a helper or a thread could not confine it, and never will. */
    FAILED,
    /** The launcher or a helper is not there, or says nothing. */
    UNAVAILABLE,
    /** There are as many requests as there may be. */
    OVERLOAD,
    /** SELinux does not confine it any more. */
    NOT_ENFORCING,
    /** The valve: the kernel has refused too much to this client of late. Told in sums only. */
    FLOOD;

    /** Whether the kernel was asked, and may have a record of it. */
    public boolean isKernel() {
        return this == SELINUX || this == PERMISSIONS || this == UNKNOWN;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
