// SPDX-License-Identifier: Apache-2.0
// Other people's WebDAV tests and clients.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebdavClientsTest {
    /** A line of litmus, such as {@code " 3. mkcol................. pass"}; the suites count from 0 each. */
    private static final Pattern RESULT =
            Pattern.compile("(?m)^(?:-> running `(\\w+)'|\\s*(\\d+\\. \\w+)\\.+ (pass|FAIL|SKIPPED|WARNING).*)");

    @TempDir
    Path folder;

    private TestServer webdav(String name) throws Exception {
        TestServer server = new TestServer(Files.createDirectories(folder.resolve(name)));
        Wrapper webdav = Tomcat.addServlet(server.context, "dav", "org.apache.catalina.servlets.WebdavServlet");
        webdav.addInitParameter("readonly", "false");
        webdav.addInitParameter("listings", "true");
        server.context.addServletMappingDecoded("/dav/*", "dav");
        return server;
    }

    private static String url(TestServer server, String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

    private String run(String input, String... command) throws Exception {
        Process process;
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
            builder.environment().put("HOME", folder.toString());
            process = builder.start();
        } catch (IOException missing) {
            throw new IllegalStateException(command[0] + " is not installed: run \"scripts/setup\" first", missing);
        }
        CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> {
            try {
                return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        });
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String said = output.get(120, TimeUnit.SECONDS);
        assertTrue(process.waitFor(20, TimeUnit.SECONDS), said);
        return said;
    }

    /** Each test with its suite, that litmus says was passed. */
    private Set<String> passed(TestServer server) throws Exception {
        String said = run("", "litmus", "--keep-going", url(server, "/dav/"));
        String suite = "";
        Set<String> passed = new TreeSet<>();
        for (MatchResult line : RESULT.matcher(said).results().collect(Collectors.toList())) {
            if (line.group(1) != null) {
                suite = line.group(1);
            } else if (!line.group(3).equals("FAIL") && !line.group(3).equals("SKIPPED")) {
                passed.add(suite + " " + line.group(2));
            }
        }
        assertTrue(passed.size() > 50, said);
        return passed;
    }

    @Test
    void losesNoTestOfLitmusThatPlainTomcatPasses() throws Exception {
        Set<String> plain;
        try (TestServer server = webdav("plain").start()) {
            plain = passed(server);
        }
        try (TestServer server = webdav("confined").onHost(Map.of()).start()) {
            Set<String> lost = new TreeSet<>(plain);
            lost.removeAll(passed(server));
            assertEquals(new TreeSet<>(), lost);
        }
    }

    @Test
    void letsCadaverWork() throws Exception {
        try (TestServer server = webdav("confined").onHost(Map.of()).start()) {
            Files.writeString(folder.resolve("local.txt"), "from cadaver");
            String said = run(
                    String.join(
                            "\n",
                            "mkcol made",
                            "put local.txt",
                            "copy local.txt made/copied.txt",
                            "lock made/copied.txt",
                            "unlock made/copied.txt",
                            "move local.txt made/moved.txt",
                            "ls made",
                            "get made/moved.txt fetched.txt",
                            "delete made/copied.txt",
                            "quit\n"),
                    "cadaver",
                    url(server, "/dav/"));
            assertEquals("from cadaver", Files.readString(folder.resolve("fetched.txt")), said);
            assertEquals("from cadaver", Files.readString(server.documents.resolve("made/moved.txt")), said);
            assertTrue(Files.notExists(server.documents.resolve("made/copied.txt")), said);
            assertTrue(Files.notExists(server.documents.resolve("local.txt")), said);
            assertTrue(said.contains("copied.txt") && !said.contains("failed"), said);
        }
    }

    /**
     * As a file system; where the machine lets nobody mount one, as in some containers, that cannot be tried. Without
     * locks: the PUT after davfs2's LOCK leaves an empty file behind, with plain Tomcat as well.
     */
    @Test
    void letsDavfsMountIt() throws Exception {
        assumeTrue(mountsFuse(), "NOT TESTED: davfs2, since this machine does not let us mount by /dev/fuse");
        // davfs2 keeps its cache as a user of its own.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path cache = Files.createDirectory(folder.resolve("cache"));
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path configuration = Files.writeString(
                folder.resolve("davfs.conf"), "ask_auth 0\nuse_locks 0\ndelay_upload 0\ncache_dir " + cache + "\n");
        Path mounted = Files.createDirectory(folder.resolve("mounted"));
        try (TestServer server = webdav("confined")
                .document("there.txt", "there")
                .document("denied.txt", "secret")
                .forbid("denied.txt")
                .onHost(Map.of())
                .start()) {
            String said =
                    run("", "mount.davfs", "-o", "conf=" + configuration, url(server, "/dav/"), mounted.toString());
            try {
                assertEquals("there", Files.readString(mounted.resolve("there.txt")), said);
                assertFalse(Files.exists(mounted.resolve("denied.txt")));
                Path folder = Files.createDirectory(mounted.resolve("made"));
                Files.writeString(folder.resolve("new.txt"), "from davfs2");
                Files.move(mounted.resolve("there.txt"), folder.resolve("moved.txt"));
            } finally {
                // Which waits until all is uploaded.
                said = run("", "umount", mounted.toString());
            }
            assertEquals("from davfs2", Files.readString(server.documents.resolve("made/new.txt")), said);
            assertEquals("there", Files.readString(server.documents.resolve("made/moved.txt")), said);
            assertTrue(Files.notExists(server.documents.resolve("there.txt")), said);
            assertEquals("secret", Files.readString(server.documents.resolve("denied.txt")));
        }
    }

    /** Whether the device is there for us, and we have CAP_SYS_ADMIN (capabilities(7); bit 21). */
    private static boolean mountsFuse() throws IOException {
        try (FileChannel device =
                FileChannel.open(Path.of("/dev/fuse"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            String effective = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("CapEff:"))
                    .findFirst()
                    .orElseThrow();
            return device.isOpen() && new BigInteger(effective.substring(7).strip(), 16).testBit(21);
        } catch (FileSystemException absent) {
            return false;
        }
    }

    @Test
    void letsCurlTakePartsAndGoOn() throws Exception {
        try (TestServer server = webdav("confined")
                .document("file.txt", "0123456789")
                .onHost(Map.of())
                .start()) {
            assertEquals("234", run("", "curl", "-s", "--range", "2-4", url(server, "/file.txt")));
            Path begun = Files.writeString(folder.resolve("begun"), "0123");
            run("", "curl", "-s", "--continue-at", "-", "-o", begun.toString(), url(server, "/file.txt"));
            assertEquals("0123456789", Files.readString(begun));
            for (String part : List.of("0", "4")) {
                run("", "curl", "-s", "--continue-at", part, "-T", begun.toString(), url(server, "/dav/put.txt"));
            }
            assertEquals("0123456789", Files.readString(server.documents.resolve("put.txt")), "the part was refused");
        }
    }
}
