// SPDX-License-Identifier: Apache-2.0
// What it means that somebody else than the policy has refused a request.
package io.github.tomcatselinux.mapping.why;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The words of {@code refusedBy} in {@code docs/logging.md}, in its order. */
public enum Refuser {
    SELINUX("the policy does not let the context have it", "look at the labels of all folders on the way: ls -dZ"),
    PERMISSIONS(
            "owner, mode or access control list do not let the helper's Unix user have it",
            "namei -l PATH shows the owner and mode of each folder on the way; then chmod, chgrp or setfacl"),
    UNKNOWN(
            "the kernel refused it, and did not say why: the policy, or owner and mode",
            "namei -l PATH shows owner and mode, ls -dZ the label of each folder on the way"),
    CONFLICT(
            "the upload would have changed label, owner or access control list of the file that is there",
            "overwrite=\"in-place\" on the valve, or take the old file away first"),
    RULE(
            "a rule says @deny",
            "if that is not meant: an earlier rule, or none; selinux-mapping explain shows which match"),
    NO_RULE("no rule matches, and onNoMatch is deny", "if it is to be served: a rule, or defaultContext"),
    NO_CONTEXT(
            "the rule leaves the context to what the login supplies, and that supplied none that may be used",
            "the source that detail names, or allowedContexts"),
    FILTER(
            "the rules say of the user whom the application names something that is not narrower than what was decided before",
            "a wider rule for the request before the application knows its user"),
    NO_WAY("it is to be confined, and nothing can confine that", "what detail names; or a rule with @unchanged"),
    WELCOME_FILE(
            "the welcome file may not be read, and the next one has other security constraints than were checked",
            "the same constraints for both"),
    FAILED(
            "launcher or kernel refused to confine it",
            "selinux-mapping check --live on the mapping, and the launcher's own log"),
    UNAVAILABLE("the launcher, a helper or a thread is not there", "systemctl status of the launcher, and its log"),
    OVERLOAD(
            "as many requests were served and waited as may",
            "maxHelpers, maxPerContext and maxQueue, if that is no attack"),
    NOT_ENFORCING("SELinux does not enforce, so nothing would be confined", "setenforce 1, and /etc/selinux/config"),
    FLOOD("the kernel had refused too much to this client before", "wait; or maxRefusals on the valve");

    private final String why;
    private final String remedy;

    Refuser(String why, String remedy) {
        this.why = why;
        this.remedy = remedy;
    }

    /** By the word that events have. */
    public static Optional<Refuser> of(String word) {
        return Arrays.stream(values())
                .filter(refuser -> refuser.name()
                        .toLowerCase(Locale.ROOT)
                        .replace('_', '-')
                        .equals(word))
                .findFirst();
    }

    /** What it means, and what would mend it. */
    public Reason reason() {
        return new Reason(why, List.of(remedy));
    }
}
