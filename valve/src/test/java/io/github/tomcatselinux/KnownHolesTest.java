// SPDX-License-Identifier: Apache-2.0
// What docs/security-model.md says does not protect: should one of these fail, the page promises too little.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.tomcatselinux.threads.ConfinedThreads;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownHolesTest {
    private static final String KAIGAI = "system_u:system_r:a_webapp_thread_t:s0";

    @TempDir
    Path folder;

    private TestServer server() throws IOException {
        return new TestServer(folder)
                .mapping("map", "kaigai a_webapp_t:s0", "guest b_webapp_t:s0")
                .onHost(Map.of("mappingFile", "map", "onNoMatch", "deny"));
    }

    private static String context() {
        return ConfinedThreads.currentContext().orElse("the server's");
    }

    @Test
    void letsAServletReadWhatAnotherContextPutIntoMemory() throws Exception {
        AtomicReference<String> memory = new AtomicReference<>();
        try (TestServer server = server()) {
            ServletsTest.servlet(server.context, "/put", (request, response) -> memory.set(context()));
            ServletsTest.servlet(
                    server.context,
                    "/take",
                    (request, response) -> response.getWriter().print(memory.get()));
            server.start();
            assertEquals(200, server.get("/put", TestServer.as("kaigai")).statusCode());
            assertEquals(KAIGAI, server.get("/take", TestServer.as("guest")).body());
        }
    }

    @Test
    void runsWhatIsHandedToAnEarlierPoolInTheContextOfThePool() throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try (TestServer server = server()) {
            pool.submit(() -> {}).get();
            ServletsTest.servlet(server.context, "/hand", (request, response) -> {
                try {
                    response.getWriter()
                            .print(context() + " and "
                                    + pool.submit(KnownHolesTest::context).get());
                } catch (InterruptedException | ExecutionException failed) {
                    throw new ServletException(failed);
                }
            });
            server.start();
            assertEquals(
                    KAIGAI + " and the server's",
                    server.get("/hand", TestServer.as("kaigai")).body());
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void showsTheValvesMBeanToAnyServlet() throws Exception {
        try (TestServer server = server()) {
            ServletsTest.servlet(server.context, "/look", (request, response) -> {
                try {
                    response.getWriter()
                            .print(ManagementFactory.getPlatformMBeanServer()
                                    .getAttribute(
                                            new ObjectName("Tomcat:type=Valve,host=localhost,name=SelinuxValve"),
                                            "rules"));
                } catch (JMException failed) {
                    throw new ServletException(failed);
                }
            });
            server.start();
            assertEquals("2", server.get("/look", TestServer.as("kaigai")).body());
        }
    }

    @Test
    void believesTheRealmThatAnApplicationBrings() throws Exception {
        Path application = Files.createDirectories(folder.resolve("bringing"));
        Files.createDirectories(application.resolve("META-INF"));
        Files.createDirectories(application.resolve("WEB-INF"));
        Path users = Files.writeString(
                folder.resolve("users.xml"),
                "<tomcat-users><user username=\"kaigai\" password=\"chosen\" roles=\"any\"/></tomcat-users>");
        Files.writeString(
                application.resolve("META-INF/context.xml"),
                "<Context preemptiveAuthentication=\"true\"><Realm className=\"org.apache.catalina.realm.MemoryRealm\" pathname=\""
                        + users + "\"/></Context>");
        Files.writeString(application.resolve("WEB-INF/web.xml"), """
                <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
                  <login-config><auth-method>BASIC</auth-method></login-config>
                </web-app>
                """);
        try (TestServer server = server()) {
            Context bringing = server.tomcat.addWebapp("/bringing", application.toString());
            ServletsTest.servlet(
                    bringing,
                    "/who",
                    (request, response) -> response.getWriter().print(context()));
            server.start();
            String credentials =
                    Base64.getEncoder().encodeToString("kaigai:chosen".getBytes(StandardCharsets.US_ASCII));
            assertEquals(
                    KAIGAI,
                    server.get("/bringing/who", "Authorization", "Basic " + credentials)
                            .body());
        }
    }

    /** Fails the first time. */
    private static final class Reluctant extends HttpServlet {
        private static final long serialVersionUID = 1L;
        private boolean isTried;
        private String by;

        @Override
        public void init() throws ServletException {
            if (!isTried) {
                isTried = true;
                throw new ServletException("not yet");
            }
            by = context();
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().print(by);
        }
    }

    @Test
    void initializesOnTheConfinedThreadWhatFailedAtStartAndIsForwardedTo() throws Exception {
        try (TestServer server = server()) {
            Tomcat.addServlet(server.context, "reluctant", new Reluctant());
            server.context.addServletMappingDecoded("/reluctant", "reluctant");
            ServletsTest.servlet(
                    server.context,
                    "/lead",
                    (request, response) ->
                            request.getRequestDispatcher("/reluctant").forward(request, response));
            server.start();
            assertEquals(KAIGAI, server.get("/lead", TestServer.as("kaigai")).body());
        }
    }

    @Test
    void hasNoErrorPagesFromFilesWhereTheValveIsTheApplicationsOwn() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Context application = server.application("/app");
            ErrorPage page = new ErrorPage();
            page.setErrorCode(404);
            page.setLocation("/there.txt");
            application.addErrorPage(page);
            server.with(application, TestServer.valve(Map.of())).start();
            HttpResponse<String> answer = server.get("/app/absent");
            assertEquals(404, answer.statusCode());
            assertFalse(answer.body().equals("there"), answer.body());
            assertEquals("there", server.get("/app/there.txt").body());
        }
    }
}
