// SPDX-License-Identifier: Apache-2.0
// What a client learns of a file that it may not read, and what the log does.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.catalina.Wrapper;
import org.apache.tomcat.util.descriptor.web.SecurityCollection;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeniedStatusTest {
    private static final Map<String, String> HIDDEN = Map.of("deniedStatus", "404");

    @TempDir
    Path folder;

    private TestServer server() throws Exception {
        TestServer server = new TestServer(folder)
                .document("denied.txt", "secret")
                .document("closed/inside.txt", "secret")
                .document("welcome/index.html", "secret")
                .document("welcome/other.txt", "other")
                .document("empty/other.txt", "other");
        server.forbid("denied.txt");
        server.forbid("closed");
        server.forbid("welcome/index.html");
        return server;
    }

    private static String comparable(HttpResponse<String> answer, String path, String name) {
        Map<String, Object> headers = new TreeMap<>(answer.headers().map());
        headers.remove("date");
        headers.remove("content-length");
        return answer.statusCode() + " " + headers + " "
                + answer.body().replace("&#47;", "/").replace(path, name);
    }

    private static void assertLooksAbsent(TestServer server, String path, String absent, String... headers)
            throws Exception {
        for (String method : new String[] {"GET", "HEAD"}) {
            assertEquals(
                    comparable(server.send(method, absent, headers), absent, "X"),
                    comparable(server.send(method, path, headers), path, "X"),
                    () -> method + " " + path);
        }
        assertEquals(404, server.get(path).statusCode());
    }

    @Test
    void answersARefusedFileAsAnAbsentOneWhereAsked() throws Exception {
        try (TestServer server = server().onHost(HIDDEN).start();
                LogLines log = new LogLines()) {
            assertLooksAbsent(server, "/denied.txt", "/absent.txt");
            assertLooksAbsent(
                    server, "/denied.txt", "/absent.txt", "If-Modified-Since", "Thu, 01 Jan 2099 00:00:00 GMT");
            assertLooksAbsent(server, "/closed", "/absent");
            assertLooksAbsent(server, "/closed/", "/absent/");
            assertLooksAbsent(server, "/closed/inside.txt", "/absent/inside.txt");
            List<String> refusals = log.with("[/denied.txt]", "refused to open", "by Unix permissions");
            assertTrue(refusals.size() >= 3, "the log tells a refusal, and by whom");
            server.get("/denied.txt");
            assertEquals(
                    Optional.of("permissions"), server.attribute("/denied.txt", RequestScope.REFUSED_BY_ATTRIBUTE));
            assertEquals(Optional.empty(), server.attribute("/absent.txt", RequestScope.REFUSED_BY_ATTRIBUTE));
            assertEquals(0, log.with("/absent.txt").size(), "from absence");
        }
    }

    @Test
    void answersForbiddenOtherwise() throws Exception {
        try (TestServer server = server().onHost(Map.of()).start()) {
            for (String path : new String[] {"/denied.txt", "/closed/", "/closed/inside.txt", "/welcome/"}) {
                assertEquals(403, server.get(path).statusCode(), path);
                assertEquals("", server.send("HEAD", path).body());
                assertFalse(server.get(path).headers().firstValue("ETag").isPresent());
            }
            assertEquals(404, server.get("/absent.txt").statusCode());
        }
    }

    @Test
    void givesAListingWhereTheWelcomeFileIsRefused() throws Exception {
        try (TestServer server = server().onHost(HIDDEN).start()) {
            HttpResponse<String> listing = server.get("/welcome/");
            assertEquals(200, listing.statusCode());
            assertEquals(
                    server.get("/empty/").body().replaceAll("(?s)<td align=\"right\"><tt>[^<]*", ""),
                    listing.body().replace("welcome", "empty").replaceAll("(?s)<td align=\"right\"><tt>[^<]*", ""));
        }
    }

    @Test
    void answersARefusedWelcomeFileAsAnAbsentOneWhereNothingIsListed() throws Exception {
        try (TestServer server = server()) {
            ((Wrapper) server.context.findChild("default")).addInitParameter("listings", "false");
            server.onHost(HIDDEN).start();
            assertLooksAbsent(server, "/welcome/", "/empty/");
        }
    }

    @Test
    void takesTheNextWelcomeFileWhereTheFirstIsRefused() throws Exception {
        try (TestServer server = server().document("welcome/default.txt", "next")) {
            server.context.addWelcomeFile("default.txt");
            server.onHost(HIDDEN).start();
            assertEquals("next", server.get("/welcome/").body());
        }
    }

    @Test
    void passesNoSecurityConstraintOnTheWayToTheNextWelcomeFile() throws Exception {
        try (TestServer server = server().document("welcome/default.txt", "next")) {
            SecurityCollection pages = new SecurityCollection();
            pages.addPatternDecoded("*.txt");
            SecurityConstraint constraint = new SecurityConstraint();
            constraint.addAuthRole("writer");
            constraint.addCollection(pages);
            server.context.addConstraint(constraint);
            server.context.addWelcomeFile("default.txt");
            server.onHost(HIDDEN).start();
            assertEquals(404, server.get("/welcome/").statusCode());
            assertEquals(
                    "next",
                    server.get("/welcome/default.txt", TestServer.as("kaigai")).body());
        }
    }

    @Test
    void answersADenyingRuleTheSameWay() throws Exception {
        try (TestServer server = server().document("there.txt", "there").mapping("map", "guest @deny", "kaigai *")) {
            server.onHost(Map.of(
                            "deniedStatus",
                            "404",
                            "mappingFile",
                            "map",
                            "onNoMatch",
                            "deny",
                            "defaultContext",
                            "x_t:s0"))
                    .start();
            HttpResponse<String> denied = server.get("/there.txt", TestServer.as("guest"));
            HttpResponse<String> absent = server.get("/absent.txt", TestServer.as("kaigai"));
            assertEquals(404, denied.statusCode());
            assertEquals(comparable(absent, "absent.txt", "X"), comparable(denied, "there.txt", "X"));
        }
    }
}
