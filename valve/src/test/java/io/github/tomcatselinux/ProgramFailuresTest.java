// SPDX-License-Identifier: Apache-2.0
// What programs do wrong, and what must not be run at all.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.descriptor.web.SecurityCollection;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramFailuresTest {
    private static final String HEADER = "printf 'Content-Type: text/plain\\n\\n'";

    @TempDir
    Path folder;

    private Programs programs;
    private LogLines log;

    @BeforeEach
    void declare() throws Exception {
        log = new LogLines();
        programs = new Programs(folder, Map.of());
    }

    @AfterEach
    void stop() {
        programs.close();
        log.close();
    }

    private void awaitLog(String... parts) throws Exception {
        Await.until(
                "not logged: " + String.join(" ", parts), () -> !log.with(parts).isEmpty());
    }

    @Test
    void answers502ToWhatIsNoAnswer() throws Exception {
        programs.script("silent", "exit 3")
                .script("half", "printf 'Content-Type: text/plain\\n'")
                .script("nonsense", "echo this is no header; echo")
                .script("status", "printf 'Status: many\\n\\n'")
                .script("length", "printf 'Content-Length: -5\\n\\n'")
                .script("huge", "printf 'Content-Length: 9999999999999999999\\n\\n'")
                .script("long", "printf 'Content-Length: 3\\n\\nfour'")
                .script("endless", "yes 'X-Long: y'")
                .script("crash", HEADER + "; kill -SEGV $$")
                .start(Map.of());
        Map<String, String> said = Map.of(
                "huge", "its Content-Length is none",
                "long", "its document has another length",
                "silent", "it said nothing, exit status 3",
                "half", "it ended within its header",
                "nonsense", "a line of its header is none: [this is no header]",
                "status", "its status is none: [many]",
                "length", "its Content-Length is none",
                "endless", "its header has more than");
        for (Map.Entry<String, String> one : said.entrySet()) {
            HttpResponse<String> answer = programs.server.get("/app/cgi/" + one.getKey());
            assertEquals(502, answer.statusCode(), one.getKey());
            awaitLog("/WEB-INF/cgi/" + one.getKey(), one.getValue());
        }
        assertThrowsOr502("crash");
        awaitLog("a signal ended it: 11");
    }

    /** If something was sent already, all that is left is to break off. */
    private void assertThrowsOr502(String name) throws Exception {
        try {
            assertEquals(502, programs.server.get("/app/cgi/" + name).statusCode());
        } catch (IOException brokenOff) {
            assertFalse(brokenOff.getMessage().isEmpty());
        }
    }

    @Test
    void kills504WhatTakesTooLong() throws Exception {
        programs.script("sleeps", "sleep 1000").start(Map.of("maxProgramTime", "5"));
        assertEquals(504, programs.server.get("/app/cgi/sleeps").statusCode());
        awaitLog("it ran longer than maxProgramTime");
    }

    @Test
    void saysWhichLimitAProgramRanInto() throws Exception {
        programs.script("fills", "exec yes >" + folder + "/full")
                .script("idles", "exec sleep 1000")
                .script("hoards", "x=$(head -c 300000000 /dev/zero | tr '\\0' x); echo \"${#x}\"")
                .start(Map.of("requestTimeout", "5", "maxFileSize", "100000", "maxMemory", "100M"));
        assertEquals(502, programs.server.get("/app/cgi/fills").statusCode());
        awaitLog("/WEB-INF/cgi/fills", "it wrote a file longer than allowed (maxFileSize)");
        assertEquals(502, programs.server.get("/app/cgi/hoards").statusCode());
        awaitLog("/WEB-INF/cgi/hoards", "perhaps for want of memory");
        assertEquals(504, programs.server.get("/app/cgi/idles").statusCode());
        awaitLog("/WEB-INF/cgi/idles", "it neither read nor wrote anything for as long as requestTimeout");
    }

    @Test
    void saysThatAProgramUsedUpItsProcessorTime() throws Exception {
        programs.script("spins", "while :; do :; done").start(Map.of("maxCpuTime", "1"));
        assertEquals(502, programs.server.get("/app/cgi/spins").statusCode());
        awaitLog("/WEB-INF/cgi/spins", "it used up its CPU time (maxCpuTime)");
    }

    @Test
    void breaksOffAnAnswerThatIsTooLong() throws Exception {
        programs.script("long", HEADER + "; exec yes").start(Map.of("maxOutput", "100000"));
        try (Socket socket = programs.open("GET /app/cgi/long HTTP/1.1\r\nHost: h\r\n\r\n")) {
            String answer;
            try (InputStream in = socket.getInputStream()) {
                answer = new String(in.readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
            } catch (IOException reset) {
                answer = "";
            }
            assertFalse(answer.endsWith("0\r\n\r\n"), "an answer that looks whole");
        }
        awaitLog("its answer has more than 100000 octets");
    }

    @Test
    void breaksAKeptConnectionOffWhereTheLengthWasWrong() throws Exception {
        String begun = "printf 'Content-Length: 5\\n\\nfou'; while ! test -e " + folder + "/go; do sleep 0.05; done; ";
        programs.script("short", begun)
                .script("long", begun + "printf 'rfive'")
                .script("right", "printf 'Content-Length: 5\\n\\nright'")
                .start(Map.of("allowKeepAlive", "true"));
        assertEquals("right", programs.server.get("/app/cgi/right").body());
        assertEquals(200, programs.server.send("HEAD", "/app/cgi/right").statusCode());
        String next = "GET /app/cgi/right HTTP/1.1\r\nHost: h\r\n\r\n";
        for (String name : List.of("short", "long")) {
            Files.deleteIfExists(folder.resolve("go"));
            try (Socket socket = programs.open("GET /app/cgi/" + name + " HTTP/1.1\r\nHost: h\r\n\r\n" + next)) {
                Programs.readUntil(socket.getInputStream(), "fou");
                Files.createFile(folder.resolve("go"));
                IOException end = assertThrows(
                        IOException.class, () -> Programs.readUntil(socket.getInputStream(), "right"), name);
                assertFalse(end instanceof SocketTimeoutException, () -> name + ": " + end);
            }
        }
    }

    @Test
    void logsStandardErrorByLineWithTheRequestAndNotWithoutEnd() throws Exception {
        programs.script("says", "printf 'one\\nt\\033wo\\nthree' >&2", HEADER)
                .script("loud", "head -c 100000000 /dev/zero | tr '\\0' 'x' >&2", HEADER)
                .start(Map.of());
        assertEquals(200, programs.server.get("/app/cgi/says").statusCode());
        String id = (String) programs.server
                .attribute("/app/cgi/says", RequestScope.ID_ATTRIBUTE)
                .orElseThrow();
        for (String line : List.of("said: one", "said: t\\u001bwo", "said: three")) {
            awaitLog("request [" + id + "]", line);
        }
        assertEquals(200, programs.server.get("/app/cgi/loud").statusCode());
        awaitLog("said more on standard error than is logged");
        assertTrue(log.with("xxxx").size() <= 2);
    }

    @Test
    void killsAProgramWithAllItStartedWhenTheClientIsGone() throws Exception {
        programs.script(
                        "daemon",
                        HEADER,
                        "setsid sh -c 'trap \"\" TERM; echo pid $$; exec sleep 1000' &",
                        "while echo x; do sleep 0.1; done")
                .start(Map.of());
        long daemon;
        try (Socket socket = programs.open("GET /app/cgi/daemon HTTP/1.1\r\nHost: h\r\n\r\n")) {
            Programs.readUntil(socket.getInputStream(), "pid ");
            daemon = Long.parseLong(
                    Programs.readUntil(socket.getInputStream(), "\n").strip());
            assertTrue(ProcessHandle.of(daemon).isPresent());
        }
        Await.dead(daemon);
        assertTrue(log.with("crashed").isEmpty(), "to be killed for that is no crash");
    }

    @Test
    void killsAProgramWhoseInputBreaksOff() throws Exception {
        Path done = folder.resolve("done");
        programs.script(
                        "reads",
                        "echo $$ >" + folder + "/pid.tmp; mv " + folder + "/pid.tmp " + folder + "/pid",
                        "cat >/dev/null; touch " + done,
                        HEADER)
                .start(Map.of());
        try (Socket socket =
                programs.open("POST /app/cgi/reads HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nxx")) {
            Await.until("the program does not start", () -> Files.exists(folder.resolve("pid")));
        }
        Await.dead(Long.parseLong(Files.readString(folder.resolve("pid")).strip()));
        assertFalse(Files.exists(done), "half a body was taken for a whole one");
    }

    @Test
    void aLingeringChildKeepsNeitherAnswerNorItself() throws Exception {
        programs.script("lingers", HEADER, "sleep 1000 & echo $!").start(Map.of());
        long child =
                Long.parseLong(programs.server.get("/app/cgi/lingers").body().strip());
        Await.dead(child);
    }

    @Test
    void finishesTheAnswerOfAProgramThatGoesOnWithoutOne() throws Exception {
        Path go = folder.resolve("go");
        Path done = folder.resolve("done");
        programs.script(
                        "goes-on",
                        HEADER,
                        "echo answer; exec >&-",
                        "while ! test -e " + go + "; do sleep 0.05; done",
                        "touch " + done)
                .start(Map.of("allowKeepAlive", "true"));
        assertEquals("answer\n", programs.server.get("/app/cgi/goes-on").body());
        Files.createFile(go);
        Await.until("the program does not end by itself", () -> Files.exists(done));
    }

    @Test
    void runsNothingBehindARefusedFilterOrWhereItIsSwitchedOff() throws Exception {
        Path ran = folder.resolve("ran");
        programs.script("run", "touch " + ran, HEADER);
        FilterDef filter = new FilterDef();
        filter.setFilterName("any");
        filter.setFilterClass("org.apache.catalina.filters.SetCharacterEncodingFilter");
        filter.addInitParameter("encoding", "UTF-8");
        programs.server.context.addFilterDef(filter);
        FilterMap map = new FilterMap();
        map.setFilterName("any");
        map.addURLPattern("/cgi/filtered/*");
        programs.server.context.addFilterMap(map);
        programs.script("filtered/run", "touch " + ran, HEADER).start(Map.of("servlets", "deny"));
        assertEquals(403, programs.server.get("/app/cgi/filtered/run").statusCode());
        assertFalse(Files.exists(ran));
        assertEquals(200, programs.server.get("/app/cgi/run").statusCode());
        Files.delete(ran);
        programs.close();
        programs = new Programs(folder.resolve("second"), Map.of())
                .script("run", "touch " + ran, HEADER)
                .start(Map.of("programs", "off"));
        assertEquals(403, programs.server.get("/app/cgi/run").statusCode());
        assertFalse(Files.exists(ran));
    }

    /** Which programs do leave, {@code guest_programs.sh} shows where there is a policy. */
    @Test
    void runsNothingThatDoesNotLeaveTheDomainOfItsRequestWhereThatIsDemanded() throws Exception {
        assumeFalse(Files.exists(Path.of("/sys/fs/selinux/enforce")));
        Path ran = folder.resolve("ran");
        programs.script("run", "touch " + ran, HEADER).start(Map.of("programs", "secure"));
        assertEquals(500, programs.server.get("/app/cgi/run").statusCode());
        awaitLog("[/WEB-INF/cgi/run] was not run", "programs=\"secure\"", "the kernel has no SELinux");
        assertFalse(Files.exists(ran));
    }

    @Test
    void runsNothingForWhomTheApplicationRefuses() throws Exception {
        Path ran = folder.resolve("ran");
        SecurityConstraint constraint = new SecurityConstraint();
        SecurityCollection collection = new SecurityCollection();
        collection.addPatternDecoded("/cgi/*");
        constraint.addCollection(collection);
        constraint.addAuthRole("writer");
        programs.server.context.addConstraint(constraint);
        programs.script("run", "touch " + ran, HEADER).start(Map.of());
        assertEquals(401, programs.server.get("/app/cgi/run").statusCode());
        assertEquals(
                403, programs.server.get("/app/cgi/run", TestServer.as("guest")).statusCode());
        assertFalse(Files.exists(ran));
        assertEquals(
                200,
                programs.server.get("/app/cgi/run", TestServer.as("kaigai")).statusCode());
        assertTrue(Files.exists(ran));
    }

    @Test
    void leavesToTomcatWhatNoRuleAppliesTo() throws Exception {
        programs.script("who", HEADER, "echo $PPID").script("tomcats", HEADER, "echo [$SERVER_SOFTWARE] $PPID");
        programs.server.mapping("map", "kaigai base_webapp_t:s0");
        SelinuxValve valve = new SelinuxValve();
        Map.of(
                        "launcher", TestServer.LAUNCHER.toString(),
                        "onNotEnforcing", "ignore",
                        "mappingFile", "map")
                .forEach(valve::setProperty);
        programs.server.with(programs.server.tomcat.getHost(), valve).start();
        String self = String.valueOf(ProcessHandle.current().pid());
        String unconfined = programs.server.get("/app/cgi/who").body().strip();
        String confined = programs.server
                .get("/app/cgi/who", TestServer.as("kaigai"))
                .body()
                .strip();
        assertEquals(self, unconfined);
        assertFalse(confined.equals(self) || confined.isEmpty());
        assertEquals(Long.parseLong(confined), programs.server.helperOf("/app/cgi/who"));
    }

    @Test
    void asksTheClientWhereARedirectInsideWouldPassAConstraintBy() throws Exception {
        programs.script("in", "printf 'Location: /app/secret/plan.txt\\n\\n'")
                .script("code", "printf 'Location: /app/spy\\n\\n'");
        programs.server.document("secret/plan.txt", "the plan");
        SecurityConstraint constraint = new SecurityConstraint();
        SecurityCollection collection = new SecurityCollection();
        collection.addPatternDecoded("/secret/*");
        constraint.addCollection(collection);
        constraint.addAuthRole("writer");
        programs.server.context.addConstraint(constraint);
        Tomcat.addServlet(programs.server.context, "spy", "org.apache.catalina.servlets.DefaultServlet");
        programs.server.context.addServletMappingDecoded("/spy", "spy");
        Tomcat.addServlet(programs.server.context, "other", "org.apache.jasper.servlet.Missing");
        programs.server.context.addServletMappingDecoded("/spy/*", "other");
        programs.start(Map.of());
        for (String name : List.of("in", "code")) {
            HttpResponse<String> answer = programs.server.get("/app/cgi/" + name);
            assertEquals(302, answer.statusCode(), name);
            assertFalse(answer.body().contains("plan"));
        }
    }

    @Test
    void leadsInsideToNoWelcomeFileAndToNoStylesheet() throws Exception {
        programs.script("folder", "printf 'Location: /app/folder/\\n\\n'")
                .script("top", "printf 'Location: /app/\\n\\n'")
                .script("styled", "printf 'Location: /app/styled.txt\\n\\n'");
        programs.server.document("folder/index.html", "welcome").document("index.html", "welcome");
        Tomcat.addServlet(programs.server.context, "styled", "org.apache.catalina.servlets.DefaultServlet")
                .addInitParameter("localXsltFile", "style.xsl");
        programs.server.context.addServletMappingDecoded("/styled.txt", "styled");
        programs.start(Map.of());
        for (String name : List.of("folder", "top", "styled")) {
            assertEquals(302, programs.server.get("/app/cgi/" + name).statusCode(), name);
        }
    }

    @Test
    void doesNotStartWhereNobodyCouldCountProcesses() throws Exception {
        programs.script("run", HEADER);
        programs.server.onHost(Map.of("maxProcesses", "10"));
        assertThrows(LifecycleException.class, programs.server::start);
    }

    @Test
    void limitsTheMemoryOfAProgramByDefault() throws Exception {
        programs.script("limits", HEADER, "ulimit -v").start(Map.of());
        assertEquals(
                String.valueOf(4L << 20),
                programs.server.get("/app/cgi/limits").body().strip());
    }

    @Test
    void doesNotStartAnApplicationWhoseProgramsNobodyCouldRun() throws Exception {
        programs.script("run", HEADER);
        programs.server.onHost(Map.of("programLauncher", "/no/such/launcher"));
        assertThrows(LifecycleException.class, programs.server::start);
    }
}
