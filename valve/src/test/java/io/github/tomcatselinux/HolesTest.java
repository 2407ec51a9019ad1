// SPDX-License-Identifier: Apache-2.0
// The ways round a valve behind the authenticator, each tried.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.threads.ConfinedThreads;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.ThreadBindingListener;
import org.apache.catalina.Wrapper;
import org.apache.catalina.authenticator.FormAuthenticator;
import org.apache.catalina.realm.GenericPrincipal;
import org.apache.catalina.realm.RealmBase;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.rewrite.RewriteValve;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.descriptor.web.LoginConfig;
import org.apache.tomcat.util.descriptor.web.SecurityCollection;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HolesTest {
    /** How often code of an application has run. */
    private static final AtomicInteger RUNS = new AtomicInteger();

    /** How often it has run as the server. */
    private static final AtomicInteger RUNS_AS_SERVER = new AtomicInteger();

    @TempDir
    Path folder;

    @BeforeEach
    void forget() {
        RUNS.set(0);
        RUNS_AS_SERVER.set(0);
    }

    private static void run() {
        RUNS.incrementAndGet();
        if (!ConfinedThreads.isCurrent()) {
            RUNS_AS_SERVER.incrementAndGet();
        }
    }

    private static void errorPage(TestServer server, int status, String location) {
        ErrorPage page = new ErrorPage();
        page.setErrorCode(status);
        page.setLocation(location);
        server.context.addErrorPage(page);
    }

    private static void spyServlet(TestServer server, String path) {
        Tomcat.addServlet(server.context, "spy", new Spy());
        server.context.addServletMappingDecoded(path, "spy");
    }

    private static void spyFilter(TestServer server, String dispatcher) {
        FilterDef filter = new FilterDef();
        filter.setFilterName("spy");
        filter.setFilterClass(SpyFilter.class.getName());
        server.context.addFilterDef(filter);
        FilterMap map = new FilterMap();
        map.setFilterName("spy");
        map.addURLPattern("/*");
        map.setDispatcher(dispatcher);
        server.context.addFilterMap(map);
    }

    @Test
    void refusesADocumentThatTheHelperMayNotReadThoughTheServerMay() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("forbidden.txt", "secret").document("list/forbidden.txt", "secret");
            server.forbid("forbidden.txt");
            server.forbid("list/forbidden.txt");
            server.onHost(Map.of()).start();
            HttpResponse<String> answer = server.get("/forbidden.txt");
            assertEquals(403, answer.statusCode());
            assertFalse(answer.body().contains("secret"));
            assertFalse(server.get("/list/").body().contains("forbidden"));
        }
    }

    @Test
    void runsNoServletAsAnErrorPageWhereServletsAreRefused() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            spyServlet(server, "/error");
            errorPage(server, 0, "/error");
            server.mapping("map", "guest @deny", "* a_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map", "servlets", "deny"))
                    .start();
            HttpResponse<String> absent = server.get("/absent.txt");
            assertEquals(404, absent.statusCode());
            assertTrue(absent.body().startsWith("404"), absent.body());
            assertEquals(403, server.get("/error").statusCode());
            assertEquals(403, server.get("/x", TestServer.as("guest")).statusCode());
            assertEquals(404, server.send("POST", "/x").statusCode());
            assertEquals(0, RUNS.get());
        }
    }

    @Test
    void runsAServletAsAnErrorPageNeverAsTheServer() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            spyServlet(server, "/error");
            errorPage(server, 0, "/error");
            server.mapping("map", "guest @deny", "* a_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            assertEquals(403, server.get("/x", TestServer.as("guest")).statusCode());
            assertEquals(0, RUNS.get(), "who is denied has no context to run it in");
            HttpResponse<String> absent = server.get("/absent.txt");
            assertEquals(404, absent.statusCode());
            assertEquals("ran", absent.body());
            assertEquals(404, server.send("POST", "/x").statusCode());
            assertEquals(2, RUNS.get());
            assertEquals(0, RUNS_AS_SERVER.get());
        }
    }

    @Test
    void runsNoErrorPageAsTheServerWhateverFailed() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            spyServlet(server, "/error");
            errorPage(server, 500, "/error");
            server.onHost(Map.of());
            RewriteValve rewrite = new RewriteValve();
            server.context.getPipeline().addValve(rewrite);
            server.start();
            // An expression that a client can make overflow the stack.
            rewrite.setConfiguration("RewriteRule ^/(a|b)*c$ /x");
            HttpResponse<String> overflown = server.get("/" + "ab".repeat(3_500));
            assertEquals(500, overflown.statusCode());
            assertTrue(overflown.body().startsWith("500"), overflown.body());
            assertEquals(0, RUNS.get(), "an error of the server's own has no context to run a page in");
        }
    }

    @Test
    void runsNoErrorPageAsTheServerWhereItCannotBeConfined() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            spyServlet(server, "/error");
            errorPage(server, 0, "/error");
            server.onHost(Map.of()).start();
            for (Throwable thrown : List.of(new IllegalStateException("runtime"), new StackOverflowError("error"))) {
                server.context.setThreadBindingListener(new FailingListener(thrown));
                HttpResponse<String> absent = server.get("/absent.txt");
                assertEquals(404, absent.statusCode());
                assertTrue(absent.body().startsWith("404"), absent.body());
                assertEquals(500, server.get("/error").statusCode());
            }
            assertEquals(0, RUNS.get());
        }
    }

    @Test
    void runsNoServletThatAnErrorPageIsMappedToInTheEndAsTheServer() throws Exception {
        for (String location : List.of("/folder/", "/", "/err%6Fr")) {
            forget();
            runsNoneAsTheServer(location, "deny");
            assertEquals(0, RUNS.get(), location);
            runsNoneAsTheServer(location, "thread");
        }
    }

    private void runsNoneAsTheServer(String location, String servlets) throws Exception {
        try (TestServer server = new TestServer(folder)) {
            spyServlet(server, "/error");
            server.context.addServletMappingDecoded("*.spy", "spy");
            server.context.addWelcomeFile("index.spy");
            server.document("folder/index.spy", "").document("index.spy", "");
            errorPage(server, 404, location);
            server.onHost(Map.of("servlets", servlets)).start();
            HttpResponse<String> absent = server.get("/absent.txt");
            assertEquals(404, absent.statusCode(), location);
            assertEquals(servlets.equals("deny"), absent.body().startsWith("404"), absent.body());
            assertEquals(0, RUNS_AS_SERVER.get(), location);
        }
    }

    @Test
    void runsNoFilterBeforeAnErrorPageAsTheServer() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            spyFilter(server, "ERROR");
            errorPage(server, 404, "/sorry.html");
            server.document("sorry.html", "sorry").onHost(Map.of()).start();
            HttpResponse<String> absent = server.get("/absent.txt");
            assertEquals(404, absent.statusCode());
            assertEquals("sorry", absent.body());
            assertEquals(1, RUNS.get());
            assertEquals(0, RUNS_AS_SERVER.get());
        }
    }

    @Test
    void runsNoServletAsThePageForAFailedLoginAsTheServer() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Path app = folder.resolve("app");
            Files.createDirectories(app.resolve("WEB-INF"));
            Files.writeString(app.resolve("WEB-INF/web.xml"), """
                    <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
                      <servlet>
                        <servlet-name>spy</servlet-name>
                        <servlet-class>io.github.tomcatselinux.HolesTest$Spy</servlet-class>
                      </servlet>
                      <servlet-mapping><servlet-name>spy</servlet-name><url-pattern>/error</url-pattern></servlet-mapping>
                      <error-page><error-code>401</error-code><location>/error</location></error-page>
                      <security-constraint>
                        <web-resource-collection>
                          <web-resource-name>all</web-resource-name>
                          <url-pattern>/*</url-pattern>
                        </web-resource-collection>
                        <auth-constraint><role-name>writer</role-name></auth-constraint>
                      </security-constraint>
                      <login-config><auth-method>BASIC</auth-method></login-config>
                      <security-role><role-name>writer</role-name></security-role>
                    </web-app>
                    """);
            server.onHost(Map.of());
            server.tomcat.addWebapp("/app", app.toString());
            server.start();
            HttpResponse<String> answer = server.get("/app/x");
            assertEquals(401, answer.statusCode());
            assertTrue(answer.headers().firstValue("WWW-Authenticate").isPresent());
            assertEquals(1, RUNS.get());
            assertEquals(0, RUNS_AS_SERVER.get());
        }
    }

    @Test
    void takesErrorPagesFromTheHelperTooAndShowsNoTrace() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            errorPage(server, 404, "/sorry.html");
            errorPage(server, 403, "/sorry.html");
            server.document("sorry.html", "page of the server").document("hello.txt", "hello");
            server.forbid("sorry.html");
            server.mapping("map", "guest @deny", "* a_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            for (HttpResponse<String> answer :
                    List.of(server.get("/absent.txt"), server.get("/hello.txt", TestServer.as("guest")))) {
                assertTrue(answer.statusCode() == 404 || answer.statusCode() == 403);
                assertFalse(answer.body().contains("page of the server"));
                assertFalse(answer.body().contains("Exception"), answer.body());
            }
        }
    }

    @Test
    void keepsWhatTheServerReadsOutOfTheCacheForClients() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("forbidden.txt", "secret").document("list/x.txt", "x");
            server.forbid("forbidden.txt");
            server.mapping("map", "kaigai @unchanged", "* a_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map", "allowCaches", "true"))
                    .start();
            assertEquals(403, server.get("/forbidden.txt").statusCode());
            assertEquals(
                    "secret",
                    server.get("/forbidden.txt", TestServer.as("kaigai")).body());
            assertEquals(403, server.get("/forbidden.txt").statusCode());
            assertEquals(
                    "secret",
                    server.get("/forbidden.txt", TestServer.as("kaigai")).body());
        }
    }

    @Test
    void remembersNoRefusalForTheNextVisitor() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("later.txt", "later");
            server.forbid("later.txt");
            server.onHost(Map.of("allowCaches", "true")).start();
            assertEquals(403, server.get("/later.txt").statusCode());
            Files.setPosixFilePermissions(
                    server.documents.resolve("later.txt"), PosixFilePermissions.fromString("rw-r--r--"));
            assertEquals("later", server.get("/later.txt").body());
        }
    }

    @Test
    void neverHandsAFileToTheConnector() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("large.bin", "x".repeat(500_000)).onHost(Map.of()).start();
            assertEquals(500_000, server.get("/large.bin").body().length());
            assertEquals(Optional.empty(), server.attribute("/large.bin", "org.apache.tomcat.sendfile.filename"));
        }
    }

    @Test
    void servesNobodyWhileTheValveAloneIsStoppedAndConfinesAgainWhenItIsStarted() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("hello.txt", "hello");
            ServletsTest.servlet(
                    server.context,
                    "/confined",
                    (request, response) -> response.getWriter().print(ConfinedThreads.isCurrent()));
            SelinuxValve valve = TestServer.valve(Map.of());
            server.with(server.tomcat.getHost(), valve).start();
            assertEquals("true", server.get("/confined").body());
            long helper = server.get("/hello.txt").statusCode() == 200 ? server.helperOf("/hello.txt") : 0;
            assertTrue(helper > 0);
            // As an operation of its MBean does.
            valve.stop();
            assertEquals(503, server.get("/confined").statusCode());
            assertEquals(503, server.get("/hello.txt").statusCode());
            valve.start();
            assertEquals("true", server.get("/confined").body());
            assertEquals("hello", server.get("/hello.txt").body());
            assertNotEquals(helper, server.helperOf("/hello.txt"));
        }
    }

    @Test
    void servesNobodyInAnApplicationThatStartedBeforeTheValve() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("hello.txt", "hello").start();
            assertEquals(200, server.get("/hello.txt").statusCode());
            server.onHost(Map.of());
            assertEquals(503, server.get("/hello.txt").statusCode());
            server.application("/late");
            assertEquals("there", server.get("/late/there.txt").body());
            assertEquals(503, server.get("/hello.txt").statusCode());
        }
    }

    @Test
    void appliesNoStylesheetWhereServletsAreRefused() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            ((Wrapper) server.context.findChild("default")).addInitParameter("localXsltFile", "style.xsl");
            server.document("hello.txt", "hello")
                    .onHost(Map.of("servlets", "deny"))
                    .start();
            assertEquals(403, server.get("/").statusCode());
        }
    }

    @Test
    void letsNoApplicationRenameRoles() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.context.setRealm(new OtherPrincipals());
            ((Wrapper) server.context.findChild("default")).addSecurityReference("admin", "reader");
            server.mapping("map", "@admin a_webapp_t:s0", "@reader b_webapp_t:s0", "* c_webapp_t:s0")
                    .document("hello.txt", "hello")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            assertEquals(200, server.get("/hello.txt", TestServer.as("kaigai")).statusCode());
            assertEquals(Optional.of("map:2"), server.attribute("/hello.txt", RequestScope.RULE_ATTRIBUTE));
        }
    }

    @Test
    void followsARewriteIntoAnotherApplication() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.application("/second");
            server.onHost(Map.of());
            RewriteValve rewrite = new RewriteValve();
            server.tomcat.getHost().getPipeline().addValve(rewrite);
            server.start();
            rewrite.setConfiguration("RewriteRule ^/here.txt$ /second/there.txt");
            assertEquals("there", server.get("/here.txt").body());
        }
    }

    @Test
    void decidesAnewForAnAnonymousVisitorWhomARewriteSendsElsewhere() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("here.txt", "here").document("secret/file.txt", "secret");
            server.document("login.html", "please log in");
            server.context.setLoginConfig(new LoginConfig("FORM", "test", "/login.html", "/login.html"));
            server.context
                    .getPipeline()
                    .removeValve(server.context.getPipeline().getFirst());
            server.context.getPipeline().addValve(new FormAuthenticator());
            SecurityCollection secret = new SecurityCollection();
            secret.addPatternDecoded("/secret/*");
            SecurityConstraint constraint = new SecurityConstraint();
            constraint.addCollection(secret);
            constraint.addAuthRole("writer");
            server.context.addConstraint(constraint);
            server.mapping(
                            "map.json",
                            "{\"version\": 1, \"rules\": [{\"path\": \"/secret\", \"context\": \"@deny\"},"
                                    + " {\"everybody\": true, \"context\": \"a_webapp_t:s0\"}]}")
                    .onHost(Map.of("mappingFile", "map.json"));
            RewriteValve rewrite = new RewriteValve();
            server.tomcat.getHost().getPipeline().addValve(rewrite);
            server.start();
            assertFalse(server.get("/secret/file.txt").body().contains("please log in"));
            // The condition asks for a file, as the rules say of /here.txt.
            rewrite.setConfiguration("RewriteCond %{REQUEST_URI} -f\nRewriteRule ^/here.txt$ /secret/file.txt");
            assertFalse(server.get("/here.txt").body().contains("please log in"));
        }
    }

    /** Notes that it ran. */
    public static final class Spy extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            run();
            response.getWriter().print("ran");
        }
    }

    /** Fails wherever a thread is confined. */
    private record FailingListener(Throwable toThrow) implements ThreadBindingListener {
        @Override
        public void bind() {
            if (ConfinedThreads.isCurrent()) {
                if (toThrow instanceof Error fatal) {
                    throw fatal;
                }
                throw (RuntimeException) toThrow;
            }
        }

        @Override
        public void unbind() {
            // Nothing was bound.
        }
    }

    /** Notes that it ran. */
    public static final class SpyFilter extends HttpFilter {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doFilter(
                HttpServletRequest request, HttpServletResponse response, jakarta.servlet.FilterChain chain)
                throws IOException, jakarta.servlet.ServletException {
            run();
            chain.doFilter(request, response);
        }
    }

    /** Principals that are not exactly Tomcat's generic one, as a user database makes them. */
    private static final class OtherPrincipals extends RealmBase {
        @Override
        protected String getPassword(String username) {
            return username;
        }

        @Override
        protected Principal getPrincipal(String username) {
            return new GenericPrincipal(username, List.of("reader")) {
                private static final long serialVersionUID = 1L;
            };
        }
    }
}
