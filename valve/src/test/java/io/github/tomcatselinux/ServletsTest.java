// SPDX-License-Identifier: Apache-2.0
// Servlets and filters on threads of their own: what the application, the client and Tomcat notice, and where it fails.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.naming.InitialContext;
import org.apache.catalina.Context;
import org.apache.catalina.Globals;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.StuckThreadDetectionValve;
import org.apache.catalina.valves.ValveBase;
import org.apache.catalina.valves.rewrite.RewriteValve;
import org.apache.tomcat.util.descriptor.web.ContextEnvironment;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServletsTest {
    private static final long PATIENCE = Await.PATIENCE.toMillis();

    @TempDir
    Path folder;

    /** A servlet in a line. */
    interface Body {
        void service(HttpServletRequest request, HttpServletResponse response) throws IOException, ServletException;
    }

    static Wrapper servlet(Context context, String path, Body body) {
        Wrapper wrapper = Tomcat.addServlet(context, path, new HttpServlet() {
            private static final long serialVersionUID = 1L;

            @Override
            protected void service(HttpServletRequest request, HttpServletResponse response)
                    throws IOException, ServletException {
                body.service(request, response);
            }
        });
        context.addServletMappingDecoded(path, path);
        return wrapper;
    }

    private static void print(HttpServletResponse response, Object what) throws IOException {
        response.getWriter().print(what);
    }

    /** Names the thread that serves, and none of the connector's. */
    private static void tellThread(HttpServletRequest request, HttpServletResponse response) throws IOException {
        print(response, Thread.currentThread().getId());
    }

    static void filter(TestServer server, String path, String dispatcher, Class<? extends HttpFilter> kind) {
        FilterDef filter = new FilterDef();
        filter.setFilterName(kind.getName());
        filter.setFilterClass(kind.getName());
        server.context.addFilterDef(filter);
        FilterMap map = new FilterMap();
        map.setFilterName(kind.getName());
        map.addURLPattern(path);
        map.setDispatcher(dispatcher);
        server.context.addFilterMap(map);
    }

    private static void errorPage(TestServer server, int status, Class<? extends Throwable> thrown, String location) {
        ErrorPage page = new ErrorPage();
        page.setLocation(location);
        if (thrown == null) {
            page.setErrorCode(status);
        } else {
            page.setExceptionType(thrown.getName());
        }
        server.context.addErrorPage(page);
    }

    private static Set<Thread> confined() {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        threads.removeIf(thread -> !thread.getClass().getSimpleName().equals("ConfinedThread")
                || thread.getName().equals("tomcat-selinux-spare"));
        return threads;
    }

    @Test
    void runsAServletOnAThreadNamedAfterTheRequestWithTheApplicationsClassLoader() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            AtomicReference<Thread> thread = new AtomicReference<>();
            AtomicReference<ClassLoader> loader = new AtomicReference<>();
            AtomicReference<String> name = new AtomicReference<>();
            servlet(server.context, "/hello", (request, response) -> {
                thread.set(Thread.currentThread());
                name.set(Thread.currentThread().getName());
                loader.set(Thread.currentThread().getContextClassLoader());
                print(response, "hello");
            });
            server.onHost(Map.of()).start();
            assertEquals("hello", server.get("/hello").body());
            assertEquals(Optional.of(name.get()), server.attribute("/hello", RequestScope.ID_ATTRIBUTE));
            assertTrue(confined().contains(thread.get()));
            assertSame(server.context.getLoader().getClassLoader(), loader.get());
            assertNotEquals(loader.get(), thread.get().getContextClassLoader(), "nothing keeps a class loader alive");
        }
    }

    @Test
    @SuppressWarnings("BanJNDI") // The name is a constant, and the object a String of this test's own.
    void findsNamesOfTheApplication() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.tomcat.enableNaming();
            ContextEnvironment entry = new ContextEnvironment();
            entry.setName("greeting");
            entry.setType("java.lang.String");
            entry.setValue("hello");
            server.context.getNamingResources().addEnvironment(entry);
            servlet(server.context, "/name", (request, response) -> {
                try {
                    print(response, new InitialContext().lookup("java:comp/env/greeting"));
                } catch (javax.naming.NamingException unknown) {
                    throw new ServletException(unknown);
                }
            });
            server.onHost(Map.of()).start();
            assertEquals("hello", server.get("/name").body());
        }
    }

    @Test
    void keepsAThreadForLaterRequestsOfTheSameContextOnly() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            servlet(server.context, "/thread", ServletsTest::tellThread);
            server.mapping("map", "kaigai a_webapp_t:s0", "guest a_webapp_t:s0:c1", "* b_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            String first = server.get("/thread", TestServer.as("kaigai")).body();
            String other = server.get("/thread", TestServer.as("guest")).body();
            assertNotEquals(first, other);
            assertEquals(first, server.get("/thread", TestServer.as("kaigai")).body());
            assertEquals(other, server.get("/thread", TestServer.as("guest")).body());
        }
    }

    @Test
    void sharesNoThreadBetweenApplications() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            servlet(server.context, "/thread", ServletsTest::tellThread);
            servlet(server.application("/second"), "/thread", ServletsTest::tellThread);
            server.onHost(Map.of()).start();
            String first = server.get("/thread").body();
            assertNotEquals(first, server.get("/second/thread").body());
            assertEquals(first, server.get("/thread").body());
        }
    }

    @Test
    void takesAThreadForEachRequestWhereAsked() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            servlet(server.context, "/thread", ServletsTest::tellThread);
            server.onHost(Map.of("threads", "one-time")).start();
            Set<String> threads = new HashSet<>();
            for (int i = 0; i < 5; i++) {
                threads.add(server.get("/thread").body());
            }
            assertEquals(5, threads.size());
            awaitNoneLeft();
        }
    }

    @Test
    void retiresAThreadAfterSoManyRequests() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            servlet(server.context, "/thread", ServletsTest::tellThread);
            server.onHost(Map.of("maxThreadRequests", "2")).start();
            String first = server.get("/thread").body();
            assertEquals(first, server.get("/thread").body());
            assertNotEquals(first, server.get("/thread").body());
        }
    }

    @Test
    void leavesNoThreadWhenTheApplicationStopsAndServesAgainWhenItStarts() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            servlet(server.context, "/thread", ServletsTest::tellThread);
            server.onHost(Map.of()).start();
            server.get("/thread");
            assertFalse(confined().isEmpty());
            server.context.stop();
            awaitNoneLeft();
            // Tomcat forgets what was not declared in a file.
            servlet(server.context, "/thread", ServletsTest::tellThread);
            server.context.start();
            assertEquals(200, server.get("/thread").statusCode());
        }
        awaitNoneLeft();
    }

    @Test
    void endsAThreadThatHasNothingToDo() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            servlet(server.context, "/thread", ServletsTest::tellThread);
            server.onHost(Map.of("threadIdleTime", "1")).start();
            String first = server.get("/thread").body();
            awaitNoneLeft();
            assertNotEquals(first, server.get("/thread").body());
        }
    }

    private static void awaitNoneLeft() throws Exception {
        Await.until("a confined thread is left", () -> confined().isEmpty());
    }

    @Test
    void answers503WhereAllThreadsOfAContextAreBusyAndServesTheOthers() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        ExecutorService clients = Executors.newCachedThreadPool();
        try (TestServer server = new TestServer(folder)) {
            servlet(server.context, "/wait", (request, response) -> {
                entered.countDown();
                await(leave);
                print(response, "done");
            });
            servlet(server.context, "/thread", ServletsTest::tellThread);
            server.mapping("map", "kaigai a_webapp_t:s0", "* b_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map", "maxThreadsPerContext", "1", "maxQueue", "0"))
                    .start();
            Future<HttpResponse<String>> busy = clients.submit(() -> server.get("/wait", TestServer.as("kaigai")));
            await(entered);
            HttpResponse<String> refused = server.get("/thread", TestServer.as("kaigai"));
            assertEquals(503, refused.statusCode());
            assertTrue(refused.headers().firstValue("Retry-After").isPresent());
            assertEquals(200, server.get("/thread").statusCode());
            leave.countDown();
            assertEquals("done", busy.get(PATIENCE, TimeUnit.MILLISECONDS).body());
            assertEquals(200, server.get("/thread", TestServer.as("kaigai")).statusCode());
        } finally {
            leave.countDown();
            clients.shutdownNow();
        }
    }

    @Test
    void givesAnIdleThreadUpForAnotherContext() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            servlet(server.context, "/thread", ServletsTest::tellThread);
            server.mapping("map", "kaigai a_webapp_t:s0", "* b_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map", "maxThreads", "1", "maxQueue", "0"))
                    .start();
            assertEquals(200, server.get("/thread", TestServer.as("kaigai")).statusCode());
            assertEquals(200, server.get("/thread").statusCode());
            assertEquals(200, server.get("/thread", TestServer.as("kaigai")).statusCode());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(PATIENCE, TimeUnit.MILLISECONDS));
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @Test
    void refusesWhereTheContextHasNoTwinForThreads() throws Exception {
        try (TestServer server = new TestServer(folder);
                LogLines log = new LogLines()) {
            servlet(server.context, "/hello", (request, response) -> print(response, "hello"));
            server.document("hello.txt", "hello")
                    .onHost(Map.of("defaultContext", "somebody_t:s0"))
                    .start();
            HttpResponse<String> answer = server.get("/hello");
            assertEquals(500, answer.statusCode());
            assertFalse(answer.body().contains("somebody_t"));
            assertEquals(1, log.with("failed closed", "somebody_t").size());
            assertEquals("hello", server.get("/hello.txt").body());
        }
    }

    @Test
    void leavesServletsToTomcatOrRefusesThemWhereAsked() throws Exception {
        for (String way : List.of("unchanged", "deny")) {
            try (TestServer server = new TestServer(folder.resolve(way))) {
                servlet(server.context, "/thread", (request, response) -> {
                    print(response, confined().contains(Thread.currentThread()));
                });
                server.onHost(Map.of("servlets", way)).start();
                HttpResponse<String> answer = server.get("/thread");
                assertEquals(way.equals("deny") ? 403 : 200, answer.statusCode());
                assertEquals(!way.equals("deny"), answer.body().equals("false"));
            }
        }
    }

    /** Files of the filtered part; a filter that does nothing, and one that shows on which thread it runs. */
    public static final class Passing extends HttpFilter {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doFilter(
                HttpServletRequest request, HttpServletResponse response, jakarta.servlet.FilterChain chain)
                throws IOException, ServletException {
            response.setHeader("X-Confined", String.valueOf(confined().contains(Thread.currentThread())));
            chain.doFilter(request, response);
        }
    }

    @Test
    void takesFilesBehindAFilterFromAHelperThatTheServersThreadConnectsTo() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            filter(server, "/filtered/*", "REQUEST", Passing.class);
            server.document("filtered/a.txt", "a").document("filtered/secret.txt", "secret");
            server.forbid("filtered/secret.txt").onHost(Map.of()).start();
            HttpResponse<String> answer = server.get("/filtered/a.txt");
            assertEquals("a", answer.body());
            assertEquals(Optional.of("true"), answer.headers().firstValue("X-Confined"));
            assertTrue(server.helperOf("/filtered/a.txt") > 0);
            assertEquals(403, server.get("/filtered/secret.txt").statusCode());
            assertEquals(404, server.get("/filtered/none.txt").statusCode());
        }
    }

    @Test
    void runsProgramsBehindAFilterAndForwardedToInAProcessOfTheirOwn() throws Exception {
        try (Programs programs = new Programs(folder, Map.of())) {
            filter(programs.server, "/cgi/filtered/*", "REQUEST", Passing.class);
            servlet(programs.server.context, "/forward", (request, response) -> {
                request.getRequestDispatcher("/cgi/who").forward(request, response);
            });
            String[] tells = {"printf 'Content-Type: text/plain\\n\\n'", "echo $PPID"};
            programs.script("who", tells).script("filtered/who", tells).start(Map.of());
            for (String path : List.of("/app/cgi/filtered/who", "/app/forward")) {
                HttpResponse<String> answer = programs.server.get(path);
                assertEquals(200, answer.statusCode(), answer.body());
                assertEquals(
                        String.valueOf(programs.server.helperOf(path)),
                        answer.body().strip());
            }
        }
    }

    @Test
    void forwardsToAndIncludesFilesOfTheHelper() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            servlet(
                    server.context,
                    "/forward",
                    (request, response) -> request.getRequestDispatcher(request.getParameter("to"))
                            .forward(request, response));
            servlet(server.context, "/include", (request, response) -> {
                response.getWriter().print("[");
                request.getRequestDispatcher("/a.txt").include(request, response);
                response.getWriter().print("]");
            });
            server.document("a.txt", "a").document("secret.txt", "of others").forbid("secret.txt");
            server.onHost(Map.of()).start();
            assertEquals("a", server.get("/forward?to=/a.txt").body());
            assertTrue(server.helperOf("/forward") > 0);
            assertEquals("[a]", server.get("/include").body());
            HttpResponse<String> denied = server.get("/forward?to=/secret.txt");
            assertEquals(403, denied.statusCode());
            assertFalse(denied.body().contains("of others"));
        }
    }

    /** Catches what comes out of the pipeline. */
    private static final class Catcher extends ValveBase {
        private final AtomicReference<Throwable> caught = new AtomicReference<>();

        Catcher() {
            super(true);
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            try {
                getNext().invoke(request, response);
            } catch (Throwable thrown) {
                caught.set(thrown);
                throw thrown;
            }
        }
    }

    /** Throws in the pipeline, behind the confinement. */
    private static final class Thrower extends ValveBase {
        private final AtomicReference<Throwable> toThrow = new AtomicReference<>();

        Thrower() {
            super(true);
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            Throwable thrown = toThrow.get();
            if (thrown instanceof IOException broken) {
                throw broken;
            }
            if (thrown instanceof ServletException wrong) {
                throw wrong;
            }
            if (thrown instanceof RuntimeException unexpected) {
                throw unexpected;
            }
            if (thrown instanceof Error fatal) {
                throw fatal;
            }
            getNext().invoke(request, response);
        }
    }

    @Test
    void passesOnWhateverIsThrownUnchanged() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            servlet(server.context, "/hello", (request, response) -> print(response, "hello"));
            server.onHost(Map.of()).start();
            Thrower thrower = new Thrower();
            Catcher catcher = new Catcher();
            // Behind and before the confinement, which were put in as the application started.
            server.context.getPipeline().addValve(thrower);
            ConfinementValve ours =
                    (ConfinementValve) List.of(server.context.getPipeline().getValves()).stream()
                            .filter(ConfinementValve.class::isInstance)
                            .findFirst()
                            .orElseThrow();
            catcher.setNext(ours);
            org.apache.catalina.Valve before = server.context.getPipeline().getFirst();
            while (before.getNext() != ours) {
                before = before.getNext();
            }
            before.setNext(catcher);
            for (Throwable thrown : List.of(
                    new IOException("io"), new ServletException("servlet"), new IllegalStateException("runtime"))) {
                thrower.toThrow.set(thrown);
                assertEquals(500, server.get("/hello").statusCode());
                assertSame(thrown, catcher.caught.get());
            }
            Error error = new AssertionError("error");
            thrower.toThrow.set(error);
            assertEquals(500, server.get("/hello").statusCode());
            assertSame(error, catcher.caught.get());
            thrower.toThrow.set(null);
            assertEquals("hello", server.get("/hello").body());
        }
    }

    @Test
    void answersExceptionsAndErrorsWithTheApplicationsOwnPageOnAConfinedThread() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            servlet(server.context, "/throw", (request, response) -> {
                throw new IllegalArgumentException("wrong");
            });
            servlet(server.context, "/send", (request, response) -> response.sendError(409, "conflict"));
            servlet(server.context, "/none", (request, response) -> response.sendError(410, "gone"));
            servlet(
                    server.context,
                    "/page",
                    (request, response) -> print(
                            response,
                            confined().contains(Thread.currentThread())
                                    + " " + request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE)
                                    + " " + request.getAttribute(RequestDispatcher.ERROR_MESSAGE)
                                    + " " + request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI)
                                    + " " + request.getAttribute(RequestDispatcher.ERROR_EXCEPTION_TYPE)));
            errorPage(server, 0, IllegalArgumentException.class, "/page");
            errorPage(server, 409, null, "/page");
            errorPage(server, 404, null, "/page");
            server.onHost(Map.of()).start();
            HttpResponse<String> thrown = server.get("/throw");
            assertEquals(500, thrown.statusCode());
            assertEquals("true 500 wrong /throw class java.lang.IllegalArgumentException", thrown.body());
            HttpResponse<String> sent = server.get("/send");
            assertEquals(409, sent.statusCode());
            assertEquals("true 409 conflict /send null", sent.body());
            HttpResponse<String> file = server.get("/absent.txt");
            assertEquals(404, file.statusCode());
            assertTrue(file.body().startsWith("true 404 "), file.body());
            HttpResponse<String> without = server.get("/none");
            assertEquals(410, without.statusCode());
            assertTrue(without.body().contains("gone"));
        }
    }

    /** Notes who initialises it; fails at the first attempt if it is told to. */
    private static final class Initialized extends HttpServlet {
        private static final long serialVersionUID = 1L;
        private static final List<Boolean> CONFINED = new CopyOnWriteArrayList<>();
        private static final AtomicBoolean FAILS = new AtomicBoolean();

        @Override
        public void init() throws ServletException {
            CONFINED.add(confined().contains(Thread.currentThread()));
            assertSame(
                    getServletContext().getClassLoader(), Thread.currentThread().getContextClassLoader());
            if (FAILS.getAndSet(false)) {
                throw new ServletException("not yet");
            }
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            print(response, "ready");
        }
    }

    @Test
    void initializesServletsAsTheServer() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Initialized.CONFINED.clear();
            Initialized.FAILS.set(true);
            Tomcat.addServlet(server.context, "initialized", new Initialized());
            server.context.addServletMappingDecoded("/initialized", "initialized");
            servlet(server.context, "/page", (request, response) -> {
                print(response, request.getAttribute(RequestDispatcher.ERROR_MESSAGE));
            });
            errorPage(server, 0, ServletException.class, "/page");
            server.onHost(Map.of()).start();
            assertEquals(List.of(false), Initialized.CONFINED, "before the first request");
            Initialized.FAILS.set(true);
            HttpResponse<String> failed = server.get("/initialized");
            assertEquals(500, failed.statusCode());
            assertTrue(failed.body().contains("not yet"), failed.body());
            assertEquals("ready", server.get("/initialized").body());
            assertEquals(List.of(false, false, false), Initialized.CONFINED);
        }
    }

    @Test
    void initializesWhatIsForwardedToAsTheServer() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Initialized.CONFINED.clear();
            Tomcat.addServlet(server.context, "initialized", new Initialized());
            server.context.addServletMappingDecoded("/initialized", "initialized");
            servlet(server.context, "/forward", (request, response) -> {
                request.getRequestDispatcher("/initialized").forward(request, response);
            });
            server.onHost(Map.of()).start();
            assertEquals("ready", server.get("/forward").body());
            assertEquals(List.of(false), Initialized.CONFINED);
        }
    }

    /** Never served. */
    public static final class NoUpgrade implements HttpUpgradeHandler {
        @Override
        public void init(WebConnection connection) {
            throw new IllegalStateException("upgraded");
        }

        @Override
        public void destroy() {
            // Nothing was begun.
        }
    }

    @Test
    void refusesWhatWouldGoOnOnThreadsOfTheServer() throws Exception {
        try (TestServer server = new TestServer(folder);
                LogLines log = new LogLines()) {
            servlet(server.context, "/async", (request, response) -> {
                        print(response, request.isAsyncSupported());
                        print(response, said(request::startAsync));
                    })
                    .setAsyncSupported(true);
            servlet(server.context, "/upgrade", (request, response) -> {
                try {
                    request.upgrade(NoUpgrade.class);
                } catch (IllegalStateException refused) {
                    print(response, refused.getMessage());
                }
            });
            server.onHost(Map.of()).start();
            String async = server.get("/async").body();
            assertTrue(async.startsWith("false") && async.contains("servlets=\"unchanged\""), async);
            String upgrade = server.get("/upgrade").body();
            assertTrue(upgrade.contains("servlets=\"unchanged\""), upgrade);
            String socket =
                    server.raw("GET /upgrade HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n");
            assertTrue(socket.startsWith("HTTP/1.1 403 "), socket);
            assertEquals(
                    1,
                    log.with("a WebSocket is served by threads of the server").size());
        }
    }

    private static String said(Runnable refused) {
        try {
            refused.run();
            return "nothing";
        } catch (IllegalStateException why) {
            return why.getMessage();
        }
    }

    @Test
    void opensNoFileForAServletThatNamesOneToTheConnector() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Path secret = folder.resolve("secret");
            Files.writeString(secret, "of the server");
            servlet(server.context, "/send", (request, response) -> {
                request.setAttribute(Globals.SENDFILE_FILENAME_ATTR, secret.toString());
                request.setAttribute(Globals.SENDFILE_FILE_START_ATTR, 0L);
                request.setAttribute(Globals.SENDFILE_FILE_END_ATTR, 13L);
                print(response, "own");
            });
            server.onHost(Map.of()).start();
            assertEquals("own", server.get("/send").body());
        }
    }

    @Test
    void leavesManagersUnchangedAndSaysSo() throws Exception {
        try (TestServer server = new TestServer(folder);
                LogLines log = new LogLines()) {
            Context manager = server.application("/manager");
            manager.setPrivileged(true);
            Tomcat.addServlet(manager, "manager", "org.apache.catalina.manager.ManagerServlet");
            servlet(manager, "/thread", (request, response) -> {
                print(response, confined().contains(Thread.currentThread()));
            });
            servlet(server.context, "/thread", (request, response) -> {
                print(response, confined().contains(Thread.currentThread()));
            });
            server.onHost(Map.of()).start();
            assertEquals("false", server.get("/manager/thread").body());
            assertEquals("true", server.get("/thread").body());
            assertEquals(
                    1,
                    log.with("application [manager]", "its servlets are left unchanged")
                            .size());
        }
    }

    @Test
    void passesOnInterrupts() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            StuckThreadDetectionValve detection = new StuckThreadDetectionValve();
            detection.setThreshold(1);
            detection.setInterruptThreadThreshold(1);
            server.tomcat.getHost().getPipeline().addValve(detection);
            server.tomcat.getEngine().setBackgroundProcessorDelay(1);
            servlet(server.context, "/sleep", (request, response) -> {
                try {
                    Thread.sleep(PATIENCE);
                    print(response, "slept");
                } catch (InterruptedException interrupted) {
                    print(response, "interrupted");
                }
            });
            servlet(server.context, "/flag", (request, response) -> {
                print(response, Thread.currentThread().isInterrupted());
            });
            server.onHost(Map.of()).start();
            assertEquals("interrupted", server.get("/sleep").body());
            assertEquals("false", server.get("/flag").body());
        }
    }

    @Test
    void endsARewriteThatAppliesToItsOwnResult() throws Exception {
        for (boolean onHost : List.of(true, false)) {
            try (TestServer server = new TestServer(folder.resolve("" + onHost))) {
                servlet(server.context, "/a/*", (request, response) -> print(response, request.getRequestURI()));
                server.onHost(Map.of());
                RewriteValve rewrite = new RewriteValve();
                if (onHost) {
                    server.tomcat.getHost().getPipeline().addValve(rewrite);
                }
                server.start();
                if (!onHost) {
                    // Behind the confinement, where each pass would be on a thread that knows of no other.
                    server.context.getPipeline().addValve(rewrite);
                }
                rewrite.setConfiguration("RewriteRule ^/a/(.*)$ /a/x$1");
                HttpResponse<String> answer = server.get("/a/1");
                assertEquals(200, answer.statusCode());
                assertTrue(answer.body().startsWith("/a/x"), answer.body());
            }
        }
    }

    @Test
    void readsAndWritesLargeBodies() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            servlet(server.context, "/length", (request, response) -> {
                long length = request.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                print(response, "x".repeat((int) length));
            });
            server.onHost(Map.of()).start();
            String body = "y".repeat(3_000_000);
            String answer = server.raw("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length()
                    + "\r\nConnection: close\r\n\r\n" + body);
            assertTrue(answer.endsWith("x".repeat(3_000_000)));
        }
    }

    @Test
    void mixesNothingUpWhenManyAskAtOnce() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(8);
        Set<String> wrong = ConcurrentHashMap.newKeySet();
        try (TestServer server = new TestServer(folder)) {
            Map<Thread, String> owners = new ConcurrentHashMap<>();
            servlet(server.context, "/who", (request, response) -> {
                String user = request.getRemoteUser();
                String before = owners.putIfAbsent(Thread.currentThread(), user);
                if (before != null && !before.equals(user)) {
                    wrong.add(user + " on a thread of " + before);
                }
                print(response, user + " " + request.getParameter("n"));
            });
            server.mapping("map", "kaigai a_webapp_t:s0", "guest b_webapp_t:s0", "* @deny")
                    .onHost(Map.of("mappingFile", "map", "allowKeepAlive", "true", "maxThreadRequests", "7"))
                    .start();
            CyclicBarrier together = new CyclicBarrier(8);
            List<Future<Void>> all = new java.util.ArrayList<>();
            for (int client = 0; client < 8; client++) {
                String user = client % 2 == 0 ? "kaigai" : "guest";
                all.add(clients.submit(() -> {
                    together.await();
                    for (int n = 0; n < 100; n++) {
                        String body =
                                server.get("/who?n=" + n, TestServer.as(user)).body();
                        if (!body.equals(user + " " + n)) {
                            wrong.add(body + " for " + user + " " + n);
                        }
                    }
                    return null;
                }));
            }
            for (Future<Void> one : all) {
                one.get(2 * PATIENCE, TimeUnit.MILLISECONDS);
            }
            assertEquals(Set.of(), wrong);
        } finally {
            clients.shutdownNow();
        }
        awaitNoneLeft();
    }
}
