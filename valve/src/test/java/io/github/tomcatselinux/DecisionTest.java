// SPDX-License-Identifier: Apache-2.0
// Who is asked for is who is decided for, wherever the valve is declared.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.authenticator.BasicAuthenticator;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecisionTest {
    @TempDir
    Path folder;

    private static Container container(TestServer server, String level) {
        return switch (level) {
            case "Engine" -> server.tomcat.getEngine();
            case "Host" -> server.tomcat.getHost();
            default -> server.context;
        };
    }

    /** An application of one document, for writers only. */
    private Path protectedApplication(String loginConfig) throws IOException {
        Path app = folder.resolve("app");
        Files.createDirectories(app.resolve("WEB-INF"));
        Files.writeString(app.resolve("hello.txt"), "hello");
        Files.writeString(app.resolve("WEB-INF/web.xml"), """
                <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
                  <security-constraint>
                    <web-resource-collection>
                      <web-resource-name>all</web-resource-name>
                      <url-pattern>/*</url-pattern>
                    </web-resource-collection>
                    <auth-constraint><role-name>writer</role-name></auth-constraint>
                  </security-constraint>
                  <login-config>%s</login-config>
                  <security-role><role-name>writer</role-name></security-role>
                </web-app>
                """.formatted(loginConfig));
        return app;
    }

    private static Optional<Object> rule(TestServer server) throws Exception {
        return server.attribute("/hello.txt", RequestScope.RULE_ATTRIBUTE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Engine", "Host", "Context"})
    void decidesBehindTheAuthenticatorWhereverItIsDeclared(String level) throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.mapping("map", "kaigai a_webapp_t:s0", "__anonymous__ b_webapp_t:s0", "* c_webapp_t:s0")
                    .document("hello.txt", "hello");
            server.with(container(server, level), TestServer.valve(Map.of("mappingFile", "map")))
                    .start();
            assertEquals(
                    "hello", server.get("/hello.txt", TestServer.as("kaigai")).body());
            assertEquals(Optional.of("map:1"), rule(server));
            assertEquals("hello", server.get("/hello.txt").body());
            assertEquals(Optional.of("map:2"), rule(server));
            assertEquals(
                    "hello", server.get("/hello.txt", TestServer.as("guest")).body());
            assertEquals(Optional.of("map:3"), rule(server));
        }
    }

    @Test
    void asksTheRealmForRolesAndTheConnectionForTheAddress() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.mapping("map", "@writer a_webapp_t:s0", "127.0.0.0/8 b_webapp_t:s0")
                    .document("hello.txt", "hello")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            server.get("/hello.txt", TestServer.as("kaigai"));
            assertEquals(Optional.of("map:1"), rule(server));
            server.get("/hello.txt", TestServer.as("guest"));
            assertEquals(Optional.of("map:2"), rule(server));
        }
    }

    @Test
    void refusesWhoMatchesNoRuleWhereToldSo() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            SelinuxValve valve = new SelinuxValve();
            valve.setMappingFile("map");
            valve.setOnNoMatch("deny");
            valve.setOnNotEnforcing("ignore");
            valve.setLauncher(TestServer.LAUNCHER.toString());
            server.mapping("map", "kaigai a_webapp_t:s0", "guest @deny")
                    .document("hello.txt", "hello")
                    .with(server.tomcat.getHost(), valve)
                    .start();
            assertEquals(200, server.get("/hello.txt", TestServer.as("kaigai")).statusCode());
            assertEquals(403, server.get("/hello.txt", TestServer.as("guest")).statusCode());
            assertEquals(403, server.get("/hello.txt").statusCode());
        }
    }

    @Test
    void leavesToTomcatWhatARuleLeavesUnchanged() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.mapping("map", "kaigai @unchanged", "* a_webapp_t:s0")
                    .document("hello.txt", "hello")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            assertEquals(
                    "hello", server.get("/hello.txt", TestServer.as("kaigai")).body());
            assertEquals(Optional.empty(), server.attribute("/hello.txt", RequestScope.HELPER_ATTRIBUTE));
            assertEquals(
                    200,
                    server.send("OPTIONS", "/hello.txt", TestServer.as("kaigai"))
                            .statusCode());
        }
    }

    @Test
    void takesChangedRulesAndKeepsTheOldOnesWhenTheNewAreWrong() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.mapping("map", "* a_webapp_t:s0").document("hello.txt", "hello");
            SelinuxValve valve = TestServer.valve(Map.of("mappingFile", "map"));
            server.with(server.tomcat.getHost(), valve).start();
            server.mapping("map", "* @deny", "this is no rule");
            valve.backgroundProcess();
            valve.backgroundProcess();
            assertEquals(200, server.get("/hello.txt").statusCode());
            server.mapping("map", "* @principal # without allowedContexts");
            valve.backgroundProcess();
            valve.backgroundProcess();
            assertEquals(200, server.get("/hello.txt").statusCode());
            server.mapping("map", "# longer than before, so that nobody can miss it", "* @deny");
            valve.backgroundProcess();
            valve.backgroundProcess();
            assertEquals(403, server.get("/hello.txt").statusCode());
        }
    }

    @Test
    void refusesServletsAndFilesBehindAFilterWhereAsked() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Tomcat.addServlet(server.context, "hello", new Hello());
            server.context.addServletMappingDecoded("/servlet", "hello");
            FilterDef filter = new FilterDef();
            filter.setFilterName("nothing");
            filter.setFilterClass(PassThrough.class.getName());
            server.context.addFilterDef(filter);
            FilterMap map = new FilterMap();
            map.setFilterName("nothing");
            map.addURLPattern("/filtered/*");
            server.context.addFilterMap(map);
            server.document("filtered/file.txt", "x")
                    .document("hello.txt", "hello")
                    .onHost(Map.of("servlets", "deny"))
                    .start();
            assertEquals(403, server.get("/servlet").statusCode());
            assertEquals(403, server.get("/filtered/file.txt").statusCode());
            assertEquals(200, server.get("/hello.txt").statusCode());
        }
    }

    @Test
    void keepsTheConnectionOnlyWhereAllowed() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("hello.txt", "hello")
                    .onHost(Map.of("allowKeepAlive", "true"))
                    .start();
            String kept = "GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
            String answer = server.raw(kept + kept.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
            assertEquals(2, answer.split("HTTP/1.1 200", -1).length - 1, answer);
        }
    }

    @Test
    void keepsTomcatsCacheOffWhoeverTurnsItOn() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("hello.txt", "hello").onHost(Map.of()).start();
            server.context.getResources().setCachingAllowed(true);
            assertFalse(server.context.getResources().isCachingAllowed());
        }
    }

    @Test
    void answersFromTomcatsCacheOnlyWhereAllowed() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("hello.txt", "hello")
                    .onHost(Map.of("allowCaches", "true"))
                    .start();
            assertTrue(server.get("/hello.txt")
                    .headers()
                    .firstValue("Cache-Control")
                    .isEmpty());
            Files.delete(server.documents.resolve("hello.txt"));
            assertEquals("hello", server.get("/hello.txt").body());
        }
    }

    @Test
    void tellsNobodyWhatIsInAFileOutsideOfARequest() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("hello.txt", "hello")
                    .document("WEB-INF/inner.txt", "inner")
                    .onHost(Map.of())
                    .start();
            var resource = server.context.getResources().getResource("/hello.txt");
            assertTrue(resource.exists());
            assertFalse(resource.canRead());
            assertEquals(null, resource.getInputStream());
            assertEquals(null, resource.getContent());
            assertEquals(null, resource.getURL());
            assertEquals(0, server.context.getResources().list("/").length);
            assertTrue(server.context
                    .getResources()
                    .getResource("/WEB-INF/inner.txt")
                    .canRead());
        }
    }

    @Test
    void standsOnceBehindTheAuthenticatorThatTomcatAddsHoweverOftenTheApplicationIsReloaded() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Path app = protectedApplication("<auth-method>BASIC</auth-method>");
            server.mapping("map", "kaigai a_webapp_t:s0", "* @deny").onHost(Map.of("mappingFile", "map"));
            Context deployed = server.tomcat.addWebapp("/app", app.toString());
            server.start();
            for (int i = 0; i < 3; i++) {
                assertEquals(401, server.get("/app/hello.txt").statusCode());
                assertEquals(
                        "hello",
                        server.get("/app/hello.txt", TestServer.as("kaigai")).body());
                deployed.reload();
            }
            Class<?>[] valves = Arrays.stream(deployed.getPipeline().getValves())
                    .map(Object::getClass)
                    .toArray(Class<?>[]::new);
            assertEquals(ErrorPageValve.class, valves[0]);
            assertEquals(BasicAuthenticator.class, valves[1]);
            assertEquals(ConfinementValve.class, valves[2]);
            assertEquals(4, valves.length);
        }
    }

    @Test
    void governsApplicationsThatComeLater() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("hello.txt", "hello").onHost(Map.of()).start();
            Path other = Files.createDirectories(folder.resolve("other"));
            Files.writeString(other.resolve("late.txt"), "late");
            Context late = server.tomcat.addContext("/late", other.toString());
            Tomcat.addServlet(late, "default", "org.apache.catalina.servlets.DefaultServlet");
            late.addServletMappingDecoded("/", "default");
            assertEquals("late", server.get("/late/late.txt").body());
            assertTrue(server.attribute("/late/late.txt", RequestScope.HELPER_ATTRIBUTE)
                    .isPresent());
        }
    }

    @Test
    void servesErrorPagesThroughTheSameHelper() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            var page = new org.apache.tomcat.util.descriptor.web.ErrorPage();
            page.setErrorCode(404);
            page.setLocation("/sorry.html");
            server.context.addErrorPage(page);
            server.document("sorry.html", "not here").onHost(Map.of()).start();
            assertEquals("not here", server.get("/absent.txt").body());
        }
    }

    @Test
    void servesALoginPageToAnAnonymousVisitorThroughAHelper() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Path app = protectedApplication("""
                    <auth-method>FORM</auth-method>
                    <form-login-config>
                      <form-login-page>/login.html</form-login-page>
                      <form-error-page>/login.html</form-error-page>
                    </form-login-config>
                    """);
            Files.writeString(app.resolve("login.html"), "please log in");
            server.mapping("map", "__anonymous__ b_webapp_t:s0").onHost(Map.of("mappingFile", "map"));
            server.tomcat.addWebapp("/form", app.toString());
            server.start();
            assertEquals("please log in", server.get("/form/hello.txt").body());
            assertTrue(server.attribute("/form/hello.txt", RequestScope.HELPER_ATTRIBUTE)
                    .isPresent());
        }
    }

    @Test
    void hasNoAddressForAUnixDomainConnector() throws Exception {
        Path socket = folder.resolve("s");
        try (TestServer server = new TestServer(folder)) {
            Connector connector = new Connector("org.apache.coyote.http11.Http11NioProtocol");
            connector.setProperty("unixDomainSocketPath", socket.toString());
            server.tomcat.getService().addConnector(connector);
            server.mapping("map", "127.0.0.1 a_webapp_t:s0", "!10.0.0.0/8 b_webapp_t:s0", "* c_webapp_t:s0")
                    .document("hello.txt", "hello")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            try (var channel = java.nio.channels.SocketChannel.open(java.net.UnixDomainSocketAddress.of(socket))) {
                channel.write(java.nio.ByteBuffer.wrap("GET /hello.txt HTTP/1.0\r\nHost: localhost\r\n\r\n"
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
                while (channel.read(java.nio.ByteBuffer.allocate(4096)) >= 0) {
                    // To the end: then the request is over.
                }
            }
            assertEquals(Optional.of("map:3"), rule(server));
        }
    }

    /** A servlet that must not be reached. */
    static final class Hello extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().print("reached");
        }
    }

    /** A filter that does nothing. */
    public static final class PassThrough extends jakarta.servlet.http.HttpFilter {
        private static final long serialVersionUID = 1L;
    }
}
