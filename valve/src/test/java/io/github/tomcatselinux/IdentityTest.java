// SPDX-License-Identifier: Apache-2.0
// Helpers of a launcher that runs as a service are the Unix user that the valve names and the launcher's file allows.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {
    @TempDir
    Path folder;

    private TestServer server;
    private Launchers.Service launcher;

    @BeforeEach
    void prepare() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can let a launcher switch users");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        server = new TestServer(folder);
        server.document("his.txt", "his").document("roots.txt", "root's");
        own("his.txt", "nobody");
        own("roots.txt", "root");
    }

    private void own(String name, String user) throws IOException {
        Path file = server.documents.resolve(name);
        Files.setOwner(
                file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @AfterEach
    void end() throws Exception {
        if (launcher != null) {
            launcher.close();
        }
        if (server != null) {
            server.close();
        }
    }

    /** Starts a launcher as a service; returns the attributes of a valve that uses it. */
    private Map<String, String> service(String more) throws Exception {
        Path file = folder.resolve("launcher.conf");
        Path socket = folder.resolve("socket");
        Files.writeString(
                file, "client 0 tomcat_t\nallow a_webapp_t s0 " + server.documents.toRealPath() + " " + more + "\n");
        launcher = new Launchers.Service(socket, "--config", file.toString());
        Map<String, String> attributes = new HashMap<>();
        attributes.put("launcher", "unix:" + socket);
        attributes.put("defaultContext", "a_webapp_t:s0");
        return attributes;
    }

    @Test
    void readsWhatThatUserMayRead() throws Exception {
        Map<String, String> attributes = service("user=nobody");
        attributes.put("user", "nobody");
        attributes.put("maxMemory", "64M");
        attributes.put("maxOpenFiles", "32");
        server.with(server.context, TestServer.valve(attributes)).start();
        assertEquals(200, server.get("/his.txt").statusCode());
        assertEquals(403, server.get("/roots.txt").statusCode());
    }

    @Test
    void doesNotStartWithAUserWhomTheFileDoesNotAllow() throws Exception {
        Map<String, String> attributes = service("user=nobody");
        attributes.put("user", "daemon");
        SelinuxValve valve = TestServer.valve(attributes);
        server.with(server.context, valve);
        String message =
                assertThrows(ConfigurationException.class, valve::governor).getMessage();
        assertTrue(message.contains("allows this user"), message);
    }
}
