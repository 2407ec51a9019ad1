// SPDX-License-Identifier: Apache-2.0
// Whether one context can be taken, found out before the first request.
package io.github.tomcatselinux;

import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.preflight.ContextCheck;
import io.github.tomcatselinux.preflight.ContextPolicy;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * By a helper and a thread that take it; where one could not, the policy is asked why.
 *
 * @param helpers has a helper take a context
 * @param policy empty where SELinux need not confine: then nothing is held against a context
 */
record ContextTrial(Taking helpers, ServletThreads threads, Enforcement enforcement, Optional<ContextPolicy> policy)
        implements ContextCheck.Trial {

    /** Takes a context for real. */
    interface Taking {
        void take(String context) throws HelperException;
    }

    @Override
    public Optional<String> helper(String context) {
        try {
            helpers.take(context);
            return ask(context, ContextPolicy::looseness);
        } catch (HelperException failed) {
            String why = ask(context, ContextPolicy::objection)
                    .map(reason -> "; " + reason)
                    .orElse("");
            return Optional.of(failed.getMessage() + why);
        }
    }

    @Override
    public Optional<String> thread(String context) {
        return threads.objection(context);
    }

    @Override
    public Optional<String> policy(String context) {
        return enforcement
                .objection(context)
                .or(() -> ask(context, ContextPolicy::objection))
                .or(() -> threads.doubt(context));
    }

    private Optional<String> ask(
            String context, BiFunction<ContextPolicy, SecurityContext, Optional<String>> question) {
        try {
            SecurityContext asked = SecurityContext.parse(context);
            return policy.flatMap(known -> question.apply(known, asked));
        } catch (IOException wrong) {
            return Optional.of(wrong.getMessage());
        }
    }
}
