// SPDX-License-Identifier: Apache-2.0
// What the administrator declares: holds the configuration and puts the confinement into every application below.
package io.github.tomcatselinux;

import io.github.tomcatselinux.identities.Supplied;
import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.preflight.ConnectorCheck;
import io.github.tomcatselinux.preflight.Preflight;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Engine;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * Serves the requests of an Engine, a Host or a Context under the SELinux context of whoever made them.
 *
 * <p>Wherever it is declared it runs before the authenticator, which Tomcat adds last. So it only opens and closes the
 * scope of a request; a {@link ConfinementValve}, put behind the authenticator of each application, decides.
 *
 * <p>The attributes are described in {@code docs/reference.md}. They are kept as they were written and checked when the
 * first governed application starts: what is wrong with them stops that application.
 */
public class SelinuxValve extends ValveBase {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(SelinuxValve.class);

    private final Map<String, String> attributes = new TreeMap<>();
    private final ContextHook hook = new ContextHook(this);
    private final Selinux selinux;
    private final Preflight preflight = new Preflight(LOG);

    private final Set<Context> confined = ConcurrentHashMap.newKeySet();

    private volatile Optional<Governor> governor = Optional.empty();

    /** Called by Tomcat's digester. */
    public SelinuxValve() {
        this(new Selinux());
    }

    SelinuxValve(Selinux selinux) {
        super(true);
        this.selinux = selinux;
    }

    /** The rules: a file name, relative to {@code $CATALINA_BASE}. */
    public void setMappingFile(String file) {
        attributes.put(Configuration.MAPPING_FILE, file);
    }

    /** {@code domain:range} for requests that no rule matched. */
    public void setDefaultContext(String context) {
        attributes.put(Configuration.DEFAULT_CONTEXT, context);
    }

    /** {@code true} or {@code false}: whether answers may come from a cache without asking the kernel. */
    public void setAllowCaches(String allowed) {
        attributes.put(Configuration.ALLOW_CACHES, allowed);
    }

    /** {@code true} or {@code false}: whether a connection may carry more than one request. */
    public void setAllowKeepAlive(String allowed) {
        attributes.put(Configuration.ALLOW_KEEP_ALIVE, allowed);
    }

    /** {@code true} or {@code false}: whether a helper may stay for later requests of a kept connection. */
    public void setKeepHelpers(String kept) {
        attributes.put(Configuration.KEEP_HELPERS, kept);
    }

    /** {@code 403}, or {@code 404} to hide that there is a file which the client may not read. */
    public void setDeniedStatus(String status) {
        attributes.put(Configuration.DENIED_STATUS, status);
    }

    /** {@code same-label} or {@code in-place}: what an upload does to a file that is there already. */
    public void setOverwrite(String way) {
        attributes.put(Configuration.OVERWRITE, way);
    }

    /** {@code unchanged} or {@code deny}: what happens where neither a rule nor the default applies. */
    public void setOnNoMatch(String action) {
        attributes.put(Configuration.ON_NO_MATCH, action);
    }

    /** {@code fail} or {@code ignore}: what happens where SELinux does not enforce. */
    public void setOnNotEnforcing(String action) {
        attributes.put(Configuration.ON_NOT_ENFORCING, action);
    }

    /** {@code on}, or {@code report}: nothing is confined, and what would be refused is logged. */
    public void setEnforcement(String what) {
        attributes.put(Configuration.ENFORCEMENT, what);
    }

    /** {@code auto}, the absolute path of the launcher, or {@code unix:} and the absolute path of its socket. */
    public void setLauncher(String where) {
        attributes.put(Configuration.LAUNCHER, where);
    }

    /** How many helpers may be in use at a time. */
    public void setMaxHelpers(String number) {
        attributes.put(Configuration.MAX_HELPERS, number);
    }

    /** How many of them in one SELinux context. */
    public void setMaxPerContext(String number) {
        attributes.put(Configuration.MAX_PER_CONTEXT, number);
    }

    /** How many requests may wait for a helper. */
    public void setMaxQueue(String number) {
        attributes.put(Configuration.MAX_QUEUE, number);
    }

    /** Seconds without progress after which a request is given up. */
    public void setRequestTimeout(String seconds) {
        attributes.put(Configuration.REQUEST_TIMEOUT, seconds);
    }

    /** Seconds after which a request is given up whatever it does; 0 for never. */
    public void setMaxRequestTime(String seconds) {
        attributes.put(Configuration.MAX_REQUEST_TIME, seconds);
    }

    /** As which Unix user helpers work: a name or a number. */
    public void setUser(String user) {
        attributes.put(HelperAttributes.USER, user);
    }

    /** In which Unix group helpers work: a name or a number. */
    public void setGroup(String group) {
        attributes.put(HelperAttributes.GROUP, group);
    }

    /** Capabilities that helpers keep, with commas between them. */
    public void setCapabilities(String names) {
        attributes.put(HelperAttributes.CAPABILITIES, names);
    }

    /** Octets of address space of a helper, or a number with K, M or G. */
    public void setMaxMemory(String size) {
        attributes.put(HelperAttributes.MAX_MEMORY, size);
    }

    /** Seconds of processor time of a helper. */
    public void setMaxCpuTime(String seconds) {
        attributes.put(HelperAttributes.MAX_CPU_TIME, seconds);
    }

    /** Octets of the longest file that a helper may write, or a number with K, M or G. */
    public void setMaxFileSize(String size) {
        attributes.put(HelperAttributes.MAX_FILE_SIZE, size);
    }

    /** Descriptors of a helper. */
    public void setMaxOpenFiles(String number) {
        attributes.put(HelperAttributes.MAX_OPEN_FILES, number);
    }

    /**
     * {@code on}, {@code off} or {@code secure}: whether programs are run, and whether only those whose execution takes
     * them to another domain than the request's, by a {@code type_transition} of the policy.
     */
    public void setPrograms(String mode) {
        attributes.put(Configuration.PROGRAMS, mode);
    }

    /** Where helpers for programs come from, written as {@link #setLauncher} is. */
    public void setProgramLauncher(String where) {
        attributes.put(Configuration.PROGRAM_LAUNCHER, where);
    }

    /** Seconds after which a program is killed; 0 for never. */
    public void setMaxProgramTime(String seconds) {
        attributes.put(Configuration.MAX_PROGRAM_TIME, seconds);
    }

    /** Octets that a program may write as its answer, or a number with K, M or G; 0 for any number. */
    public void setMaxOutput(String size) {
        attributes.put(HelperAttributes.MAX_OUTPUT, size);
    }

    /** Processes and threads that a program may have at a time, with all that it starts. */
    public void setMaxProcesses(String number) {
        attributes.put(HelperAttributes.MAX_PROCESSES, number);
    }

    /** {@code thread}, {@code unchanged} or {@code deny}: how servlets run. */
    public void setServlets(String way) {
        attributes.put(Configuration.SERVLETS, way);
    }

    /** {@code per-context} or {@code one-time}: whether a confined thread may serve a later request of its context. */
    public void setThreads(String kind) {
        attributes.put(Configuration.THREADS, kind);
    }

    /** How many confined threads there may be at a time. */
    public void setMaxThreads(String number) {
        attributes.put(Configuration.MAX_THREADS, number);
    }

    /** How many of them in one SELinux context. */
    public void setMaxThreadsPerContext(String number) {
        attributes.put(Configuration.MAX_THREADS_PER_CONTEXT, number);
    }

    /** How many requests a confined thread serves before it ends. */
    public void setMaxThreadRequests(String number) {
        attributes.put(Configuration.MAX_THREAD_REQUESTS, number);
    }

    /** Seconds for which a confined thread waits for the next request of its context before it ends. */
    public void setThreadIdleTime(String seconds) {
        attributes.put(Configuration.THREAD_IDLE_TIME, seconds);
    }

    /** Whether servlets may go on asynchronously, each part that Tomcat runs on a confined thread. */
    public void setAllowAsync(String allow) {
        attributes.put(Configuration.ALLOW_ASYNC, allow);
    }

    /** {@code domain:range}, separated by white space: what {@code @principal} and {@code @login} may yield. */
    public void setAllowedContexts(String contexts) {
        attributes.put(Configuration.ALLOWED_CONTEXTS, contexts);
    }

    /** The name of a request attribute that holds a {@code domain:range} for {@code @principal}. */
    public void setContextAttribute(String name) {
        attributes.put(Configuration.CONTEXT_ATTRIBUTE, name);
    }

    /** After how many refusals by the kernel a client is answered 429; 0 for never. */
    public void setMaxRefusals(String number) {
        attributes.put(Configuration.MAX_REFUSALS, number);
    }

    /** How many refusals of a client are logged one by one. */
    public void setMaxRefusalsLogged(String number) {
        attributes.put(Configuration.MAX_REFUSALS_LOGGED, number);
    }

    /** Seconds for which both are counted. */
    public void setRefusalInterval(String seconds) {
        attributes.put(Configuration.REFUSAL_INTERVAL, seconds);
    }

    /** How many of the contexts that the rules name are tried for real; the policy is asked about the rest. */
    public void setPreflightLimit(String number) {
        attributes.put(Configuration.PREFLIGHT_LIMIT, number);
    }

    /**
     * Takes what no setter took. Tomcat would only warn; here it is an error when an application starts, since a
     * misspelt attribute must not weaken the confinement.
     */
    public boolean setProperty(String name, String value) {
        attributes.put(name, value);
        return true;
    }

    @Override
    public void setContainer(Container container) {
        if (this.container != null) {
            hook.release(this.container);
        }
        super.setContainer(container);
        if (container != null) {
            hook.govern(container);
        }
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        if (request.getContext() == null) {
            // The Mapper found no application: Tomcat answers 404, and there are no files to be had.
            getNext().invoke(request, response);
            return;
        }
        Optional<Governor> running = running();
        if (running.flatMap(Governor::dryRun).isPresent()) {
            getNext().invoke(request, response);
            return;
        }
        if (running.isEmpty() || !confined.contains(request.getContext())) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return;
        }
        Optional<RequestScope> entered = RequestScope.of(running.get(), request);
        if (entered.isPresent()) {
            entered.get().reenter();
            getNext().invoke(request, response);
            return;
        }
        if (response.isErrorReportRequired() && RequestScope.wasConfined(running.get(), request)) {
            // It went on asynchronously, and failed: behind us Tomcat would run the application's page as the server.
            PlainAnswer.send(request, response, response.getStatus(), Optional.empty());
            return;
        }
        KeepAlive keepAlive = KeepAlive.of(running.get().configuration(), request);
        Optional<Supplied> attribute = ContextAttribute.read(running.get().configuration(), request);
        try (RequestScope scope = RequestScope.open(running.get(), request, attribute)) {
            if (keepAlive.admits(response)) {
                getNext().invoke(request, response);
                keepAlive.apply(response);
            } else {
                LOG.warn(SM.getString("valve.http2", scope.id()));
            }
        }
    }

    @Override
    public void backgroundProcess() {
        running().ifPresent(Governor::background);
    }

    /** Where applications run already, the valve was stopped by itself and takes up its work again. */
    @Override
    protected void startInternal() throws LifecycleException {
        if (!confined.isEmpty()) {
            try {
                governor();
            } catch (ConfigurationException wrong) {
                throw new LifecycleException(SM.getString("valve.stopped", place(), wrong.getMessage()), wrong);
            }
        }
        super.startInternal();
    }

    @Override
    protected void stopInternal() throws LifecycleException {
        super.stopInternal();
        closeGovernor();
    }

    @Override
    protected void destroyInternal() throws LifecycleException {
        super.destroyInternal();
        closeGovernor();
    }

    private synchronized void closeGovernor() {
        governor.ifPresent(Governor::close);
        governor = Optional.empty();
    }

    /** Notes that an application has its confinement in place, or has it no longer; without it nothing is served. */
    void confined(Context context, boolean inPlace) {
        if (inPlace) {
            confined.add(context);
            governor.ifPresent(running -> running.threads().begin(context));
        } else {
            confined.remove(context);
        }
    }

    /**
     * What the governed applications run under. Containers start their applications before their own valves, so it is
     * the first application that starts it. A failure is not remembered: the next start tries again.
     *
     * @throws ConfigurationException naming what is wrong; the application must not start
     */
    synchronized Governor governor() throws ConfigurationException {
        if (governor.isEmpty()) {
            Configuration configuration = Configuration.of(attributes, catalinaBase());
            if (!reports()) {
                ConnectorCheck speaking =
                        new ConnectorCheck(Neighbours.connectors(connectors()), configuration.allowKeepAlive());
                ConfigurationException.throwIf(preflight.run("connectors", List.of(speaking)));
            }
            Optional<String> attribute = configuration.outside().attribute();
            if (attribute.isPresent()) {
                ContextAttribute.requireOurs(attribute.get(), getContainer(), connectors());
            }
            Governor started = Governor.start(configuration, selinux, place(), preflight);
            confined.forEach(started.threads()::begin);
            governor = Optional.of(started);
        }
        return governor.get();
    }

    /** Ends the confined threads of an application before its own parts end, and with them what they may have left. */
    void stopping(Context context) {
        governor.ifPresent(running -> running.threads().end(context));
    }

    /** Puts our servlets where the application declares Tomcat's for programs and pages, and a guard before its WebDAV. */
    void servlets(Context context) {
        ForwardedWebdav.guard(context);
        PageHook.install(context);
        ProgramHook.install(context, !"off".equals(attributes.get(Configuration.PROGRAMS)));
    }

    /** Whether it is declared for a dry run: by the exact word, since whatever else is written there confines or is refused. */
    boolean reports() {
        return Configuration.REPORT.equals(attributes.get(Configuration.ENFORCEMENT));
    }

    /** Where this valve is declared, for messages. */
    String place() {
        return getContainer().getParent() == null
                ? getContainer().getName()
                : getContainer().getParent().getName() + "/" + getContainer().getName();
    }

    /** What was looked at before the first request, and is again when the rules change. */
    Preflight preflight() {
        return preflight;
    }

    boolean allowsCaches() {
        return governor.map(running -> running.configuration().allowCaches()).orElse(false);
    }

    /** What the requests run under; empty before the first application started and after the valve stopped. */
    Optional<Governor> running() {
        return governor;
    }

    private Path catalinaBase() {
        return getContainer().getCatalinaBase().toPath().toAbsolutePath();
    }

    /** Those whose requests may come here; none where the valve is in no Service. */
    Connector[] connectors() {
        Container top = getContainer();
        while (top.getParent() != null) {
            top = top.getParent();
        }
        return top instanceof Engine engine && engine.getService() != null
                ? engine.getService().findConnectors()
                : new Connector[0];
    }
}
