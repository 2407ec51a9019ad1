// SPDX-License-Identifier: Apache-2.0
// Rules that cannot mean what they say are warned of as an application starts, and only those.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.catalina.Valve;
import org.apache.catalina.authenticator.NonLoginAuthenticator;
import org.apache.catalina.authenticator.SingleSignOn;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.valves.RemoteIpValve;
import org.apache.coyote.ajp.AbstractAjpProtocol;
import org.apache.tomcat.util.descriptor.web.SecurityCollection;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityCheckTest {
    private static final String NO_LOGIN = "to it everybody is anonymous";
    private static final String PREEMPTIVE = "<Context preemptiveAuthentication=\"true\">";
    private static final String LOOPBACK = "trusts loopback";

    @TempDir
    Path folder;

    private interface Change {
        void make(TestServer server) throws Exception;
    }

    /** What is warned of where an application has been set up like this, and is started under these rules. */
    private List<String> warnings(String text, Change change, String... rules) throws Exception {
        try (TestServer server = new TestServer(Files.createTempDirectory(folder, "server"));
                LogLines log = new LogLines()) {
            server.mapping("map", rules).onHost(Map.of("mappingFile", "map"));
            change.make(server);
            server.start();
            return log.with(text);
        }
    }

    private static void noLogin(TestServer server) {
        server.context.getPipeline().removeValve((Valve) server.context.getAuthenticator());
        server.context.getPipeline().addValve(new NonLoginAuthenticator());
    }

    @Test
    void warnsOfRulesOnUsersWhereTheContainerAuthenticatesNobody() throws Exception {
        for (String rule : List.of("kaigai a_webapp_t:s0", "!guest a_webapp_t:s0", "@writer a_webapp_t:s0")) {
            List<String> found = warnings(NO_LOGIN, IdentityCheckTest::noLogin, "10.0.0.0/8 @deny", rule, "* @deny");
            assertEquals(1, found.size(), rule);
            assertTrue(found.get(0).contains("[map:2]"), found.get(0));
        }
        assertEquals(List.of(), warnings(NO_LOGIN, IdentityCheckTest::noLogin, "10.0.0.0/8 @deny", "* a_webapp_t:s0"));
        assertEquals(List.of(), warnings(NO_LOGIN, server -> {}, "kaigai a_webapp_t:s0", "* @deny"));
    }

    @Test
    void doesNotWarnWhereSomebodyElseAuthenticates() throws Exception {
        Change singleSignOn = server -> {
            noLogin(server);
            server.tomcat.getHost().getPipeline().addValve(new SingleSignOn());
        };
        Change proxy = server -> {
            noLogin(server);
            Connector connector = new Connector("AJP/1.3");
            connector.setPort(0);
            connector.setProperty("address", "127.0.0.1");
            AbstractAjpProtocol<?> protocol = (AbstractAjpProtocol<?>) connector.getProtocolHandler();
            protocol.setSecretRequired(false);
            protocol.setTomcatAuthentication(false);
            server.tomcat.getService().addConnector(connector);
        };
        assertEquals(List.of(), warnings(NO_LOGIN, singleSignOn, "kaigai a_webapp_t:s0", "* @deny"));
        assertEquals(List.of(), warnings(NO_LOGIN, proxy, "kaigai a_webapp_t:s0", "* @deny"));
    }

    private static Change constrained(String pattern, String... methods) {
        return server -> {
            server.context.setPreemptiveAuthentication(false);
            SecurityCollection collection = new SecurityCollection();
            collection.addPatternDecoded(pattern);
            for (String method : methods) {
                collection.addMethod(method);
            }
            SecurityConstraint constraint = new SecurityConstraint();
            constraint.addAuthRole("writer");
            constraint.addCollection(collection);
            server.context.addConstraint(constraint);
        };
    }

    @Test
    void printsTheLineToAddWhereCredentialsAreNotLookedAt() throws Exception {
        String[] rules = {"kaigai a_webapp_t:s0", "* @deny"};
        assertEquals(
                1,
                warnings(PREEMPTIVE, server -> server.context.setPreemptiveAuthentication(false), rules)
                        .size());
        assertEquals(1, warnings(PREEMPTIVE, constrained("/private/*"), rules).size());
        assertEquals(1, warnings(PREEMPTIVE, constrained("/*", "POST"), rules).size());
        assertEquals(List.of(), warnings(PREEMPTIVE, constrained("/*"), rules));
        assertEquals(List.of(), warnings(PREEMPTIVE, server -> {}, rules));
    }

    private static Change behind(String internal, String trusted) {
        return server -> {
            RemoteIpValve valve = new RemoteIpValve();
            if (internal != null) {
                valve.setInternalProxies(internal);
            }
            if (trusted != null) {
                valve.setTrustedProxies(trusted);
            }
            server.tomcat.getEngine().getPipeline().addValve(valve);
        };
    }

    private static boolean isTomcat10() {
        return System.getProperty("tomcat.expected").startsWith("10.");
    }

    @Test
    void warnsOfAddressRulesBehindProxiesThatIncludeLoopback() throws Exception {
        String[] rules = {"10.0.0.0/8 a_webapp_t:s0", "* @deny"};
        String elsewhere = isTomcat10() ? "192\\.0\\.2\\.1" : "192.0.2.0/24";
        String here = isTomcat10() ? "127\\..*" : "192.0.2.0/24, 127.0.0.0/8";
        String six = isTomcat10() ? "0:0:0:0:0:0:0:1" : "::1";
        assertEquals(1, warnings(LOOPBACK, behind(null, null), rules).size(), "Tomcat's default");
        assertEquals(1, warnings(LOOPBACK, behind(here, null), rules).size());
        assertEquals(1, warnings(LOOPBACK, behind(elsewhere, here), rules).size());
        assertEquals(1, warnings(LOOPBACK, behind(six, null), rules).size());
        assertEquals(List.of(), warnings(LOOPBACK, behind(elsewhere, null), rules));
        assertEquals(List.of(), warnings(LOOPBACK, behind(here, null), "kaigai a_webapp_t:s0", "* @deny"));
    }
}
