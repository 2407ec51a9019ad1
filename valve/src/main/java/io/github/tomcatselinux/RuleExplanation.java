// SPDX-License-Identifier: Apache-2.0
// Why a request would be decided as it would be, in words.
package io.github.tomcatselinux;

import io.github.tomcatselinux.mapping.Explanation;
import io.github.tomcatselinux.mapping.Identity;
import io.github.tomcatselinux.mapping.RuleSet;
import java.util.List;
import org.apache.tomcat.util.res.StringManager;

/** For people, not for requests: it looks at every rule before the one that decides. */
final class RuleExplanation {
    private static final StringManager SM = StringManager.getManager(RuleExplanation.class);

    /** Rules before the deciding one that are told of. */
    private static final int MOST = 20;

    private RuleExplanation() {}

    /** What is done, and by which rule. */
    static String of(Verdict verdict) {
        if (verdict instanceof Verdict.Confine confine) {
            return SM.getString("explain.confine", confine.context(), confine.rule());
        }
        if (verdict instanceof Verdict.NoContext) {
            return SM.getString("explain.outside", verdict.rule());
        }
        return SM.getString(
                verdict instanceof Verdict.Unchanged ? "explain.unchanged" : "explain.refuse", verdict.rule());
    }

    /** The rules before the one that decides, the nearest last, each with why it does not match. */
    static String mismatches(RuleSet rules, Identity identity) {
        List<Explanation.Mismatch> earlier = Explanation.of(rules, identity).earlier();
        StringBuilder text = new StringBuilder();
        if (earlier.size() > MOST) {
            text.append('\n').append(SM.getString("explain.more", String.valueOf(earlier.size() - MOST)));
        }
        earlier.stream()
                .skip(Math.max(0, earlier.size() - MOST))
                .forEach(mismatch -> text.append('\n')
                        .append(SM.getString(
                                "explain.mismatch",
                                mismatch.rule().location(),
                                mismatch.rule().source(),
                                mismatch.reason())));
        return text.toString();
    }
}
