// SPDX-License-Identifier: Apache-2.0
// A context that a request attribute names: from the administrator's own valves, and from nobody else.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.identities.Supplied;
import io.github.tomcatselinux.mapping.Identity;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.valves.rewrite.RewriteValve;
import org.apache.coyote.ajp.AbstractAjpProtocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContextAttributeTest {
    private static final String NAME = "tenant.context";

    @TempDir
    Path folder;

    private static Map<String, String> attributes(String... more) {
        Map<String, String> attributes = new LinkedHashMap<>(Map.of(
                "mappingFile",
                "map",
                "contextAttribute",
                NAME,
                "allowedContexts",
                "a_webapp_t:s0-s0:c0.c9 base_webapp_t:s0:c3"));
        for (int i = 0; i < more.length; i += 2) {
            attributes.put(more[i], more[i + 1]);
        }
        return attributes;
    }

    /** A server whose RewriteValve, before ours, takes the attribute from a header. */
    private TestServer rewriting(String... rules) throws Exception {
        TestServer server = new TestServer(folder);
        RewriteValve rewrite = new RewriteValve();
        server.tomcat.getHost().getPipeline().addValve(rewrite);
        server.mapping("map", rules).document("hello.txt", "hello").onHost(attributes());
        server.start();
        rewrite.setConfiguration("RewriteCond %{HTTP:X-Tenant} (.+)\nRewriteRule .* - [E=" + NAME + ":%1]");
        return server;
    }

    @Test
    void decidesByTheAttributeThatARewriteSets() throws Exception {
        try (TestServer server = rewriting("* @principal");
                LogLines log = new LogLines()) {
            assertEquals(
                    "hello",
                    server.get("/hello.txt", "X-Tenant", "a_webapp_t:s0:c1").body());
            assertEquals(403, server.get("/hello.txt").statusCode());
            Await.until("nothing is logged", () -> !log.with("supplied none").isEmpty());
            assertEquals(
                    403,
                    server.get("/hello.txt", "X-Tenant", "b_webapp_t:s0:c1").statusCode());
            Await.until(
                    "the refusal is not logged",
                    () -> !log.with(
                                    "request attribute [" + NAME + "]",
                                    "[b_webapp_t:s0:c1]",
                                    "allowedContexts",
                                    "map:1")
                            .isEmpty());
        }
    }

    @Test
    void takesNothingFromListenersOfTheApplication() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.context.addApplicationListener(Forging.class.getName());
            server.mapping("map", "* @principal").document("hello.txt", "hello").onHost(attributes());
            server.start();
            assertEquals(403, server.get("/hello.txt").statusCode());
        }
    }

    /** An application that would like to choose its context. */
    public static final class Forging implements ServletRequestListener {
        @Override
        public void requestInitialized(ServletRequestEvent event) {
            event.getServletRequest().setAttribute(NAME, "a_webapp_t:s0:c1");
        }
    }

    private static ConfigurationException failure(TestServer server, Map<String, String> attributes) throws Exception {
        SelinuxValve valve = TestServer.valve(attributes);
        server.mapping("map", "* @principal").with(server.tomcat.getHost(), valve);
        return assertThrows(ConfigurationException.class, valve::governor);
    }

    @Test
    void doesNotStartOnAContextWhoseListenersComeFirst() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            SelinuxValve valve = TestServer.valve(attributes());
            server.mapping("map", "* @principal").with(server.context, valve);
            String message =
                    assertThrows(ConfigurationException.class, valve::governor).getMessage();
            assertTrue(message.contains("listeners of the application"), message);
        }
    }

    private static Connector ajp(TestServer server, String pattern) {
        Connector connector = new Connector("AJP/1.3");
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        AbstractAjpProtocol<?> protocol = (AbstractAjpProtocol<?>) connector.getProtocolHandler();
        protocol.setSecretRequired(false);
        if (!pattern.isEmpty()) {
            protocol.setAllowedRequestAttributesPattern(pattern);
        }
        server.tomcat.getService().addConnector(connector);
        return connector;
    }

    @ParameterizedTest
    @ValueSource(strings = {".*", "tenant\\.context", "tenant\\..*|other"})
    void doesNotStartWhereAjpCouldSetTheAttribute(String pattern) throws Exception {
        try (TestServer server = new TestServer(folder)) {
            ajp(server, pattern);
            String message = failure(server, attributes()).getMessage();
            assertTrue(message.contains(pattern) && message.contains(NAME), message);
        }
    }

    @Test
    void startsWhereAjpCannotSetItAndRefusesOnceItCan() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Connector connector = ajp(server, "other|AJP_.*");
            server.mapping("map", "* @principal", "__anonymous__ a_webapp_t:s0")
                    .document("hello.txt", "hello")
                    .onHost(attributes());
            server.start();
            ((AbstractAjpProtocol<?>) connector.getProtocolHandler()).setAllowedRequestAttributesPattern(".*");
            try (Apache proxy = Apache.proxy(folder.resolve("apache"), connector.getLocalPort());
                    LogLines log = new LogLines()) {
                HttpRequest request = HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + proxy.port() + "/hello.txt"))
                        .build();
                int status = HttpClient.newHttpClient()
                        .send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode();
                assertEquals(403, status);
                Await.until(
                        "no refusal is logged",
                        () -> !log.with("allowedRequestAttributesPattern [.*]").isEmpty());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "jakarta.servlet.context", "org.apache.catalina.x", "AJP_context", "JK_LB_ACTIVATION"})
    void refusesNamesThatOthersUse(String name) throws Exception {
        try (TestServer server = new TestServer(folder)) {
            String message =
                    failure(server, attributes("contextAttribute", name)).getMessage();
            assertTrue(message.contains("contextAttribute: [" + name + "]"), message);
        }
    }

    @Test
    void needsToBeToldWhichContextsMayCome() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Map<String, String> attributes = attributes();
            attributes.remove("allowedContexts");
            String message = failure(server, attributes).getMessage();
            assertTrue(message.contains("map:1") && message.contains("allowedContexts"), message);
        }
    }

    private Verdict decide(String rule, Supplied supplied) throws Exception {
        try (TestServer server = new TestServer(folder)) {
            SelinuxValve valve = TestServer.valve(attributes());
            server.mapping("map", rule).with(server.tomcat.getHost(), valve);
            Governor governor = valve.governor();
            return governor.decide(
                    governor.rules(), Identity.builder().user("kaigai").build(), () -> supplied);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "a_webapp_t:s0:c1, a_webapp_t:s0:c1",
        "'a_webapp_t:s0:c1,c0', 'a_webapp_t:s0:c0,c1'",
        "a_webapp_t, a_webapp_t:s0",
        "*:s0:c3, base_webapp_t:s0:c3",
    })
    void completesAContextThatIsAllowed(String text, String context) throws Exception {
        Verdict.Confine verdict =
                assertInstanceOf(Verdict.Confine.class, decide("* @principal", new Supplied.Text(text, "test")));
        assertEquals("system_u:system_r:" + context, verdict.context());
        assertEquals("map:1", verdict.rule());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                " a_webapp_t:s0",
                "a_webapp_t:s0 ",
                "a_webapp_t: s0",
                "a_webapp_t:s0\n",
                "a_webapp_t:s0\0",
                "a_webapp_t\0:s0",
                "a_webapp_t:s0\r\nb_webapp_t:s0",
                "a_webapp_t:s0\u00a0",
                "system_u:system_r:a_webapp_t:s0",
                "s0:c1",
                "a_webapp_t:",
                "a_webapp_t:s0:c10",
                "a_webapp_t:s0:c0-s0:c1",
                "a_webapp_t:SystemLow",
                "b_webapp_t:s0",
                "*:s0:c4",
                "@unchanged",
                "*",
            })
    void refusesWhatIsNoContextOrNotAllowed(String text) throws Exception {
        Verdict.NoContext refused = assertInstanceOf(
                Verdict.NoContext.class, decide("* @principal", new Supplied.Text(text, "the source")));
        assertTrue(refused.reason().startsWith("the source: "), refused.reason());
        assertTrue(refused.reason().chars().noneMatch(Character::isISOControl), refused.reason());
    }

    @Test
    void refusesWhatIsTooLong() throws Exception {
        Verdict.NoContext refused = assertInstanceOf(
                Verdict.NoContext.class, decide("* @principal", new Supplied.Text("a".repeat(100_000), "the source")));
        assertTrue(refused.reason().length() < 200, refused.reason());
    }
}
