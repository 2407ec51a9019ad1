// SPDX-License-Identifier: Apache-2.0
// What the page shows, to whom, and what a browser makes of it.
package io.github.tomcatselinux.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.events.RefusedBy;
import java.lang.management.ManagementFactory;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.management.ObjectName;
import org.apache.catalina.util.ServerInfo;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusPageTest {
    private static final String PAGE = "/selinux-status/";

    /** Users choose their names, and what they ask for. */
    private static final String HOSTILE_USER =
            "\"><img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";

    private static final String HOSTILE_PATH =
            "/</bdi></code><script>document.title='owned'</script>&'\"<style>*{display:none}</style>";
    private static final String TURNING = "alice\u202egpj.exe";

    @TempDir
    static Path folder;

    private static StatusServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new StatusServer(
                folder,
                List.of(
                        "guest @deny",
                        "@manager-gui staff_webapp_t:s0",
                        "nobody-has-this-name base_webapp_t:s0:c1",
                        "10.0.0.0/8 @unchanged"),
                "guest",
                HOSTILE_USER,
                TURNING);
        assertEquals(403, server.send("GET", "/open.txt", "guest").statusCode());
        assertEquals(
                403, server.send("GET", encoded(HOSTILE_PATH), HOSTILE_USER).statusCode());
        assertEquals(403, server.send("GET", "/open.txt", TURNING).statusCode());
        assertEquals(200, server.send("GET", "/open.txt", StatusServer.ADMIN).statusCode());
        assertEquals(403, server.send("GET", "/denied.txt", StatusServer.ADMIN).statusCode());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String encoded(String path) {
        return "/"
                + URLEncoder.encode(path.substring(1), StandardCharsets.UTF_8)
                        .replace("+", "%20")
                        .replace("%2F", "/");
    }

    private static String ask(String... namesAndValues) {
        StringBuilder query = new StringBuilder("?valve=0");
        for (int i = 0; i < namesAndValues.length; i += 2) {
            query.append('&')
                    .append(namesAndValues[i])
                    .append('=')
                    .append(URLEncoder.encode(namesAndValues[i + 1], StandardCharsets.UTF_8));
        }
        return query.toString();
    }

    private static HttpResponse<String> page(String query) throws Exception {
        return server.send("GET", PAGE + query, StatusServer.ADMIN);
    }

    private static void assertHas(String page, String... texts) {
        for (String text : texts) {
            assertTrue(page.contains(text), () -> text + " is not in:\n" + page);
        }
    }

    @Test
    void isTriedOnTheTomcatThatTheBuildAskedFor() {
        assertTrue(ServerInfo.getServerNumber().startsWith(System.getProperty("tomcat.expected")));
    }

    @Test
    void showsRulesWithTheirHitsThreadsAndRefusals() throws Exception {
        page("");
        String page = page("").body();
        assertHas(
                page,
                "Host localhost",
                "not enforcing",
                "4 in force",
                "<bdi>guest @deny</bdi>",
                "<bdi>nobody-has-this-name base_webapp_t:s0:c1</bdi>",
                "<bdi>never</bdi>",
                "<bdi>onNoMatch</bdi>",
                "<bdi>system_u:system_r:staff_webapp_thread_t:s0</bdi>",
                "a rule says @deny",
                "no rule matches, and onNoMatch is deny",
                "Refused by <strong>rule</strong>",
                "GET /open.txt",
                "the kernel, because of owner, mode or access control list",
                "<dt>errno</dt>",
                "<bdi>/denied.txt</bdi>");
    }

    @Test
    void showsWhatThePreflightFound() throws Exception {
        String[] found = (String[]) ManagementFactory.getPlatformMBeanServer()
                .getAttribute(new ObjectName("Tomcat:type=Valve,host=localhost,name=SelinuxValve"), "preflight");
        long well = Arrays.stream(found).filter(line -> line.startsWith("ok: ")).count();
        String page = page("").body();
        String contexts = "<bdi>ok: 2 contexts were tried, 0 more asked of the policy";
        String mode = "<bdi>warning: SELinux is ";
        assertHas(page, well + " checks are well, " + (found.length - well) + " are not.", contexts, mode);
        int folded = page.indexOf("<summary>What is well</summary>");
        assertTrue(page.indexOf(mode) < folded && folded < page.indexOf(contexts), page);
    }

    @Test
    void runsConfinedWhereARuleSaysSo() throws Exception {
        page("");
        ValveStatus status = ValveStatus.all().get(0);
        assertTrue(status.column("threadsByContext", "threads").get("system_u:system_r:staff_webapp_thread_t:s0") > 0);
    }

    @Test
    void explainsAndCountsNoQuestionForARequest() throws Exception {
        long decided = ValveStatus.all()
                .get(0)
                .hits()
                .get(folder.resolve("selinux.map") + ":1")
                .number();
        HttpResponse<String> refused = page(ask("user", "guest", "address", "10.1.2.3", "path", "/a"));
        assertEquals(200, refused.statusCode());
        assertHas(refused.body(), "refused, by rule [", "selinux.map:1]", "value=\"guest\"", "value=\"10.1.2.3\"");
        assertHas(
                page(ask("user", "x", "roles", "a,manager-gui")).body(),
                "context [system_u:system_r:staff_webapp_t:s0]");
        assertEquals(
                decided,
                ValveStatus.all()
                        .get(0)
                        .hits()
                        .get(folder.resolve("selinux.map") + ":1")
                        .number());
    }

    @Test
    void showsEveryValveAndWhichOfThemOnlyReports() throws Exception {
        Path other = Files.createDirectories(folder.resolve("other"));
        try (StatusServer second = new StatusServer("Another", "report", other, List.of("guest base_webapp_t:s0"))) {
            String page = second.send("GET", PAGE, StatusServer.ADMIN).body();
            assertHas(page, "reports only, confines nothing", "<dd>confines</dd>", "value=\"1\"");
            assertHas(
                    page("?valve=0&user=guest").body()
                            + page("?valve=1&user=guest").body(),
                    "refused, by rule [",
                    "context [system_u:system_r:base_webapp_t:s0]");
        }
        assertFalse(page("").body().contains("value=\"1\""));
    }

    @Test
    void saysWhatIsWrongWithAQuestion() throws Exception {
        HttpResponse<String> wrong = page(ask("address", "example.org"));
        assertEquals(400, wrong.statusCode());
        assertHas(wrong.body(), "role=\"alert\"", "[example.org] is not the literal of an address");
        for (String valve : new String[] {"1", "-1", "x", "", "99999999999999999999"}) {
            HttpResponse<String> nowhere = page("?valve=" + valve);
            assertEquals(400, nowhere.statusCode(), valve);
            assertHas(nowhere.body(), "There is no such valve.");
        }
    }

    @Test
    void letsNobodyInButManagersAndNobodyChangeAnything() throws Exception {
        for (String path : new String[] {PAGE, PAGE + "style.css"}) {
            for (String method : new String[] {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
                assertEquals(401, server.send(method, path, "").statusCode(), method + path);
                assertEquals(401, server.send(method, path, "stranger").statusCode(), method + path);
                assertEquals(403, server.send(method, path, "guest").statusCode(), method + path);
            }
            for (String method : new String[] {"POST", "PUT", "DELETE"}) {
                assertEquals(405, server.send(method, path, StatusServer.ADMIN).statusCode(), method + path);
            }
            assertEquals(200, server.send("HEAD", path, StatusServer.ADMIN).statusCode());
        }
        assertEquals(
                404,
                server.send("GET", PAGE + "WEB-INF/web.xml", StatusServer.ADMIN).statusCode());
    }

    @Test
    void forbidsBrowsersScriptsFramesAndKeeping() throws Exception {
        for (HttpResponse<String> response :
                List.of(page(""), page("?valve=7"), server.send("GET", PAGE + "style.css", StatusServer.ADMIN))) {
            var headers = response.headers();
            String policy = headers.firstValue("Content-Security-Policy").orElseThrow();
            assertTrue(policy.startsWith("default-src 'none'; style-src 'self';"), policy);
            assertFalse(policy.contains("unsafe"), policy);
            assertHas(policy, "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'");
            assertEquals("DENY", headers.firstValue("X-Frame-Options").orElseThrow());
            assertEquals("nosniff", headers.firstValue("X-Content-Type-Options").orElseThrow());
            assertEquals("no-store", headers.firstValue("Cache-Control").orElseThrow());
            assertEquals(List.of(), headers.allValues("Set-Cookie"));
        }
        String page = page("").body();
        for (String never : new String[] {"<script", "<style", " style=", " onerror=\"", "javascript:"}) {
            assertFalse(page.contains(never), never);
        }
    }

    @Test
    void hasWordsForEveryReason() {
        for (RefusedBy by : RefusedBy.values()) {
            assertNotEquals(by.toString(), Reasons.of(by.toString()));
        }
    }

    @Test
    void showsHostileTextAsText() throws Exception {
        try (Browser browser = new Browser(true)) {
            String question = ask(
                    "user",
                    HOSTILE_USER,
                    "roles",
                    HOSTILE_PATH,
                    "host",
                    HOSTILE_USER,
                    "path",
                    HOSTILE_PATH,
                    "method",
                    HOSTILE_PATH);
            for (String query : new String[] {
                "", question, question + "&address=" + encoded(HOSTILE_PATH).substring(1)
            }) {
                browser.go(server.page(query));
                browser.run("document.querySelectorAll('details').forEach(one => one.open = true)");
                assertEquals("SELinux status", browser.title());
                assertEquals(
                        0L, browser.run("return document.querySelectorAll('script, img, style, [onerror]').length"));
                assertHas(browser.text(), HOSTILE_USER, HOSTILE_PATH, "alice\\u202egpj.exe");
            }
            assertEquals(HOSTILE_USER, browser.run("return document.getElementById('user').value"));
        }
    }

    @Test
    void isCleanForAxeAndFitsNarrowAndWideWindowsLightAndDark() throws Exception {
        try (Browser browser = new Browser(true)) {
            String[] queries = {"", ask("user", "guest", "address", "10.1.2.3"), ask("address", "example.org")};
            String[] names = {"page", "explained", "wrong"};
            for (int i = 0; i < queries.length; i++) {
                for (int width : new int[] {320, 1280}) {
                    for (boolean dark : new boolean[] {false, true}) {
                        browser.look(width, dark);
                        browser.go(server.page(queries[i]));
                        assertEquals(List.of(), browser.findings(), names[i] + width + dark);
                        assertEquals(
                                true,
                                browser.run("return document.documentElement.scrollWidth <= window.innerWidth"),
                                "the page is wider than its window");
                        browser.photograph(names[i] + "-" + width + (dark ? "-dark" : "-light"));
                    }
                }
            }
        }
    }

    @Test
    void worksWithoutScripts() throws Exception {
        try (Browser browser = new Browser(false)) {
            browser.go(server.page(""));
            browser.type("user", "guest");
            browser.send("Explain");
            browser.awaitText("Answer");
            browser.awaitText("refused, by rule [");
        }
    }
}
