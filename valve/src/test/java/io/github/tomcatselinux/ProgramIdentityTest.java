// SPDX-License-Identifier: Apache-2.0
// Programs of each Host are the Unix user that its valve names and the launcher's own file allows, as suEXEC's users
// know it.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.Context;
import org.apache.catalina.Host;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramIdentityTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private TestServer server;
    private final List<Process> launchers = new ArrayList<>();

    @BeforeEach
    void prepare() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can let a launcher switch users");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        server = new TestServer(folder);
    }

    @AfterEach
    void end() throws Exception {
        for (Process launcher : launchers) {
            launcher.destroyForcibly().waitFor();
        }
        if (server != null) {
            server.close();
        }
    }

    /** A launcher as a service that obeys this file; returns its socket. */
    private Path service(Path file, String way) throws Exception {
        Path socket = folder.resolve(way + ".sock");
        Process launcher = new ProcessBuilder(
                        TestServer.LAUNCHER.toString(),
                        "--not-enforcing",
                        "--way",
                        way,
                        "--socket",
                        socket.toString(),
                        "--config",
                        file.toString())
                .inheritIO()
                .start();
        launchers.add(launcher);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(socket)) {
            assertTrue(launcher.isAlive() && System.nanoTime() < deadline, "the launcher does not listen");
            TimeUnit.MILLISECONDS.sleep(10);
        }
        return socket;
    }

    /** Attributes of a valve that uses services with these lines in their file. */
    private Map<String, String> services(String... lines) throws Exception {
        Path file = folder.resolve("launcher.conf");
        Files.writeString(file, "client 0 tomcat_t min-uid=1\n" + String.join("\n", lines) + "\n");
        return Map.of(
                "launcher", "unix:" + service(file, "files"),
                "programLauncher", "unix:" + service(file, "programs"),
                "defaultContext", "a_webapp_t:s0");
    }

    private static void own(Path file, String user, String mode) throws IOException {
        Files.setOwner(
                file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    /** A virtual host with an application whose program only its user may read and run; returns its folder. */
    private Path host(String name, String user, String script) throws IOException {
        Host host = new StandardHost();
        host.setName(name);
        server.tomcat.getEngine().addChild(host);
        Path documents = Files.createDirectories(folder.resolve(name)).toRealPath();
        Path programs = Files.createDirectories(documents.resolve("WEB-INF/cgi"));
        Path program = Files.writeString(programs.resolve("who"), "#!/bin/sh\n" + script + "\n");
        own(program, user, "rwx------");
        Path setUserId = Files.copy(Path.of("/usr/bin/id"), programs.resolve("id"));
        Files.setAttribute(setUserId, "unix:mode", 0104755);
        own(Files.writeString(documents.resolve("private"), "of " + user + "\n"), user, "rw-------");
        Context context = server.tomcat.addContext(host, "", documents.toString());
        context.setPrivileged(true);
        Wrapper servlet = Tomcat.addServlet(context, "programs", "org.apache.catalina.servlets.CGIServlet");
        servlet.addInitParameter("cgiPathPrefix", "WEB-INF/cgi");
        servlet.addInitParameter("executable", "");
        context.addServletMappingDecoded("/cgi/*", "programs");
        return documents;
    }

    private void valve(String host, Map<String, String> attributes, String... more) {
        Map<String, String> all = new HashMap<>(attributes);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        server.with(server.tomcat.getEngine().findChild(host), TestServer.valve(all));
    }

    private String ask(String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream()
                    .write(("GET /cgi/who HTTP/1.0\r\nHost: " + host + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void runsThemAsTheUserAndGroupOfTheHost() throws Exception {
        String says = "printf 'Content-Type: text/plain\\n\\n'; echo \"$(id -un) $(id -gn) $(id -Gn)\";"
                + " echo set-user-id: $(./id -un);"
                + " grep -h CapEff /proc/self/status; cat ../../private ../../../%s/private 2>&1";
        Path one = host("one.example", "nobody", says.formatted("two.example"));
        Path two = host("two.example", "daemon", says.formatted("one.example"));
        Map<String, String> attributes = services(
                "allow a_webapp_t s0 " + one + " user=nobody",
                "allow a_webapp_t s0 " + two + " user=daemon group=games");
        valve("one.example", attributes, "user", "nobody");
        valve("two.example", attributes, "user", "daemon", "group", "games");
        server.start();
        String first = ask("one.example");
        assertTrue(first.contains("\nnobody nogroup nogroup\n"), first);
        assertTrue(first.contains("\nset-user-id: nobody\n"), first);
        assertTrue(first.contains("CapEff:\t0000000000000000\n"), first);
        assertTrue(first.contains("of nobody\ncat: ../../../two.example/private: Permission denied\n"), first);
        String second = ask("two.example");
        assertTrue(second.contains("\ndaemon games "), second);
        assertTrue(second.contains("of daemon\ncat: ../../../one.example/private: Permission denied\n"), second);
    }

    @Test
    void runsNothingForAUserWhomTheFileDoesNotAllowThere() throws Exception {
        Path ran = folder.resolve("ran");
        Path one = host("one.example", "nobody", "touch " + ran);
        Path two = host("two.example", "daemon", "touch " + ran);
        Map<String, String> attributes =
                services("allow a_webapp_t s0 " + one + " user=nobody", "allow a_webapp_t s0 " + two + " user=daemon");
        valve("one.example", attributes, "user", "daemon");
        valve("two.example", attributes, "user", "daemon");
        assertThrows(LifecycleException.class, server::start);
        assertFalse(Files.exists(ran));
    }

    @Test
    void startsNoApplicationWhoseProgramsWouldBeSomebodyElse() throws Exception {
        Path one = host("one.example", "nobody", "true");
        Map<String, String> attributes = services("allow a_webapp_t s0 " + one + " user=nobody");
        valve("one.example", attributes, "user", "nobody", "programLauncher", TestServer.LAUNCHER.toString());
        Throwable why = assertThrows(LifecycleException.class, server::start);
        while (why.getCause() != null) {
            why = why.getCause();
        }
        assertTrue(why.getMessage().contains("need a programLauncher that runs as a service"), why.getMessage());
    }
}
