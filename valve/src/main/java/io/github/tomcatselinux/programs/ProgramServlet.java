// SPDX-License-Identifier: Apache-2.0
// Stands where an application declares Tomcat's CGIServlet, and has its programs run by a confined helper.
package io.github.tomcatselinux.programs;

import io.github.tomcatselinux.LogText;
import io.github.tomcatselinux.launcher.Confinement;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.Outcome;
import io.github.tomcatselinux.launcher.ProgramConnection;
import io.github.tomcatselinux.launcher.ProgramConnection.Exit;
import io.github.tomcatselinux.launcher.ProgramConnection.Found;
import io.github.tomcatselinux.launcher.ProgramConnection.Limit;
import io.github.tomcatselinux.launcher.ProgramConnection.Started;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.catalina.servlets.CGIServlet;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * A request that a rule confines never reaches {@code Runtime.exec}: its program is found, started and killed by a
 * helper. A request that no rule applies to is left to the servlet that the application declared.
 */
public final class ProgramServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LogManager.getLogger("io.github.tomcatselinux.SelinuxValve");
    private static final StringManager SM = StringManager.getManager(ProgramServlet.class);

    /** What HttpServlet answers for a servlet that does not, as CGIServlet has it. */
    private static final Set<String> ANSWERED = Set.of("HEAD", "OPTIONS", "TRACE");

    private static final int LONGEST = 1_000;
    private static final int MOST_REDIRECTS = 10;
    private static final String REDIRECTS = ProgramServlet.class.getName() + ".REDIRECTS";

    private final transient Supplier<Optional<Path>> root;
    private final boolean on;
    private final transient CGIServlet declared = new CGIServlet();
    private transient Optional<CgiParameters> parameters = Optional.empty();

    /**
     * For one wrapper.
     *
     * @param root the application's folder, once it has started
     * @param on whether it runs programs of confined requests
     */
    public ProgramServlet(Supplier<Optional<Path>> root, boolean on) {
        this.root = root;
        this.on = on;
    }

    @Override
    public void init(ServletConfig config) throws ServletException {
        super.init(config);
        parameters = Optional.of(CgiParameters.of(config));
        declared.init(config);
    }

    @Override
    public void destroy() {
        declared.destroy();
        super.destroy();
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        Optional<RequestPrograms> programs = RequestPrograms.running();
        if (programs.isEmpty()) {
            // No scope: nobody has decided about this request.
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return;
        }
        switch (programs.get().view()) {
            case DIRECT -> declared.service(request, response);
            case HELPER -> {
                if (on) {
                    run(programs.get(), request, response);
                } else {
                    programs.get()
                            .log(() -> LOG.info(
                                    SM.getString("program.off", programs.get().describe(), getServletName())));
                    response.sendError(HttpServletResponse.SC_FORBIDDEN);
                }
            }
            default -> response.sendError(HttpServletResponse.SC_FORBIDDEN);
        }
    }

    /** HttpServlet would look for methods of this class. */
    @Override
    protected void doOptions(HttpServletRequest request, HttpServletResponse response) {
        Set<String> allowed = new TreeSet<>(parameters.orElseThrow().methods());
        allowed.add("OPTIONS");
        if (allowed.contains("GET")) {
            allowed.add("HEAD");
        }
        response.setHeader("Allow", String.join(", ", allowed));
    }

    private void run(RequestPrograms programs, HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        Set<String> methods = parameters.orElseThrow().methods();
        if (!methods.isEmpty() && !methods.contains(request.getMethod())) {
            if (!ANSWERED.contains(request.getMethod())) {
                response.sendError(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
                return;
            }
            if (!(request.getMethod().equals("HEAD") && methods.contains("GET"))) {
                super.service(request, response);
                return;
            }
        }
        Optional<String> elsewhere = converse(programs, request, response);
        if (elsewhere.isPresent()) {
            redirect(programs, elsewhere.get(), request, response);
        }
    }

    /** Runs the program. Returns where the answer is to be found, if the program says so. */
    private Optional<String> converse(
            RequestPrograms programs, HttpServletRequest request, HttpServletResponse response) throws IOException {
        CgiParameters given = parameters.orElseThrow();
        Script script = Script.of(request, given.prefix());
        Optional<List<byte[]>> arguments = CgiArguments.of(request, given);
        if (arguments.isEmpty()) {
            response.sendError(HttpServletResponse.SC_NOT_FOUND);
            return Optional.empty();
        }
        // Before there is a helper: a client that is slow to send what it has keeps none.
        try (RequestBody body = body(request, programs.id())) {
            try {
                Optional<Conversation> found = find(programs, script, response);
                if (found.isEmpty()) {
                    return Optional.empty();
                }
                Path documents = root.get().orElse(found.get().folder.place());
                List<byte[]> environment = CgiEnvironment.of(
                                request,
                                given,
                                script,
                                found.get().own,
                                found.get().file(),
                                documents)
                        .strings();
                ProgramConnection.Command command = new ProgramConnection.Command(
                        given.executable(),
                        given.executable().isEmpty() ? List.of() : given.executableArguments(),
                        arguments.get(),
                        environment,
                        programs.mustChangeDomain());
                return found.get().hold(command, given.afterOutput(), body, request, response);
            } finally {
                // Before the wait for the client's input: the program must not outlive its answer.
                programs.programEnded();
            }
        }
    }

    private static RequestBody body(HttpServletRequest request, String id) throws ClientAbortException {
        try {
            return RequestBody.of(request, id);
        } catch (IOException gone) {
            throw new ClientAbortException(gone);
        }
    }

    /** The first program on the way, in the first of the application's folders that has one. */
    private Optional<Conversation> find(RequestPrograms programs, Script script, HttpServletResponse response)
            throws IOException {
        if (programs.programFolders().isEmpty()) {
            throw new HelperException(HelperException.Reason.REFUSED, SM.getString("program.noFolder"));
        }
        for (ProgramFolder folder : programs.programFolders()) {
            Optional<ProgramFolder.Part> part = folder.part(script);
            if (part.isEmpty()) {
                continue;
            }
            ProgramConnection program =
                    programs.program(folder, part.get().prefix(), part.get().path());
            Found found = program.found();
            if (found.errno() == 0) {
                String own = script.upTo(part.get().path(), found.length());
                return Optional.of(new Conversation(programs, program, folder, own, script.place(own)));
            }
            Outcome outcome = new Outcome(found.errno(), Outcome.RefusedBy.UNKNOWN, 0);
            if (!outcome.isAbsent()) {
                refuse(programs, response, script.place(script.path()), found.errno());
                return Optional.empty();
            }
            programs.programEnded();
        }
        response.sendError(HttpServletResponse.SC_NOT_FOUND);
        return Optional.empty();
    }

    /** As for files: what may not be run is forbidden, or not there where that is asked for. */
    private static void refuse(RequestPrograms programs, HttpServletResponse response, String path, int errno)
            throws IOException {
        boolean denied = isDenied(errno);
        if (denied) {
            programs.refusedByKernel(path, new Outcome(errno, Outcome.RefusedBy.UNKNOWN, 0));
        }
        response.sendError(
                denied && !programs.hidesDenied()
                        ? HttpServletResponse.SC_FORBIDDEN
                        : HttpServletResponse.SC_NOT_FOUND);
    }

    private static boolean isDenied(int errno) {
        return new Outcome(errno, Outcome.RefusedBy.UNKNOWN, 0).isDenied();
    }

    /**
     * One program that was found.
     *
     * @param own the part of the path that names it
     * @param place where in the application it is
     */
    private record Conversation(
            RequestPrograms programs, ProgramConnection program, ProgramFolder folder, String own, String place) {

        String file() {
            return folder.file(place);
        }

        Optional<String> hold(
                ProgramConnection.Command command,
                Optional<Duration> afterOutput,
                RequestBody body,
                HttpServletRequest request,
                HttpServletResponse response)
                throws IOException {
            ErrorLines errors = new ErrorLines(line -> programs.log(
                    () -> LOG.warn(SM.getString("program.said", programs.id(), quoted(place), quoted(line)))));
            try {
                Started started = program.run(command, body.atOnce());
                if (started.errno() != 0) {
                    programs.log(() -> LOG.warn(SM.getString(
                            started.why().isEmpty() ? "program.notStarted" : "program.sameDomain",
                            programs.describe(),
                            quoted(place),
                            String.valueOf(started.errno()),
                            quoted(started.why()))));
                    refuseStart(response, started.errno());
                    return Optional.empty();
                }
                body.passTo(program);
                ProgramResponse answer = new ProgramResponse(
                        request,
                        response,
                        programs.maxOutput(),
                        body,
                        errors,
                        () -> afterOutput.ifPresent(program::endWithin));
                try {
                    Exit exit = program.listen(answer);
                    programs.exited(exit);
                    return finish(exit, answer, response);
                } catch (CgiHeader.MalformedException | ProgramResponse.TooMuchException wrong) {
                    fail(response, HttpServletResponse.SC_BAD_GATEWAY, wrong.getMessage());
                } catch (HelperException broken) {
                    if (body.isBroken()) {
                        throw new ClientAbortException(broken);
                    }
                    if (answer.isWhole()) {
                        programs.log(() -> LOG.warn(SM.getString(
                                "program.overstayed", programs.id(), quoted(place), quoted(broken.getMessage()))));
                        return answer.redirect();
                    }
                    fail(response, HttpServletResponse.SC_BAD_GATEWAY, broken.getMessage());
                }
                return Optional.empty();
            } finally {
                long dropped = errors.end();
                if (dropped > 0) {
                    programs.log(() -> LOG.warn(
                            SM.getString("program.saidMore", programs.id(), quoted(place), String.valueOf(dropped))));
                }
            }
        }

        private Optional<String> finish(Exit exit, ProgramResponse answer, HttpServletResponse response)
                throws IOException {
            // A guess changes no answer: it is said beside what is known.
            String perhaps = exit.limit() == Limit.MEMORY_PERHAPS ? SM.getString("program.limit.MEMORY_PERHAPS") : "";
            if (exit.limit() != Limit.NONE && perhaps.isEmpty()) {
                fail(
                        response,
                        exit.limit() == Limit.TIME || exit.limit() == Limit.SILENCE
                                ? HttpServletResponse.SC_GATEWAY_TIMEOUT
                                : HttpServletResponse.SC_BAD_GATEWAY,
                        SM.getString("program.limit." + exit.limit()));
            } else if (exit.killed()) {
                fail(
                        response,
                        HttpServletResponse.SC_BAD_GATEWAY,
                        SM.getString("program.killed", String.valueOf(exit.status())) + perhaps);
            } else if (!answer.end()) {
                String why = answer.saidNothing() ? "program.silent" : "program.noHeader";
                fail(
                        response,
                        HttpServletResponse.SC_BAD_GATEWAY,
                        SM.getString(why, String.valueOf(exit.status())) + perhaps);
            } else {
                if (exit.status() != 0) {
                    programs.log(() -> LOG.warn(
                            SM.getString("program.status", programs.id(), quoted(place), String.valueOf(exit.status()))
                                    + perhaps));
                }
                return answer.redirect();
            }
            return Optional.empty();
        }

        /** The end of an answer that is not whole: a status if that is possible, a broken connection if not. */
        private void fail(HttpServletResponse response, int status, String why) throws IOException {
            programs.log(() -> LOG.error(SM.getString(
                    "program.failed",
                    programs.describe(),
                    quoted(place),
                    Optional.of(program.confinement()).map(Confinement::context).orElse(""),
                    String.valueOf(program.confinement().pid()),
                    quoted(why))));
            if (response.isCommitted()) {
                throw new HelperException(HelperException.Reason.REFUSED, why);
            }
            // What it said of its document goes; what the valve said to caches stays.
            String caches = response.getHeader("Cache-Control");
            response.reset();
            if (caches != null) {
                response.setHeader("Cache-Control", caches);
            }
            response.sendError(status);
        }

        private void refuseStart(HttpServletResponse response, int errno) throws IOException {
            if (isDenied(errno)) {
                refuse(programs, response, place, errno);
            } else {
                response.sendError(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
            }
        }
    }

    private static String quoted(String said) {
        return LogText.quote(said, LONGEST);
    }

    /** RFC 3875, section 6.2.2: as if the client had asked for that. Where that would pass something by, the client asks. */
    private void redirect(
            RequestPrograms programs, String where, HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        int before = request.getAttribute(REDIRECTS) instanceof Integer count ? count : 0;
        String context = request.getContextPath();
        boolean ours = where.startsWith(context + "/");
        String inside = ours ? where.substring(context.length()) : "";
        if (before >= MOST_REDIRECTS) {
            programs.log(() -> LOG.error(SM.getString("program.redirects", programs.describe(), quoted(where))));
            response.sendError(HttpServletResponse.SC_BAD_GATEWAY);
            return;
        }
        RequestDispatcher target = ours && programs.mayRedirectTo(inside) ? request.getRequestDispatcher(inside) : null;
        if (target == null) {
            response.setHeader("Location", where);
            response.setStatus(HttpServletResponse.SC_FOUND);
            return;
        }
        request.setAttribute(REDIRECTS, before + 1);
        target.forward(new RedirectedRequest(request), response);
    }
}
