// SPDX-License-Identifier: Apache-2.0
// What is looked at before the first request, and when the rules change: in the log, and over JMX.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.preflight.Fault;
import io.github.tomcatselinux.preflight.Finding;
import io.github.tomcatselinux.preflight.Preflight;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.valves.RemoteIpValve;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.logging.log4j.LogManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreflightTest {
    @TempDir
    Path folder;

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    private static ObjectName valve() throws Exception {
        return new ObjectName("Tomcat:type=Valve,host=localhost,name=SelinuxValve");
    }

    /** Lines of the attribute that hold all parts. */
    private List<String> found(String... parts) throws Exception {
        return Arrays.stream((String[]) server.getAttribute(valve(), "preflight"))
                .filter(line -> Arrays.stream(parts).allMatch(line::contains))
                .toList();
    }

    @Test
    void saysInOneLineThatAllIsWell() throws Exception {
        try (TestServer tomcat = new TestServer(folder);
                LogLines log = new LogLines()) {
            tomcat.onHost(Map.of()).start();
            assertEquals(
                    1,
                    log.with("preflight of contexts: all is well", "1 contexts were tried")
                            .size());
            assertEquals(1, found("ok: 1 contexts were tried").size());
            assertEquals(
                    1,
                    found("ok: connector [0]", "sendfile is on", "platform threads")
                            .size());
            assertEquals(List.of(), found("error: "));
        }
    }

    @Test
    void triesEachContextOnceAndAsksThePolicyBeyondTheLimit() throws Exception {
        try (TestServer tomcat = new TestServer(folder)) {
            tomcat.mapping(
                    "map", "a a_webapp_t:s0", "b a_webapp_t:s0", "c b_webapp_t:s0", "d c_webapp_t:s0", "* @deny");
            tomcat.onHost(Map.of("mappingFile", "map", "preflightLimit", "2")).start();
            // Three of the file and the default.
            assertEquals(1, found("ok: 2 contexts were tried, 2 more asked").size());
        }
    }

    @Test
    void keepsTheOldRulesWhereAContextOfTheNewOnesCannotBeTaken() throws Exception {
        try (TestServer tomcat = new TestServer(folder);
                LogLines log = new LogLines()) {
            tomcat.mapping("map", "* @deny")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            Launchers.kill(Launchers.childOf(ProcessHandle.current()));
            tomcat.mapping("map", "# new", "kaigai a_webapp_t:s0", "guest b_webapp_t:s0");
            server.invoke(valve(), "reload", new Object[0], new String[0]);
            // All of them, not the first alone.
            assertEquals(
                    1,
                    found("error: context [system_u:system_r:a_webapp_t:s0] (named by map:2)")
                            .size());
            assertEquals(
                    1,
                    found("error: context [system_u:system_r:b_webapp_t:s0] (named by map:3)")
                            .size());
            assertEquals(
                    1,
                    log.with("preflight of contexts", "map:3", "no helper could take it")
                            .size());
            assertEquals(
                    1,
                    log.with("previous rules stay in force", "map:2", "map:3").size());
            assertEquals(1, server.getAttribute(valve(), "rules"));
        }
    }

    @Test
    void fillsNoLogWithWhatIsWrongAThousandTimes() throws Exception {
        try (LogLines log = new LogLines()) {
            Preflight preflight = new Preflight(LogManager.getLogger(SelinuxValve.class));
            List<Finding> many = IntStream.range(0, 1000)
                    .mapToObj(i -> Finding.error(Fault.CONTEXT, "context number [" + i + "]"))
                    .toList();
            String errors = preflight
                    .run("contexts", List.of(() -> List.of(Finding.warning(Fault.MAPPING, "a doubt")), () -> many))
                    .orElseThrow();
            assertTrue(errors.contains("number [19]; and 980 more") && !errors.contains("number [20]"), errors);
            assertEquals(20, log.with("preflight of contexts: context number").size());
            assertEquals(1, log.with("there is more, in [981] lines").size());
            assertEquals(List.of(), log.with("a doubt"));
            assertEquals(1001, preflight.lines().size());
        }
    }

    @Test
    void warnsOfAValveThatTellsTooLateWhoAsks() throws Exception {
        try (TestServer tomcat = new TestServer(folder)) {
            tomcat.onHost(Map.of());
            tomcat.context.getPipeline().addValve(new RemoteIpValve());
            tomcat.start();
            assertEquals(
                    1, found("warning: ", "RemoteIpValve", "Declare it first").size());
        }
        try (TestServer tomcat = new TestServer(folder.resolve("right"))) {
            tomcat.tomcat.getEngine().getPipeline().addValve(new RemoteIpValve());
            tomcat.onHost(Map.of()).start();
            assertEquals(List.of(), found("Declare it first"));
        }
    }

    @Test
    void keepsWhyNothingStarted() throws Exception {
        try (TestServer tomcat = new TestServer(folder)) {
            SelinuxValve valve = TestServer.valve(Map.of());
            tomcat.with(tomcat.tomcat.getHost(), valve);
            tomcat.tomcat.getConnector().addUpgradeProtocol(new Http2Protocol());
            assertThrows(LifecycleException.class, tomcat::start);
            assertTrue(
                    valve.preflight().lines().stream()
                            .anyMatch(line -> line.startsWith("error: connector [0] speaks HTTP/2")
                                    && line.contains("UpgradeProtocol")),
                    () -> valve.preflight().lines().toString());
        }
    }

    @Test
    void refusesAnImpossibleLimit() {
        ConfigurationException wrong = assertThrows(
                ConfigurationException.class,
                () -> Configuration.of(Map.of("defaultContext", "*:s0", "preflightLimit", "-1"), folder));
        assertTrue(wrong.getMessage().contains("preflightLimit"), wrong.getMessage());
    }
}
