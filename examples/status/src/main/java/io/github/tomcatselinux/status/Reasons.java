// SPDX-License-Identifier: Apache-2.0
// What it means that somebody refused, for people.
package io.github.tomcatselinux.status;

import java.util.Map;

/** The words of {@code refusedBy} that {@code docs/logging.md} lists. */
final class Reasons {
    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry(
                    "selinux", "the kernel, because of the SELinux policy: the context may not do that with this file"),
            Map.entry(
                    "permissions",
                    "the kernel, because of owner, mode or access control list; SELinux was not the reason"),
            Map.entry("unknown", "the kernel; whether by SELinux or by Unix permissions could not be found out"),
            Map.entry("conflict", "the helper: the upload would have changed label, owner or access control list"),
            Map.entry("rule", "a rule says @deny"),
            Map.entry("no-rule", "no rule matches, and onNoMatch is deny"),
            Map.entry("no-context", "the rule leaves the context to somebody who supplied none that may be used"),
            Map.entry("filter", "SelinuxFilter: the application's user would have got a context that is not narrower"),
            Map.entry("no-way", "it is to be confined, and nothing can confine it"),
            Map.entry("welcome-file", "without the hidden welcome file other security constraints would have applied"),
            Map.entry("failed", "launcher or kernel did not confine it, and will not the next time"),
            Map.entry("unavailable", "the launcher, a helper or a thread is not there"),
            Map.entry("overload", "as many requests are served and wait as may"),
            Map.entry("flood", "the client was refused too often in too short a time"),
            Map.entry("not-enforcing", "SELinux does not enforce any more"));

    private Reasons() {}

    /** In words; the word itself where it is none of these. */
    static String of(String refusedBy) {
        return WORDS.getOrDefault(refusedBy, refusedBy);
    }
}
