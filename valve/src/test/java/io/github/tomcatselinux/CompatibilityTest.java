// SPDX-License-Identifier: Apache-2.0
// Parts of Tomcat that administrators use, beside the valve: what each row of docs/compatibility.md says.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.threads.ConfinedThreads;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.authenticator.BasicAuthenticator;
import org.apache.catalina.authenticator.FormAuthenticator;
import org.apache.catalina.authenticator.SingleSignOn;
import org.apache.catalina.startup.HostConfig;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.RemoteIpValve;
import org.apache.catalina.valves.SemaphoreValve;
import org.apache.catalina.valves.StuckThreadDetectionValve;
import org.apache.catalina.valves.rewrite.RewriteValve;
import org.apache.tomcat.util.descriptor.web.LoginConfig;
import org.apache.tomcat.util.descriptor.web.SecurityCollection;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompatibilityTest {
    private static final long PATIENCE = Await.PATIENCE.toMillis();

    @TempDir
    Path folder;

    /** Notes on which thread it is told of what. */
    public static final class Events implements ServletContextListener, ServletRequestListener, HttpSessionListener {
        private static final List<String> SEEN = new CopyOnWriteArrayList<>();

        private static void see(String event) {
            SEEN.add(event + (ConfinedThreads.isCurrent() ? " confined" : " by the server"));
        }

        @Override
        public void contextInitialized(ServletContextEvent event) {
            see("start");
        }

        @Override
        public void requestInitialized(ServletRequestEvent event) {
            see("request");
        }

        @Override
        public void sessionCreated(HttpSessionEvent event) {
            see("session");
        }

        @Override
        public void sessionDestroyed(HttpSessionEvent event) {
            see("end of session");
        }
    }

    @Test
    void tellsListenersOnTheThreadThatCausesTheEvent() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Events.SEEN.clear();
            server.context.addApplicationListener(Events.class.getName());
            ServletsTest.servlet(
                    server.context,
                    "/session",
                    (request, response) -> request.getSession().setMaxInactiveInterval(1));
            server.tomcat.getEngine().setBackgroundProcessorDelay(1);
            server.onHost(Map.of()).start();
            assertEquals(200, server.get("/session").statusCode());
            Await.until("the session does not end", () -> Events.SEEN.contains("end of session by the server"));
            assertEquals(
                    List.of(
                            "start by the server",
                            "request by the server",
                            "session confined",
                            "end of session by the server"),
                    Events.SEEN);
        }
    }

    /** Tells on which thread it runs. */
    public static final class Teller extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            print(response, ConfinedThreads.isCurrent());
        }
    }

    @Test
    void startsApplicationsForTheManagerByTheServerAndConfinesTheirRequests() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Events.SEEN.clear();
            Path own = Files.createDirectories(server.base.resolve("webapps/own/WEB-INF"));
            Files.writeString(own.resolve("web.xml"), """
                    <web-app metadata-complete="true">
                      <listener><listener-class>%s</listener-class></listener>
                      <servlet><servlet-name>tell</servlet-name><servlet-class>%s</servlet-class></servlet>
                      <servlet-mapping><servlet-name>tell</servlet-name><url-pattern>/tell</url-pattern></servlet-mapping>
                    </web-app>
                    """.formatted(Events.class.getName(), Teller.class.getName()));
            // What deploys applications, and what the Manager asks to.
            server.tomcat.getHost().addLifecycleListener(new HostConfig());
            Context manager = server.application("/manager");
            manager.setPrivileged(true);
            Tomcat.addServlet(manager, "manager", "org.apache.catalina.manager.ManagerServlet");
            manager.addServletMappingDecoded("/text/*", "manager");
            server.onHost(Map.of()).start();
            for (String command : List.of("stop", "start", "reload", "undeploy", "deploy")) {
                if (command.equals("undeploy")) {
                    // It removes what it undeploys.
                    Files.createDirectories(folder.resolve("again/WEB-INF"));
                    Files.copy(own.resolve("web.xml"), folder.resolve("again/WEB-INF/web.xml"));
                }
                String where = command.equals("deploy")
                        ? "&war=" + folder.resolve("again").toUri()
                        : "";
                String answer = server.get("/manager/text/" + command + "?path=/own" + where)
                        .body();
                assertTrue(answer.startsWith("OK - "), answer);
            }
            assertEquals("true", server.get("/own/tell").body());
            assertEquals(
                    Collections.nCopies(4, "start by the server"),
                    Events.SEEN.stream()
                            .filter(event -> event.startsWith("start"))
                            .toList());
        }
    }

    private static void print(HttpServletResponse response, Object what) throws IOException {
        response.getWriter().print(what);
    }

    private static void count(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Integer before = (Integer) request.getSession().getAttribute("count");
        int now = before == null ? 1 : before + 1;
        request.getSession().setAttribute("count", now);
        print(response, now);
    }

    /** The cookie of that name which an answer sets, as a client sends it. */
    static String cookie(HttpResponse<?> answer, String name) {
        return answer.headers().allValues("Set-Cookie").stream()
                .filter(cookie -> cookie.startsWith(name + "="))
                .map(cookie -> cookie.substring(0, cookie.indexOf(';')))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void keepsSessionsFromOneThreadToTheNext() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            ServletsTest.servlet(server.context, "/count", CompatibilityTest::count);
            server.onHost(Map.of("threads", "one-time")).start();
            HttpResponse<String> first = server.get("/count");
            assertEquals("1", first.body());
            String session = cookie(first, "JSESSIONID");
            assertEquals("2", server.get("/count", "Cookie", session).body());
            assertEquals("3", server.get("/count", "Cookie", session).body());
        }
    }

    private static void requireWriter(Context context, String path) {
        SecurityCollection secret = new SecurityCollection();
        secret.addPatternDecoded(path);
        SecurityConstraint constraint = new SecurityConstraint();
        constraint.addCollection(secret);
        constraint.addAuthRole("writer");
        context.addConstraint(constraint);
    }

    private static void tellUser(HttpServletRequest request, HttpServletResponse response) throws IOException {
        print(response, request.getRemoteUser() + " " + ConfinedThreads.isCurrent());
    }

    private static Object rule(TestServer server, String path) throws Exception {
        return server.attribute(path, RequestScope.RULE_ATTRIBUTE).orElseThrow();
    }

    @Test
    void decidesForThePersonOnceAFormHasToldWhoItIs() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("login.html", "please log in");
            server.context.setLoginConfig(new LoginConfig("FORM", "test", "/login.html", "/login.html"));
            server.context
                    .getPipeline()
                    .removeValve(server.context.getPipeline().getFirst());
            server.context.getPipeline().addValve(new FormAuthenticator());
            requireWriter(server.context, "/secret");
            ServletsTest.servlet(server.context, "/secret", CompatibilityTest::tellUser);
            server.mapping("map", "kaigai a_webapp_t:s0", "__anonymous__ b_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map", "onNoMatch", "deny"))
                    .start();
            HttpResponse<String> form = server.get("/secret");
            assertEquals("please log in", form.body());
            String session = cookie(form, "JSESSIONID");
            HttpResponse<String> sent =
                    server.get("/j_security_check?j_username=kaigai&j_password=kaigai", "Cookie", session);
            assertEquals(303, sent.statusCode());
            // The session has another name from now on.
            HttpResponse<String> secret = server.get("/secret", "Cookie", cookie(sent, "JSESSIONID"));
            assertEquals("kaigai true", secret.body());
            assertEquals("map:1", rule(server, "/secret"));
        }
    }

    @Test
    void keepsItsDecisionAfterALoginByTheServletAndMakesTheNextForThatPerson() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            ServletsTest.servlet(server.context, "/login", (request, response) -> {
                request.getSession();
                request.login("kaigai", "kaigai");
                tellUser(request, response);
            });
            ServletsTest.servlet(server.context, "/who", CompatibilityTest::tellUser);
            server.mapping("map", "kaigai a_webapp_t:s0", "* b_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            HttpResponse<String> login = server.get("/login");
            assertEquals("kaigai true", login.body());
            assertEquals("map:2", rule(server, "/login"));
            assertEquals(
                    "kaigai true",
                    server.get("/who", "Cookie", cookie(login, "JSESSIONID")).body());
            assertEquals("map:1", rule(server, "/who"));
        }
    }

    @Test
    void decidesForWhomSingleSignOnKnowsFromAnotherApplication() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.tomcat.getHost().getPipeline().addValve(new SingleSignOn());
            requireWriter(server.context, "/first");
            ServletsTest.servlet(server.context, "/first", (request, response) -> {
                request.getSession();
                tellUser(request, response);
            });
            Context second = server.application("/second");
            second.setLoginConfig(new LoginConfig("BASIC", "test", null, null));
            second.getPipeline().addValve(new BasicAuthenticator());
            requireWriter(second, "/who");
            ServletsTest.servlet(second, "/who", CompatibilityTest::tellUser);
            server.mapping("map", "kaigai a_webapp_t:s0", "* b_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            HttpResponse<String> first = server.get("/first", TestServer.as("kaigai"));
            assertEquals("kaigai true", first.body());
            assertEquals(401, server.get("/second/who").statusCode());
            HttpResponse<String> known = server.get("/second/who", "Cookie", cookie(first, "JSESSIONIDSSO"));
            assertEquals("kaigai true", known.body());
            assertEquals("map:1", rule(server, "/second/who"));
        }
    }

    @Test
    void keepsUploadsInTheirFolderAndRemovesThem() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Path kept = Files.createDirectories(folder.resolve("kept"));
            ServletsTest.servlet(server.context, "/upload", (request, response) -> {
                        Part part = request.getPart("file");
                        try (Stream<Path> files = Files.list(kept)) {
                            print(response, part.getSize() + " in " + files.count() + " file");
                        }
                    })
                    .setMultipartConfigElement(new MultipartConfigElement(kept.toString(), -1, -1, 0));
            server.onHost(Map.of()).start();
            String body = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n"
                    + "x".repeat(100_000) + "\r\n--b--\r\n";
            String answer =
                    server.raw("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                            + "Connection: close\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            assertTrue(answer.endsWith("100000 in 1 file"), answer);
            Await.until("the upload is left behind", () -> {
                try (Stream<Path> files = Files.list(kept)) {
                    return files.findAny().isEmpty();
                }
            });
        }
    }

    @Test
    void runsAServletThatARewriteLeadsToOnAThreadOfItsOwnApplication() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            ServletsTest.servlet(
                    server.context,
                    "/thread",
                    (request, response) ->
                            print(response, Thread.currentThread().getId()));
            ServletsTest.servlet(
                    server.application("/second"),
                    "/thread",
                    (request, response) ->
                            print(response, "second " + Thread.currentThread().getId()));
            server.onHost(Map.of());
            RewriteValve rewrite = new RewriteValve();
            server.tomcat.getHost().getPipeline().addValve(rewrite);
            server.start();
            rewrite.setConfiguration("RewriteRule ^/elsewhere$ /second/thread");
            String second = server.get("/second/thread").body();
            assertTrue(second.startsWith("second "), second);
            assertEquals(second, server.get("/elsewhere").body());
            assertNotEquals(second, "second " + server.get("/thread").body());
        }
    }

    @Test
    void decidesByTheAddressThatATrustedProxyNames() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.tomcat.getEngine().getPipeline().addValve(new RemoteIpValve());
            ServletsTest.servlet(
                    server.context, "/address", (request, response) -> print(response, request.getRemoteAddr()));
            server.mapping("map", "192.0.2.0/24 a_webapp_t:s0", "* b_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            assertEquals(
                    "192.0.2.7",
                    server.get("/address", "X-Forwarded-For", "192.0.2.7").body());
            assertEquals("map:1", rule(server, "/address"));
            assertEquals("127.0.0.1", server.get("/address").body());
            assertEquals("map:2", rule(server, "/address"));
        }
    }

    @Test
    void countsARequestInASemaphoreForAsLongAsItsConfinedThreadWorks() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        ExecutorService client = Executors.newSingleThreadExecutor();
        try (TestServer server = new TestServer(folder)) {
            SemaphoreValve semaphore = new SemaphoreValve();
            semaphore.setConcurrency(1);
            semaphore.setBlock(false);
            semaphore.setHighConcurrencyStatus(503);
            server.context.getPipeline().addValve(semaphore);
            ServletsTest.servlet(server.context, "/wait", (request, response) -> {
                entered.countDown();
                await(leave);
                print(response, "done");
            });
            ServletsTest.servlet(server.context, "/hello", (request, response) -> print(response, "hello"));
            server.onHost(Map.of()).start();
            Future<HttpResponse<String>> busy = client.submit(() -> server.get("/wait"));
            await(entered);
            assertEquals(503, server.get("/hello").statusCode());
            leave.countDown();
            assertEquals("done", busy.get(PATIENCE, TimeUnit.MILLISECONDS).body());
            Await.until("the semaphore stays taken", () -> server.get("/hello").statusCode() == 200);
        } finally {
            leave.countDown();
            client.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(PATIENCE, TimeUnit.MILLISECONDS));
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** The stack traces that a logger is given. */
    private static final class Traces extends Handler {
        private final List<String> frames = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord record) {
            if (record.getThrown() != null) {
                Stream.of(record.getThrown().getStackTrace())
                        .map(StackTraceElement::getClassName)
                        .forEach(frames::add);
            }
        }

        @Override
        public void flush() {
            // Nothing is held back.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    @Test
    void showsTheWaitingThreadOfARequestThatIsStuck() throws Exception {
        CountDownLatch leave = new CountDownLatch(1);
        ExecutorService client = Executors.newSingleThreadExecutor();
        Logger logger = Logger.getLogger(StuckThreadDetectionValve.class.getName());
        Traces traces = new Traces();
        logger.addHandler(traces);
        try (TestServer server = new TestServer(folder)) {
            StuckThreadDetectionValve detection = new StuckThreadDetectionValve();
            detection.setThreshold(1);
            server.tomcat.getHost().getPipeline().addValve(detection);
            server.tomcat.getEngine().setBackgroundProcessorDelay(1);
            ServletsTest.servlet(server.context, "/wait", (request, response) -> await(leave));
            server.onHost(Map.of()).start();
            Future<HttpResponse<String>> stuck = client.submit(() -> server.get("/wait"));
            Await.until("the request is not found to be stuck", () -> !traces.frames.isEmpty());
            assertTrue(traces.frames.contains("io.github.tomcatselinux.threads.Handover"), traces.frames.toString());
            leave.countDown();
            assertEquals(200, stuck.get(PATIENCE, TimeUnit.MILLISECONDS).statusCode());
        } finally {
            leave.countDown();
            logger.removeHandler(traces);
            client.shutdownNow();
        }
    }
}
