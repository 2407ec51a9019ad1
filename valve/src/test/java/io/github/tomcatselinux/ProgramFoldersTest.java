// SPDX-License-Identifier: Apache-2.0
// Programs in the folders that an application is put together of.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.catalina.WebResourceRoot;
import org.apache.catalina.WebResourceSet;
import org.apache.catalina.webresources.DirResourceSet;
import org.apache.catalina.webresources.StandardRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramFoldersTest {
    @TempDir
    Path folder;

    private Programs programs;
    private WebResourceRoot resources;

    @BeforeEach
    void declare() throws Exception {
        programs = new Programs(folder, Map.of());
        resources = new StandardRoot(programs.server.context);
        programs.server.context.setResources(resources);
    }

    @AfterEach
    void stop() {
        programs.close();
    }

    private static void script(Path file, String says) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\n" + says + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private WebResourceSet mounted(String name, String mount) throws IOException {
        return new DirResourceSet(
                resources, mount, Files.createDirectories(folder.resolve(name)).toString(), "/");
    }

    private String get(String path) throws Exception {
        return programs.server.get("/app/cgi/" + path).body().strip();
    }

    @Test
    void looksIntoThemInTheirOrder() throws Exception {
        resources.addPreResources(mounted("pre", "/WEB-INF/cgi"));
        resources.addPostResources(mounted("post", "/"));
        script(folder.resolve("pre/both"), "echo pre");
        script(folder.resolve("pre/only-pre"), "echo pre");
        script(folder.resolve("post/WEB-INF/cgi/only-post"), "echo post");
        script(folder.resolve("post/WEB-INF/cgi/own"), "echo post");
        programs.script("both", "printf 'Content-Type: text/plain\\n\\n'; echo main")
                .script("own", "printf 'Content-Type: text/plain\\n\\n'; echo main")
                .start(Map.of());
        assertEquals("pre", get("both"));
        assertEquals("pre", get("only-pre"));
        assertEquals("main", get("own"));
        assertEquals("post", get("only-post"));
        assertEquals(404, programs.server.get("/app/cgi/none").statusCode());
    }

    @Test
    void namesAProgramByItsUrlAndByItsFile() throws Exception {
        resources.addPreResources(mounted("deep", "/WEB-INF/cgi/more/deep"));
        script(folder.resolve("deep/a/b"), "echo \"$SCRIPT_NAME $PATH_INFO $SCRIPT_FILENAME $DOCUMENT_ROOT\"; pwd");
        programs.start(Map.of());
        Path place = folder.resolve("deep/a").toRealPath();
        assertEquals(
                "/app/cgi/more/deep/a/b /info " + place + "/b " + programs.server.documents.toRealPath() + "\n" + place,
                get("more/deep/a/b/info"));
    }

    @Test
    void refusesInTheFirstThatRefuses() throws Exception {
        resources.addPreResources(mounted("pre", "/WEB-INF/cgi"));
        script(folder.resolve("pre/run"), "echo pre");
        TestServer.forbid(folder.resolve("pre/run"));
        programs.script("run", "printf 'Content-Type: text/plain\\n\\n'; echo main")
                .start(Map.of());
        assertEquals(403, programs.server.get("/app/cgi/run").statusCode());
    }

    @Test
    void runsNothingOutOfAnArchive() throws Exception {
        Path war = folder.resolve("packed.war");
        try (OutputStream out = Files.newOutputStream(war);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("WEB-INF/cgi/run"));
            zip.write("#!/bin/sh\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        programs.server.context.setDocBase(war.toString());
        try (LogLines log = new LogLines()) {
            programs.start(Map.of());
            assertEquals(500, programs.server.get("/app/cgi/run").statusCode());
            assertFalse(log.with("no folder that a program could lie in").isEmpty());
        }
        assertTrue(Files.exists(war));
    }
}
