// SPDX-License-Identifier: Apache-2.0
// From the context that a request has to a narrower one, or to a refusal.
package io.github.tomcatselinux;

import io.github.tomcatselinux.events.RefusedBy;
import io.github.tomcatselinux.files.ConfinedRoot;
import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.mapping.AllowedContexts;
import io.github.tomcatselinux.mapping.ContextTemplate;
import io.github.tomcatselinux.mapping.Identity;
import io.github.tomcatselinux.threads.ConfinedThreads;
import io.github.tomcatselinux.threads.Task;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Request;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * Behind a {@link SelinuxFilter} the application says who makes the request. That counts within the bound that the valve
 * has set by what it knew itself: the domain of the rule that decided, and levels within its range. Nothing that an
 * application hands in is asked for more than a name and roles.
 */
final class Narrowing {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(Narrowing.class);

    private final RequestScope scope;
    private final Verdict.Confine bound;
    private final Governor governor;
    private final Request request;

    private Narrowing(RequestScope scope, Verdict.Confine bound) {
        this.scope = scope;
        this.bound = bound;
        this.governor = scope.governor();
        this.request = scope.request();
    }

    /** For a request whose code runs on a confined thread, by a rule's decision; empty for any other. */
    static Optional<Narrowing> of(RequestScope scope) {
        return ConfinedThreads.isCurrent()
                ? scope.confinedBy().map(bound -> new Narrowing(scope, bound))
                : Optional.empty();
    }

    /**
     * Decides by whom the application says that the request is from.
     *
     * @param asked the request as the application's filters have wrapped it
     * @return false if it is refused, and answered
     * @throws io.github.tomcatselinux.launcher.HelperException if the files that it is about cannot be asked for
     */
    boolean narrow(HttpServletRequest asked, boolean requireUser) throws IOException {
        Identity claimed = RequestIdentity.claimed(request, asked);
        Verdict verdict = scope.decide(claimed);
        Optional<String> objection = requireUser && claimed.user().isEmpty()
                ? Optional.of(SM.getString("narrowing.anonymous"))
                : objection(verdict);
        if (objection.isPresent()) {
            refuse(SM.getString(
                    "narrowing.refused", LogText.quote(claimed.user().orElse(null)), objection.get()));
            return false;
        }
        scope.narrow((Verdict.Confine) verdict, claimed.user());
        if (ConfinementValve.turnsAway(governor, scope, request, request.getResponse())) {
            return false;
        }
        if (!isServable()) {
            ConfinementValve.answerDenied(governor, request, request.getResponse());
            return false;
        }
        return true;
    }

    /** Runs what is behind the filter, in the context that was decided. */
    void run(Task rest) throws IOException, ServletException {
        ConfinedDispatch.inForce(governor, scope, request, rest);
    }

    /** Answers for the rest of the chain. The application's own wrappers of the response are not asked. */
    void refuse(String why) throws IOException {
        String line = SM.getString("narrowing.line", scope.describe(), why);
        governor.refusals().report(scope, RefusedBy.FILTER, Optional.of(why), () -> LOG.info(line));
        if (!request.getResponse().isCommitted()) {
            ConfinementValve.answerDenied(governor, request, request.getResponse());
        }
    }

    /** Why a verdict is none that the request may have, if so. */
    private Optional<String> objection(Verdict verdict) throws IOException {
        if (verdict instanceof Verdict.Confine narrower) {
            if (scope.isNarrowed() && !narrower.context().equals(bound.context())) {
                return Optional.of(
                        SM.getString("narrowing.twice", narrower.rule(), narrower.context(), bound.context()));
            }
            return isWithin(narrower.context(), bound.context())
                    ? Optional.empty()
                    : Optional.of(SM.getString(
                            "narrowing.wider", narrower.rule(), narrower.context(), bound.rule(), bound.context()));
        }
        if (verdict instanceof Verdict.Unchanged) {
            return Optional.of(SM.getString("narrowing.unchanged", verdict.rule(), bound.rule(), bound.context()));
        }
        if (verdict instanceof Verdict.NoContext none) {
            return Optional.of(SM.getString("narrowing.noContext", none.rule(), none.reason()));
        }
        return Optional.of(
                verdict instanceof Verdict.Deny
                        ? SM.getString("narrowing.denied", verdict.rule())
                        : SM.getString("narrowing.noMatch"));
    }

    /** Whether one context is the other, or one of its domain whose levels lie within its range. */
    private static boolean isWithin(String narrower, String bound) throws IOException {
        SecurityContext inner = SecurityContext.parse(narrower);
        SecurityContext outer = SecurityContext.parse(bound);
        return inner.user().equals(outer.user())
                && inner.role().equals(outer.role())
                && new AllowedContexts(List.of(template(outer)))
                        .permits(template(inner), outer.type(), outer.lowLevel());
    }

    private static ContextTemplate template(SecurityContext context) {
        return new ContextTemplate(Optional.of(context.type()), Optional.of(context.range()));
    }

    /** What was asked of a helper of the wider context, before any code of the application ran, is asked once more. */
    private boolean isServable() throws IOException {
        Context context = request.getContext();
        boolean hidden = governor.configuration().hidesDenied() && WelcomeFile.isHidden(request, context);
        Way way = Way.of(request, context, request.getWrapper());
        return !hidden && FileRequest.prepare(request, way, scope, (ConfinedRoot) context.getResources());
    }
}
