// SPDX-License-Identifier: Apache-2.0
// Whatever goes wrong, nobody is served without confinement, and the message says what it was.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.kernel.Selinux;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.authenticator.BasicAuthenticator;
import org.apache.catalina.webresources.StandardRoot;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailureTest {
    @TempDir
    Path folder;

    /** What keeps the application from starting; and that it really is not served. */
    private String failure(TestServer server, Map<String, String> attributes) throws Exception {
        SelinuxValve valve = TestServer.valve(attributes);
        server.document("hello.txt", "hello").with(server.tomcat.getHost(), valve);
        String message =
                assertThrows(ConfigurationException.class, valve::governor).getMessage();
        assertThrows(LifecycleException.class, server::start);
        assertFalse(server.context.getState().isAvailable());
        return message;
    }

    private String failure(Map<String, String> attributes) throws Exception {
        try (TestServer server = new TestServer(folder)) {
            return failure(server, attributes);
        }
    }

    private static void assertNames(String message, String... parts) {
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "[" + part + "] is missing in: " + message);
        }
    }

    @Test
    void namesEveryWrongAttributeAtOnce() throws Exception {
        String message = failure(Map.of(
                "allowCaches", "maybe",
                "onNoMatch", "Deny",
                "launcher", "relative/path",
                "defaultContext", "webapp_t:",
                "alowKeepAlive", "true"));
        assertNames(message, "allowCaches", "[maybe]", "onNoMatch", "[Deny]", "launcher", "[relative/path]");
        assertNames(message, "defaultContext", "[webapp_t:]", "alowKeepAlive is unknown");
    }

    @Test
    void namesEveryWrongAttributeOfItsHelpers() throws Exception {
        String message = failure(Map.of(
                "launcher", "unix:/absent",
                "user", "root",
                "group", "a b",
                "capabilities", "CAP_CHOWN,,chown",
                "maxMemory", "0",
                "maxFileSize", "1T",
                "maxCpuTime", "-1",
                "maxOpenFiles", "7",
                "maxProcesses", "0",
                "maxOutput", "-1"));
        assertNames(message, "user: [root] is root", "group: [a b]", "capabilities: [CAP_CHOWN,,chown]");
        assertNames(
                message,
                "maxMemory: [0]",
                "maxFileSize: [1T]",
                "maxCpuTime: [-1]",
                "maxOpenFiles: [7]",
                "maxProcesses: [0]",
                "maxOutput: [-1]");
    }

    @Test
    void refusesAnotherUserWhereTheLauncherIsAChild() throws Exception {
        for (Map<String, String> identity :
                List.of(Map.of("user", "nobody"), Map.of("group", "nogroup"), Map.of("capabilities", "CAP_CHOWN"))) {
            assertNames(failure(identity), "a child of this JVM");
        }
    }

    @Test
    void wantsSomethingToConfineBy() {
        SelinuxValve valve = new SelinuxValve();
        try (TestServer server = new TestServer(folder)) {
            server.with(server.context, valve);
            assertNames(
                    assertThrows(ConfigurationException.class, valve::governor).getMessage(), "mappingFile");
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    void refusesAMappingFileThatIsWrongNamingTheLine() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.mapping("conf.map", "kaigai a_webapp_t:s0", "himainu s0:c1 s0:c2", "@role");
            assertNames(failure(server, Map.of("mappingFile", "conf.map")), "conf.map:2:", "conf.map:3:");
        }
    }

    @Test
    void refusesAMappingFileThatIsNotThere() throws Exception {
        assertNames(failure(Map.of("mappingFile", "absent.map")), "absent.map");
    }

    @Test
    void refusesSpecialTermsThatMayYieldNothing() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.mapping("m", "* @principal");
            assertNames(failure(server, Map.of("mappingFile", "m")), "m:1", "@principal");
        }
    }

    @Test
    void refusesAMissingLauncher() throws Exception {
        assertNames(failure(Map.of("launcher", "/absent/launcher")), "[/absent/launcher]", "missing");
    }

    @Test
    void refusesALauncherThatIsNone() throws Exception {
        assertNames(failure(Map.of("launcher", "/bin/false")), "[/bin/false]", "exit status 1");
    }

    @Test
    void refusesASocketWithNobodyBehindIt() throws Exception {
        assertNames(failure(Map.of("launcher", "unix:/absent/launcher.sock")), "/absent/launcher.sock");
    }

    @Test
    void passesOnTheLaunchersOwnWords() throws Exception {
        Path selinuxfs = Files.createDirectories(folder.resolve("selinuxfs"));
        Path proc = Files.createDirectories(folder.resolve("proc/self/attr"));
        writeStatus(selinuxfs, 1, 1);
        Files.writeString(proc.resolve("current"), "system_u:system_r:tomcat_t:s0\0");
        SelinuxValve valve = new SelinuxValve(new Selinux(selinuxfs, folder.resolve("proc")));
        valve.setDefaultContext("*:s0");
        valve.setLauncher(TestServer.LAUNCHER.toString());
        try (TestServer server = new TestServer(folder)) {
            server.with(server.tomcat.getHost(), valve);
            // The valve believes in SELinux here, the launcher looks for itself.
            String message =
                    assertThrows(ConfigurationException.class, valve::governor).getMessage();
            assertNames(message, "exit status", "SELinux");
        }
    }

    @Test
    void refusesToStartWhereSelinuxIsDisabledOrPermissive() throws Exception {
        assertNames(failure(Map.of("onNotEnforcing", "fail")), "SELinux is disabled", "onNotEnforcing");
        Path selinuxfs = Files.createDirectories(folder.resolve("selinuxfs"));
        writeStatus(selinuxfs, 0, 1);
        SelinuxValve valve = new SelinuxValve(new Selinux(selinuxfs, Path.of("/proc")));
        valve.setDefaultContext("*:s0");
        try (TestServer server = new TestServer(folder)) {
            server.with(server.tomcat.getHost(), valve);
            assertNames(
                    assertThrows(ConfigurationException.class, valve::governor).getMessage(), "SELinux is permissive");
        }
    }

    @Test
    void refusesHttp2WhereConnectionsMustClose() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.tomcat.getConnector().addUpgradeProtocol(new org.apache.coyote.http2.Http2Protocol());
            assertNames(failure(server, Map.of()), "HTTP/2", "allowKeepAlive");
        }
    }

    @Test
    void refusesTwoValvesOverOneApplication() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.with(server.context, TestServer.valve(Map.of()))
                    .with(server.tomcat.getHost(), TestServer.valve(Map.of()));
            assertThrows(LifecycleException.class, server::start);
            assertFalse(server.context.getState().isAvailable());
        }
    }

    @Test
    void refusesAnApplicationWithResourcesOfItsOwn() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.context.setResources(new OtherRoot());
            server.onHost(Map.of());
            StringWriter trace = new StringWriter();
            assertThrows(LifecycleException.class, server::start).printStackTrace(new PrintWriter(trace));
            assertNames(trace.toString(), "cannot be confined", OtherRoot.class.getName());
            assertFalse(server.context.getState().isAvailable());
        }
    }

    @Test
    void refusesRedirectsThatTellOfHiddenFolders() throws Exception {
        for (String status : new String[] {"404", "403"}) {
            try (TestServer server = new TestServer(Files.createDirectories(folder.resolve(status)))) {
                server.context.setMapperDirectoryRedirectEnabled(true);
                server.onHost(Map.of("deniedStatus", status));
                if (status.equals("403")) {
                    server.start();
                } else {
                    StringWriter trace = new StringWriter();
                    assertThrows(LifecycleException.class, server::start).printStackTrace(new PrintWriter(trace));
                    assertNames(trace.toString(), "mapperDirectoryRedirectEnabled", "deniedStatus");
                }
                assertEquals(status.equals("403"), server.context.getState().isAvailable());
            }
        }
    }

    /** A root that an application could bring. */
    private static final class OtherRoot extends StandardRoot {}

    @Test
    void refusesAValveBeforeItWhoseErrorsHavePages() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.with(server.context, TestServer.valve(Map.of()));
            ErrorPage page = new ErrorPage();
            page.setErrorCode(401);
            page.setLocation("/page");
            server.context.addErrorPage(page);
            StringWriter trace = new StringWriter();
            assertThrows(LifecycleException.class, server::start).printStackTrace(new PrintWriter(trace));
            assertNames(trace.toString(), "error pages", BasicAuthenticator.class.getName());
            assertFalse(server.context.getState().isAvailable());
        }
    }

    @Test
    void refusesAnAuthenticatorBehindTheConfinement() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.onHost(Map.of());
            server.context.addLifecycleListener(event -> {
                if (event.getType().equals(org.apache.catalina.Lifecycle.CONFIGURE_START_EVENT)) {
                    server.context.getPipeline().addValve(new BasicAuthenticator());
                }
            });
            assertThrows(LifecycleException.class, server::start);
            assertFalse(server.context.getState().isAvailable());
        }
    }

    @Test
    void answers503WhenTheLauncherIsKilledAndRecoversWhenItIsBack() throws Exception {
        Path program = Files.copy(
                TestServer.LAUNCHER, folder.toRealPath().resolve("program"), StandardCopyOption.COPY_ATTRIBUTES);
        try (TestServer server = new TestServer(folder)) {
            SelinuxValve valve = TestServer.valve(Map.of("launcher", program.toString()));
            server.document("hello.txt", "hello")
                    .with(server.tomcat.getHost(), valve)
                    .start();
            assertEquals(200, server.get("/hello.txt").statusCode());
            ProcessHandle launcher = Launchers.childOf(ProcessHandle.current(), program);
            Path away = Files.move(program, folder.resolve("away"));
            Launchers.kill(launcher);
            HttpResponse<String> answer = server.get("/hello.txt");
            assertEquals(503, answer.statusCode());
            assertFalse(answer.body().contains("launcher"), "the client learns nothing: " + answer.body());
            Files.move(away, program);
            valve.backgroundProcess();
            assertEquals("hello", server.get("/hello.txt").body());
        }
    }

    @Test
    void startsALauncherAgainAtOnceThatWasKilled() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            // Nobody else looks.
            server.tomcat.getEngine().setBackgroundProcessorDelay(-1);
            server.document("hello.txt", "hello").onHost(Map.of()).start();
            // Older than what is taken for unable to live.
            Instant begun = Instant.now();
            Await.until(
                    "time does not pass",
                    () -> Duration.between(begun, Instant.now()).toSeconds() >= 2);
            Launchers.kill(Launchers.childOf(ProcessHandle.current()));
            Await.until("it does not come back", () -> server.get("/hello.txt").statusCode() == 200);
            assertEquals("hello", server.get("/hello.txt").body());
        }
    }

    @Test
    void endsTheLauncherWhenTomcatStops() throws Exception {
        ProcessHandle launcher;
        try (TestServer server = new TestServer(folder)) {
            server.document("hello.txt", "hello").onHost(Map.of()).start();
            launcher = Launchers.childOf(ProcessHandle.current());
        }
        Await.dead(launcher.pid());
    }

    @Test
    void breaksTheConnectionWhenTheHelperDiesInMidAnswer() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("large.bin", SlowClient.LARGE).onHost(Map.of()).start();
            try (SlowClient client = SlowClient.begun(server.port(), "/large.bin")) {
                Launchers.childOf(ProcessHandle.current()).children().forEach(ProcessHandle::destroyForcibly);
                client.assertBrokenOff();
            }
        }
    }

    @Test
    void answers503WithRetryAfterWhenAllHelpersAreInUse() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            server.document("large.bin", SlowClient.LARGE)
                    .document("hello.txt", "hello")
                    .onHost(Map.of("maxHelpers", "1", "maxQueue", "0"))
                    .start();
            try (SlowClient slow = SlowClient.begun(server.port(), "/large.bin")) {
                HttpResponse<String> answer = server.get("/hello.txt");
                assertEquals(503, answer.statusCode());
                assertEquals(Optional.of("1"), answer.headers().firstValue("Retry-After"));
                assertTrue(slow.head().contains(" 200"));
            }
            Await.until(
                    "the helper is still in use",
                    () -> server.get("/hello.txt").body().equals("hello"));
        }
    }

    @Test
    void namesNumbersThatAreOutOfRange() throws Exception {
        assertNames(
                failure(Map.of("maxHelpers", "0", "maxQueue", "many", "requestTimeout", "-1")),
                "maxHelpers: [0]",
                "maxQueue: [many]",
                "requestTimeout: [-1]");
    }

    /** As the kernel's {@code struct selinux_kernel_status}. */
    static void writeStatus(Path selinuxfs, int enforcing, int policyLoads) throws IOException {
        ByteBuffer status = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder());
        status.putInt(1).putInt(0).putInt(enforcing).putInt(policyLoads).putInt(0);
        Files.write(selinuxfs.resolve("status"), status.array());
    }
}
