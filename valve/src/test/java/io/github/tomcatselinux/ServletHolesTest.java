// SPDX-License-Identifier: Apache-2.0
// Servlets that have the server do what the kernel would refuse them, by whatever detour.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.threads.ConfinedThreads;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.Globals;
import org.apache.catalina.authenticator.BasicAuthenticator;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.SecurityCollection;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServletHolesTest {
    private static final String SECRET = "of the server";

    @TempDir
    Path folder;

    /** What a request wraps, at last. */
    private static HttpServletRequest unwrapped(HttpServletRequest request) {
        ServletRequest inner = request;
        while (inner instanceof HttpServletRequestWrapper wrapper) {
            inner = wrapper.getRequest();
        }
        return (HttpServletRequest) inner;
    }

    private static void nameFile(HttpServletRequest request, Path file) {
        request.setAttribute(Globals.SENDFILE_FILE_START_ATTR, 0L);
        request.setAttribute(Globals.SENDFILE_FILE_END_ATTR, (long) SECRET.length());
        request.setAttribute(Globals.SENDFILE_FILENAME_ATTR, file.toString());
    }

    /** A server with a servlet that names a file for the connector to send, and others that lead to it. */
    private TestServer sendingServer(Path secret) throws Exception {
        TestServer server = new TestServer(folder);
        ServletsTest.servlet(server.context, "/send", (request, response) -> {
            boolean wrapped = "wrapped".equals(request.getParameter("as"));
            nameFile(wrapped ? request : unwrapped(request), secret);
            response.setContentLength(SECRET.length());
            response.flushBuffer();
            response.getOutputStream().print("of the servlet".substring(1));
        });
        for (String how : List.of("forward", "include")) {
            ServletsTest.servlet(server.context, "/" + how, (request, response) -> {
                if (how.equals("forward")) {
                    request.getRequestDispatcher("/send").forward(request, response);
                } else {
                    request.getRequestDispatcher("/send").include(request, response);
                }
            });
        }
        ServletsTest.servlet(server.context, "/error", (request, response) -> response.sendError(409));
        ErrorPage page = new ErrorPage();
        page.setErrorCode(409);
        page.setLocation("/send");
        server.context.addErrorPage(page);
        return server;
    }

    @Test
    void sendsNoFileThatAServletNamesToTheConnectorInWhateverDispatch() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET);
        try (TestServer server = sendingServer(secret)) {
            server.onHost(Map.of()).start();
            for (String path : List.of("/send", "/forward", "/include", "/error")) {
                for (String as : List.of("wrapped", "unwrapped")) {
                    assertEquals("f the servlet", server.get(path + "?as=" + as).body(), path + " " + as);
                }
            }
        }
    }

    @Test
    void letsTomcatSendFilesOfServletsThatAreLeftUnchanged() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET);
        try (TestServer server = sendingServer(secret)) {
            server.mapping("map", "* @unchanged")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            String answer = server.raw("GET /send HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertTrue(answer.contains(SECRET), answer);
        }
    }

    @Test
    void endsAConnectionThatAServletHasUpgraded() throws Exception {
        try (TestServer server = new TestServer(folder);
                LogLines log = new LogLines()) {
            ServletsTest.servlet(server.context, "/upgrade", (request, response) -> {
                unwrapped(request).upgrade(ServletsTest.NoUpgrade.class);
            });
            server.onHost(Map.of()).start();
            String answer = server.raw("GET /upgrade HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
            assertEquals("", answer);
            assertEquals(
                    1, log.with("[/upgrade]", "has upgraded the connection").size());
        }
    }

    @Test
    void refusesAnErrorPageWhatItRefusesAServlet() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            closed(server.context);
            server.onHost(Map.of()).start();
            assertPageIsConfined(server, "/closed");
        }
    }

    @Test
    void standsBeforeTheAuthenticatorOfItsOwnApplication() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Context application = server.application("/app");
            closed(application);
            server.with(application, TestServer.valve(Map.of()));
            application.setLoginConfig(server.context.getLoginConfig());
            application.getPipeline().addValve(new BasicAuthenticator());
            server.start();
            assertPageIsConfined(server, "/app/closed");
        }
    }

    /** Gives an application a closed address, and an error page for those who may not go there. */
    private static void closed(Context application) {
        ServletsTest.servlet(application, "/page", (request, response) -> {
                    String why = assertThrows(IllegalStateException.class, request::startAsync)
                            .getMessage();
                    response.getWriter().print(ConfinedThreads.isCurrent() + " " + why);
                })
                .setAsyncSupported(true);
        ErrorPage page = new ErrorPage();
        page.setErrorCode(401);
        page.setLocation("/page");
        application.addErrorPage(page);
        SecurityConstraint constraint = new SecurityConstraint();
        constraint.addAuthRole("nobody");
        SecurityCollection all = new SecurityCollection();
        all.addPatternDecoded("/closed");
        constraint.addCollection(all);
        application.addConstraint(constraint);
    }

    private static void assertPageIsConfined(TestServer server, String address) throws Exception {
        HttpResponse<String> answer = server.get(address);
        assertEquals(401, answer.statusCode());
        assertTrue(answer.body().startsWith("true "), answer.body());
        assertTrue(answer.body().contains("allowAsync"), answer.body());
    }

    @Test
    void handsOnToNoProgramWhereProgramsAreOff() throws Exception {
        Path ran = folder.resolve("ran");
        try (Programs programs = new Programs(folder, Map.of());
                LogLines log = new LogLines()) {
            ServletsTest.servlet(programs.server.context, "/forward", (request, response) -> {
                request.getRequestDispatcher("/cgi/who").forward(request, response);
            });
            ServletsTest.servlet(programs.server.context, "/include", (request, response) -> {
                request.getRequestDispatcher("/cgi/who").include(request, response);
            });
            programs.script("who", "touch " + ran, "printf 'Content-Type: text/plain\\n\\n'; echo ran")
                    .start(Map.of("programs", "off"));
            assertEquals(403, programs.server.get("/app/cgi/who").statusCode());
            assertEquals(403, programs.server.get("/app/forward").statusCode());
            assertFalse(programs.server.get("/app/include").body().contains("ran"));
            assertFalse(Files.exists(ran));
            assertEquals(2, log.with("handed on to servlet [programs]").size());
        }
    }
}
