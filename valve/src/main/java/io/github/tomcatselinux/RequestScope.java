// SPDX-License-Identifier: Apache-2.0
// One request between its entry into our valves and its exit.
package io.github.tomcatselinux;

import io.github.tomcatselinux.events.Refusal;
import io.github.tomcatselinux.events.RefusedBy;
import io.github.tomcatselinux.files.ConfinedRoot;
import io.github.tomcatselinux.files.RequestFiles;
import io.github.tomcatselinux.files.View;
import io.github.tomcatselinux.identities.Supplied;
import io.github.tomcatselinux.launcher.ConfineRequest;
import io.github.tomcatselinux.launcher.Confinement;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.Outcome;
import io.github.tomcatselinux.launcher.Overwrite;
import io.github.tomcatselinux.launcher.ProgramConnection;
import io.github.tomcatselinux.mapping.Identity;
import io.github.tomcatselinux.mapping.RuleSet;
import io.github.tomcatselinux.programs.ProgramFolder;
import io.github.tomcatselinux.programs.RequestPrograms;
import io.github.tomcatselinux.report.Question;
import java.security.Principal;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Request;
import org.apache.tomcat.util.res.StringManager;

/**
 * Holds the verdict and the helper of one request. Before the verdict, while the authenticator may already ask for
 * files (a login form), what the rules say of an anonymous client applies. Closing it ends the helper.
 */
final class RequestScope implements RequestPrograms, AutoCloseable {
    /** Request attribute, for access logs: the context that the kernel reported, as a String. */
    static final String CONTEXT_ATTRIBUTE = "io.github.tomcatselinux.CONTEXT";

    /** Request attribute, for access logs: where the rule stands that decided, as a String. */
    static final String RULE_ATTRIBUTE = "io.github.tomcatselinux.RULE";

    /** Request attribute, for access logs: what our log lines call the request, as a String. */
    static final String ID_ATTRIBUTE = "io.github.tomcatselinux.REQUEST_ID";

    /** Request attribute, for access logs: the helper's process id, as a Long. */
    static final String HELPER_ATTRIBUTE = "io.github.tomcatselinux.HELPER";

    /**
     * Request attribute, for access logs: who refused a file, as a String: {@code permissions}, {@code selinux}, {@code
     * unknown}. It is missing where nothing was refused, a 404 for what is not there included.
     */
    static final String REFUSED_BY_ATTRIBUTE = "io.github.tomcatselinux.REFUSED_BY";

    /**
     * Request attribute, for access logs: how it is served, as a String: {@code file}, {@code program}, {@code servlet},
     * {@code unchanged}. It is missing where it was refused before that was known.
     */
    static final String WAY_ATTRIBUTE = "io.github.tomcatselinux.WAY";

    private static final StringManager SM = StringManager.getManager(RequestScope.class);
    private static final String ID_PREFIX =
            Long.toString(ProcessHandle.current().pid(), 36) + "-";
    private static final AtomicLong SEQUENCE = new AtomicLong();

    /** Catalina note under which the request knows its scope: gone when Tomcat recycles the request. */
    private static final String NOTE = RequestScope.class.getName();

    /** Catalina note: what was decided so far, and by which rules; it comes by again when it goes on asynchronously. */
    private static final String FIRST = First.class.getName();

    private record First(Governor governor, String id, Optional<RuleSet> rules, Verdict verdict) {}

    private final Governor governor;
    private final Request request;
    private final String id;
    private final RequestHelper helper;

    private final Optional<Supplied> attribute;

    private Context context;
    private Optional<Verdict> verdict;
    private Optional<Verdict> undecided = Optional.empty();
    private boolean changes;
    private boolean servlets;
    private boolean narrowed;
    private Optional<String> person = Optional.empty();
    private Optional<String> threadContext = Optional.empty();
    private String refused = "";
    private Optional<String> way = Optional.empty();
    private Optional<Helpers.Running> program = Optional.empty();
    private Optional<RequestFiles> outer = Optional.empty();

    private RequestScope(Governor governor, Request request, Optional<Supplied> attribute) {
        Optional<First> first = first(governor, request);
        this.governor = governor;
        this.request = request;
        this.attribute = attribute;
        this.id = first.map(First::id).orElseGet(RequestScope::nextId);
        this.verdict = first.map(First::verdict);
        this.context = request.getContext();
        this.helper = new RequestHelper(governor.helpers(), request, id, this::confinement);
    }

    /** What log lines call the next request. */
    static String nextId() {
        return ID_PREFIX + Long.toString(SEQUENCE.incrementAndGet(), 36);
    }

    /** Opens a scope where it is too late for request attributes, and binds it to the current thread until it is closed. */
    static RequestScope open(Governor governor, Request request) {
        return open(governor, request, Optional.empty());
    }

    /**
     * Opens a scope and binds it to the current thread until it is closed.
     *
     * @param attribute what a request attribute says of the context, read before any code of the application
     */
    static RequestScope open(Governor governor, Request request, Optional<Supplied> attribute) {
        RequestScope scope = new RequestScope(governor, request, attribute);
        request.setAttribute(ID_ATTRIBUTE, scope.id);
        request.setNote(NOTE, scope);
        scope.outer = RequestFiles.bind(Optional.of(scope));
        return scope;
    }

    /** The scope of this request on this thread, if it has entered one of this valve's already. */
    static Optional<RequestScope> of(Governor governor, Request request) {
        return RequestFiles.current()
                .filter(files -> files == request.getNote(NOTE))
                .map(RequestScope.class::cast)
                .filter(scope -> scope.governor == governor);
    }

    /** The scope of the request that the current thread serves. */
    static Optional<RequestScope> current() {
        return RequestFiles.current().filter(RequestScope.class::isInstance).map(RequestScope.class::cast);
    }

    /** Whether the request has come by before, and a rule confines it. */
    static boolean wasConfined(Governor governor, Request request) {
        return first(governor, request)
                .filter(first -> first.verdict() instanceof Verdict.Confine)
                .isPresent();
    }

    private static Optional<First> first(Governor governor, Request request) {
        return Optional.ofNullable((First) request.getNote(FIRST)).filter(first -> first.governor() == governor);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String describe() {
        return SM.getString(
                "scope.request",
                id,
                person.map(LogText::quote).orElseGet(() -> LogText.user(request)),
                LogText.quote(request.getRemoteAddr()),
                LogText.quote(request.getMethod()),
                LogText.quote(request.getDecodedRequestURI()));
    }

    /**
     * RewriteValve sends a request through the pipeline again, under another path and maybe to another application. A
     * verdict stays; what went for an anonymous client went for the path that it had.
     */
    void reenter() {
        if (verdict.isEmpty()) {
            helper.end();
            undecided = Optional.empty();
            context = request.getContext();
        }
    }

    /** Fixes the verdict at the first call; whatever comes later keeps it. */
    Verdict decide() {
        if (verdict.isEmpty()) {
            helper.end();
            request.removeAttribute(CONTEXT_ATTRIBUTE);
            request.removeAttribute(HELPER_ATTRIBUTE);
            Optional<RuleSet> rules = governor.rules();
            keep(
                    rules,
                    governor.decide(
                            rules,
                            RequestIdentity.of(request),
                            () -> attribute.orElseGet(() -> RequestIdentity.context(request))));
        }
        return verdict.get();
    }

    private void keep(Optional<RuleSet> rules, Verdict decided) {
        verdict = Optional.of(decided);
        request.setNote(FIRST, new First(governor, id, rules, decided));
        request.setAttribute(RULE_ATTRIBUTE, decided.rule());
        governor.hits().count(decided.rule());
    }

    Governor governor() {
        return governor;
    }

    Request request() {
        return request;
    }

    /** What confines the request; empty before it is decided, and where no rule confines it. */
    Optional<Verdict.Confine> confinedBy() {
        return verdict.filter(Verdict.Confine.class::isInstance).map(Verdict.Confine.class::cast);
    }

    /** What the rules that have decided the request say of somebody else who makes it. */
    Verdict decide(Identity claimed) {
        return governor.decide(first(governor, request).flatMap(First::rules), claimed, this::fromAttribute);
    }

    /** Of the context, what a valve before ours says; no application, nor whom it names, has a say. */
    private Supplied fromAttribute() {
        return attribute.orElseGet(Supplied::nothing);
    }

    /** Whether the request has a narrower context than it was first decided for. */
    boolean isNarrowed() {
        return narrowed;
    }

    /**
     * Puts a narrower verdict in the place of the one so far, for as long as the request lasts: nothing gets a helper of
     * the wider context any more.
     *
     * @param claimed who makes the request, as the application says, for log lines
     */
    void narrow(Verdict.Confine narrower, Optional<String> claimed) {
        narrowed |= !narrower.context().equals(named().orElse(""));
        person = claimed;
        programEnded();
        helper.end();
        keep(first(governor, request).flatMap(First::rules), narrower);
    }

    /** Code of the application runs on a confined thread, in this context if the kernel has any. */
    void onThread(Optional<String> proved) {
        servlets = true;
        threadContext = proved;
        proved.ifPresent(read -> request.setAttribute(CONTEXT_ATTRIBUTE, read));
    }

    /** Whether code of the application has run on a confined thread. */
    boolean ranServlets() {
        return servlets;
    }

    /** How the request is served. */
    void goes(String word) {
        way = Optional.of(word);
        request.setAttribute(WAY_ATTRIBUTE, word);
    }

    /** Describes a refusal of this request. */
    Refusal refusal(RefusedBy by, Optional<Refusal.Denied> denied, Optional<String> detail) {
        return new Refusal(
                Instant.now(),
                new Refusal.Asked(
                        id,
                        person.or(() ->
                                Optional.ofNullable(request.getPrincipal()).map(Principal::getName)),
                        address(),
                        request.getMethod(),
                        Optional.ofNullable(request.getDecodedRequestURI()),
                        request.getHost().getName(),
                        context.getBaseName()),
                new Refusal.Decided(
                        verdict.map(Verdict::rule),
                        proved().map(Confinement::context)
                                .filter(read -> !read.isEmpty())
                                .or(() -> threadContext)
                                .or(this::named),
                        way,
                        proved().map(Confinement::pid)),
                by,
                denied,
                detail);
    }

    /** Where it comes from; null where that is not known. */
    String address() {
        return request.getRemoteAddr();
    }

    /** The context that the request is served in, or before there is a verdict, that of an anonymous client; if any. */
    Optional<String> named() {
        return inForce() instanceof Verdict.Confine confine ? Optional.of(confine.context()) : Optional.empty();
    }

    /** Whether the request is left to Tomcat. */
    boolean isUnchanged() {
        return inForce() instanceof Verdict.Unchanged;
    }

    @Override
    public View view() {
        if (isUnchanged()) {
            return View.DIRECT;
        }
        return inForce() instanceof Verdict.Confine ? View.HELPER : View.EXISTENCE;
    }

    @Override
    public HelperConnection helper(ConfinedRoot root) throws HelperException {
        return helper(root, Optional.empty());
    }

    /** Takes the helper, if the request has none yet, and tells it at once which file will be asked for. */
    HelperConnection helper(ConfinedRoot root, Optional<byte[]> file) throws HelperException {
        if (root.getContext() != context) {
            throw new HelperException(
                    HelperException.Reason.REFUSED,
                    SM.getString(
                            "scope.otherApplication",
                            context.getBaseName(),
                            root.getContext().getBaseName()));
        }
        return helper.of(contextInForce(), root, changes, file);
    }

    @Override
    public List<ProgramFolder> programFolders() {
        return context.getResources() instanceof ConfinedRoot root ? root.programs() : List.of();
    }

    @Override
    public ProgramConnection program(ProgramFolder folder, String prefix, String path) throws HelperException {
        String named = contextInForce();
        List<ConfineRequest.Root> folders = List.of(ConfineRequest.Root.readOnly(folder.place()));
        Helpers.Running running = ServerErrand.run(() -> governor.helpers().program(named, id, folders, prefix, path));
        program = Optional.of(running);
        confinement(running.program().confinement());
        return running.program();
    }

    @Override
    public void programEnded() {
        program.ifPresent(Helpers.Running::close);
        program = Optional.empty();
    }

    @Override
    public void exited(ProgramConnection.Exit exit) {
        governor.helpers().numbers().exited(exit);
    }

    @Override
    public boolean mustChangeDomain() {
        return governor.configuration().programs().mode() == ProgramSettings.Mode.SECURE;
    }

    @Override
    public long maxOutput() {
        return governor.configuration().programs().maxOutput();
    }

    @Override
    public void log(Runnable line) {
        ServerErrand.log(line);
    }

    @Override
    public boolean mayRedirectTo(String path) {
        return Redirects.passNothingBy(context, path);
    }

    /**
     * The context that the request is served in.
     *
     * @throws HelperException if it has none
     */
    String contextInForce() throws HelperException {
        if (inForce() instanceof Verdict.Confine confine) {
            return confine.context();
        }
        throw new HelperException(HelperException.Reason.REFUSED, SM.getString("scope.noContext"));
    }

    private void confinement(Confinement proved) {
        request.setAttribute(HELPER_ATTRIBUTE, proved.pid());
        if (!proved.context().isEmpty() && !servlets) {
            request.setAttribute(CONTEXT_ATTRIBUTE, proved.context());
        }
    }

    /** Ends the request's helper, or keeps it for the connection's next request; another is taken when one is needed. */
    void giveHelperBack() {
        helper.release();
    }

    /** From now on the request's helper may change files. */
    void allowChanges() {
        helper.end();
        changes = true;
    }

    @Override
    public Overwrite overwrite() {
        return governor.configuration().overwrite();
    }

    @Override
    public long bodyLength() {
        return request.getContentLengthLong();
    }

    @Override
    public boolean hidesDenied() {
        return governor.configuration().hidesDenied();
    }

    @Override
    public void reading(long octets) {
        if (octets >= WriteBuffer.LARGE) {
            WriteBuffer.enlarge(request);
        }
    }

    /** Logged once, however often Tomcat looks the same path up. */
    @Override
    public void refusedByKernel(String path, Outcome outcome) {
        if (path.equals(refused)) {
            return;
        }
        refused = path;
        String by = outcome.refusedBy().name().toLowerCase(Locale.ROOT);
        request.setAttribute(REFUSED_BY_ATTRIBUTE, by);
        governor.refusals()
                .report(
                        this,
                        refusedBy(outcome),
                        new Refusal.Denied(path, outcome.errno(), Optional.empty()),
                        () -> line(path, outcome, by),
                        () -> questions(path));
    }

    private String line(String path, Outcome outcome, String by) {
        String served =
                proved().map(Confinement::context).or(() -> threadContext).orElse("");
        Optional<Long> pid = proved().map(Confinement::pid);
        return SM.getString(
                "scope.kernel",
                describe(),
                inForce().rule(),
                served,
                pid.map(String::valueOf).orElse(""),
                LogText.quote(path),
                String.valueOf(outcome.errno()),
                SM.getString(
                        "scope.refusedBy." + by,
                        Refusal.ausearch(pid, Optional.of(served), way)
                                .map(": "::concat)
                                .orElse("")));
    }

    /** What was needed for it, wherever it may be. */
    private List<Question> questions(String path) {
        if (!(context.getResources() instanceof ConfinedRoot root)) {
            return List.of();
        }
        return root.places(path).stream()
                .<Question>map(place -> program.isPresent()
                        ? new Question.Program(
                                place.root(),
                                "",
                                place.root().relativize(place.place()).toString(),
                                mustChangeDomain())
                        : new Question.Files(place.root(), place.place(), request.getMethod(), changes, true))
                .toList();
    }

    @Override
    public void close() {
        try {
            programEnded();
        } finally {
            try {
                helper.release();
            } finally {
                RequestFiles.bind(outer);
                request.removeNote(NOTE);
            }
        }
    }

    private static RefusedBy refusedBy(Outcome outcome) {
        return switch (outcome.refusedBy()) {
            case SELINUX -> RefusedBy.SELINUX;
            case PERMISSIONS -> RefusedBy.PERMISSIONS;
            case CONFLICT -> RefusedBy.CONFLICT;
            case NOBODY, UNKNOWN -> RefusedBy.UNKNOWN;
        };
    }

    private Optional<Confinement> proved() {
        return program.map(Helpers.Running::program)
                .map(ProgramConnection::confinement)
                .or(helper::confinement);
    }

    /** The verdict, or before there is one that of an anonymous client. */
    private Verdict inForce() {
        if (verdict.isPresent()) {
            return verdict.get();
        }
        if (undecided.isEmpty()) {
            undecided = Optional.of(
                    governor.decide(governor.rules(), RequestIdentity.anonymous(request), this::fromAttribute));
        }
        return undecided.get();
    }
}
