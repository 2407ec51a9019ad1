// SPDX-License-Identifier: Apache-2.0
// Programs as people write them: PHP, Perl with CGI.pm, Python, C, git.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguagesTest {
    @TempDir
    Path folder;

    private static String post(String path, String type, String body) {
        return "POST " + path + " HTTP/1.0\r\nContent-Type: " + type + "\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    @Test
    void runsPhpWithFormsSessionsAndUploads() throws Exception {
        Path sessions = Files.createDirectory(folder.resolve("sessions"));
        String script = "<?php session_save_path('" + sessions + "'); session_start();"
                + " $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;"
                + " echo 'n=', $_SESSION['n'], ' a=', $_POST['a'] ?? '-', ' info=', $_SERVER['PATH_INFO'] ?? '-',"
                + " ' file=', isset($_FILES['f']) ? file_get_contents($_FILES['f']['tmp_name']) : '-';";
        try (Programs programs = new Programs(folder, Map.of("executable", "php-cgi"))
                .program("app.php", script)
                .start(Map.of())) {
            String first =
                    programs.server.raw(post("/app/cgi/app.php/x", "application/x-www-form-urlencoded", "a=1%20b"));
            assertTrue(first.endsWith("n=1 a=1 b info=/x file=-"), first);
            String cookie = first.replaceAll("(?s).*Set-Cookie: (PHPSESSID=[^;]+).*", "$1");
            assertTrue(programs.server
                    .get("/app/cgi/app.php", "Cookie", cookie)
                    .body()
                    .startsWith("n=2 "));
            String upload =
                    "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\ncontent\r\n--b--\r\n";
            String answer = programs.server.raw(post("/app/cgi/app.php", "multipart/form-data; boundary=b", upload));
            assertTrue(answer.endsWith("file=content"), answer);
        }
    }

    @Test
    void runsPerlWithItsCgiModule() throws Exception {
        String script = "use CGI; my $q = CGI->new; print $q->header(-status => '201 Made', -type => 'text/plain'),"
                + " scalar $q->param('a'), ' ', $q->path_info, ' ', $q->url(-absolute => 1);";
        try (Programs programs = new Programs(folder, Map.of("executable", "perl"))
                .program("a.pl", script)
                .start(Map.of())) {
            String answer =
                    programs.server.raw(post("/app/cgi/a.pl/more", "application/x-www-form-urlencoded", "a=%41+b"));
            assertTrue(answer.startsWith("HTTP/1.1 201 "), answer);
            assertTrue(answer.endsWith("A b /more /app/cgi/a.pl"), answer);
        }
    }

    @Test
    void runsPython() throws Exception {
        String script = "import os, sys\n"
                + "body = sys.stdin.buffer.read(int(os.environ['CONTENT_LENGTH']))\n"
                + "sys.stdout.write('Status: 201 Made\\nContent-Type: text/plain; charset=utf-8\\n\\n')\n"
                + "sys.stdout.write(body.decode()[::-1] + ' ' + os.environ['PATH_INFO'] + ' ' + os.getcwd())\n";
        try (Programs programs = new Programs(folder, Map.of("executable", "python3"))
                .program("a.py", script)
                .start(Map.of())) {
            String answer = programs.server.raw(post("/app/cgi/a.py/more", "text/plain", "abc"));
            assertTrue(answer.startsWith("HTTP/1.1 201 "), answer);
            String where = programs.file("a.py").toRealPath().getParent().toString();
            assertTrue(answer.endsWith("cba /more " + where), answer);
        }
    }

    @Test
    void runsACompiledProgram() throws Exception {
        Path source = folder.resolve("hello.c");
        Files.writeString(source, """
                #include <stdio.h>
                #include <stdlib.h>
                int main(int argc, char **argv) {
                    printf("Content-Type: text/plain\\r\\n\\r\\n%d %s %s", argc, argv[0], getenv("SCRIPT_NAME"));
                    return 0;
                }
                """);
        try (Programs programs = new Programs(folder, Map.of())) {
            Process compiler = new ProcessBuilder(
                            "cc", "-o", programs.file("hello").toString(), source.toString())
                    .inheritIO()
                    .start();
            assertTrue(compiler.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, compiler.exitValue());
            programs.start(Map.of());
            assertEquals(
                    "1 " + programs.file("hello").toRealPath() + " /app/cgi/hello",
                    programs.server.get("/app/cgi/hello").body());
        }
    }

    @Test
    void servesRepositoriesToGit() throws Exception {
        Path repositories = Files.createDirectory(folder.resolve("repositories"));
        Path work = folder.resolve("work");
        git(folder, "init", "-q", "--bare", repositories.resolve("r.git").toString());
        git(folder, "-C", repositories.resolve("r.git").toString(), "config", "http.receivepack", "true");
        try (Programs programs = new Programs(
                        folder,
                        Map.of(
                                "cgiMethods", "*",
                                "envHttpHeaders", ".*",
                                "environment-variable-GIT_PROJECT_ROOT", repositories.toString(),
                                "environment-variable-GIT_HTTP_EXPORT_ALL", "1",
                                "environment-variable-PATH", "/usr/bin:/bin"))
                .script("git", "exec git http-backend")
                .start(Map.of())) {
            String url = "http://127.0.0.1:" + programs.server.port() + "/app/cgi/git/r.git";
            git(folder, "clone", "-q", url, work.toString());
            byte[] large = new byte[3_000_000];
            new Random(1).nextBytes(large);
            Files.write(work.resolve("large"), large);
            git(work, "add", "large");
            git(work, "-c", "user.name=t", "-c", "user.email=t@example", "commit", "-q", "-m", "large");
            git(work, "push", "-q", "origin", "HEAD:refs/heads/main");
            git(
                    folder,
                    "clone",
                    "-q",
                    "-b",
                    "main",
                    url,
                    folder.resolve("again").toString());
            assertEquals(-1, Files.mismatch(work.resolve("large"), folder.resolve("again/large")));
        }
    }

    private static void git(Path folder, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("git", "-c", "http.proxy="));
        command.addAll(List.of(words));
        Path said = Files.createTempFile("git", ".log");
        Process git = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertTrue(git.waitFor(120, TimeUnit.SECONDS));
        assertEquals(0, git.exitValue(), Files.readString(said));
        Files.delete(said);
    }
}
