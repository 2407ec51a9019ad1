// SPDX-License-Identifier: Apache-2.0
// One request between its entry into our valves and its exit.
package io.github.tomcatselinux;

import io.github.tomcatselinux.files.ConfinedRoot;
import io.github.tomcatselinux.files.RequestFiles;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Request;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * Holds the verdict and the helper of one request. Before the verdict, while the authenticator may already ask for
 * files (a login form), it acts for an anonymous client, never for the server. Closing it ends the helper.
 */
final class RequestScope implements RequestFiles, AutoCloseable {
    /** Request attribute, for access logs: the context that the kernel reported, as a String. */
    static final String CONTEXT_ATTRIBUTE = "io.github.tomcatselinux.CONTEXT";

    /** Request attribute, for access logs: where the rule stands that decided, as a String. */
    static final String RULE_ATTRIBUTE = "io.github.tomcatselinux.RULE";

    /** Request attribute, for access logs: what our log lines call the request, as a String. */
    static final String ID_ATTRIBUTE = "io.github.tomcatselinux.REQUEST_ID";

    /** Request attribute, for access logs: the helper's process id, as a Long. */
    static final String HELPER_ATTRIBUTE = "io.github.tomcatselinux.HELPER";

    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(RequestScope.class);
    private static final String ID_PREFIX =
            Long.toString(ProcessHandle.current().pid(), 36) + "-";
    private static final AtomicLong SEQUENCE = new AtomicLong();

    private final Governor governor;
    private final Request request;
    private final Context context;
    private final String id;
    private final Optional<RequestFiles> outer;

    private Optional<Verdict> verdict = Optional.empty();
    private Optional<Verdict> undecided = Optional.empty();
    private Optional<HelperConnection> helper = Optional.empty();
    private String helperContext = "";

    private RequestScope(Governor governor, Request request) {
        this.governor = governor;
        this.request = request;
        this.context = request.getContext();
        this.id = ID_PREFIX + Long.toString(SEQUENCE.incrementAndGet(), 36);
        this.outer = RequestFiles.bind(Optional.of(this));
    }

    /** Opens a scope and binds it to the current thread until it is closed. */
    static RequestScope open(Governor governor, Request request) {
        RequestScope scope = new RequestScope(governor, request);
        request.setAttribute(ID_ATTRIBUTE, scope.id);
        return scope;
    }

    /** The scope of this request on this thread, if it has entered one of this valve's already. */
    static Optional<RequestScope> of(Governor governor, Request request) {
        return RequestFiles.current()
                .filter(RequestScope.class::isInstance)
                .map(RequestScope.class::cast)
                .filter(scope -> scope.governor == governor && scope.request == request);
    }

    String id() {
        return id;
    }

    /** Who asks for what, in one phrase for the log. */
    String describe() {
        return SM.getString(
                "scope.request",
                id,
                LogText.user(request),
                LogText.quote(request.getRemoteAddr()),
                LogText.quote(request.getMethod()),
                LogText.quote(request.getDecodedRequestURI()));
    }

    /** Fixes the verdict at the first call; whatever comes later keeps it. */
    Verdict decide() {
        if (verdict.isEmpty()) {
            endHelper();
            Verdict decided = governor.decide(RequestIdentity.of(request));
            verdict = Optional.of(decided);
            if (decided instanceof Verdict.Confine confine) {
                request.setAttribute(RULE_ATTRIBUTE, confine.rule());
            } else if (decided instanceof Verdict.Unchanged unchanged) {
                request.setAttribute(RULE_ATTRIBUTE, unchanged.rule());
            } else if (decided instanceof Verdict.Deny deny) {
                request.setAttribute(RULE_ATTRIBUTE, deny.rule());
            }
        }
        return verdict.get();
    }

    @Override
    public boolean isConfined() {
        return !(inForce() instanceof Verdict.Unchanged);
    }

    @Override
    public HelperConnection helper(ConfinedRoot root) throws HelperException {
        if (root.getContext() != context) {
            throw new HelperException(
                    HelperException.Reason.REFUSED,
                    SM.getString(
                            "confinement.otherApplication",
                            context.getBaseName(),
                            root.getContext().getBaseName()));
        }
        if (helper.isEmpty()) {
            if (!(inForce() instanceof Verdict.Confine confine)) {
                throw new HelperException(
                        HelperException.Reason.REFUSED, "no rule names a context for the files of this request");
            }
            helper = Optional.of(governor.helper(confine.context(), id, root.folder()));
            helperContext = helper.get().confinement().context();
            request.setAttribute(HELPER_ATTRIBUTE, helper.get().confinement().pid());
            if (!helperContext.isEmpty()) {
                request.setAttribute(CONTEXT_ATTRIBUTE, helperContext);
            }
        }
        return helper.get();
    }

    @Override
    public void refusedByKernel(String path, int errno) {
        LOG.info(SM.getString(
                "confinement.kernel",
                describe(),
                request.getAttribute(RULE_ATTRIBUTE),
                helperContext,
                String.valueOf(request.getAttribute(HELPER_ATTRIBUTE)),
                LogText.quote(path),
                String.valueOf(errno)));
    }

    @Override
    public void close() {
        endHelper();
        RequestFiles.bind(outer);
    }

    /** The verdict, or before there is one that of an anonymous client. */
    private Verdict inForce() {
        if (verdict.isPresent()) {
            return verdict.get();
        }
        if (undecided.isEmpty()) {
            undecided = Optional.of(governor.decide(RequestIdentity.anonymous(request)));
        }
        return undecided.get();
    }

    private void endHelper() {
        helper.ifPresent(HelperConnection::close);
        helper = Optional.empty();
        helperContext = "";
    }
}
