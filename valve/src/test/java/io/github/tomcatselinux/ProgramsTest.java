// SPDX-License-Identifier: Apache-2.0
// Programs behind CGIServlet's declaration are run by a helper, as RFC 3875 has it.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramsTest {
    private static final String PRINT_ENVIRONMENT = "printf 'Content-Type: text/plain\\n\\n'; /usr/bin/env";

    @TempDir
    Path folder;

    private Programs programs;

    private Programs programs(String... parameters) throws Exception {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            all.put(parameters[i], parameters[i + 1]);
        }
        programs = new Programs(folder, all);
        return programs;
    }

    @AfterEach
    void stop() {
        if (programs != null) {
            programs.close();
        }
    }

    private Map<String, String> environment(String path, String... headers) throws Exception {
        HttpResponse<String> answer = programs.server.get(path, headers);
        assertEquals(200, answer.statusCode(), answer.body());
        Map<String, String> variables = new HashMap<>();
        answer.body().lines().filter(line -> line.contains("=")).forEach(line -> {
            int equals = line.indexOf('=');
            variables.put(line.substring(0, equals), line.substring(equals + 1));
        });
        return variables;
    }

    @Test
    void givesAProgramTheVariablesOfTheRfc() throws Exception {
        programs("environment-variable-OWN", "given")
                .script("env", PRINT_ENVIRONMENT)
                .start(Map.of());
        Map<String, String> plain = environment("/app/cgi/env/extra/p%20q?a=b&c=%20d", TestServer.as("kaigai"));
        String file = programs.file("env").toRealPath().toString();
        Path root = programs.server.documents.toRealPath();
        Map<String, String> expected = new HashMap<>(Map.of(
                "GATEWAY_INTERFACE", "CGI/1.1",
                "SERVER_PROTOCOL", "HTTP/1.1",
                "SERVER_SOFTWARE", "TOMCAT",
                "SERVER_NAME", "127.0.0.1",
                "SERVER_PORT", String.valueOf(programs.server.port()),
                "REQUEST_METHOD", "GET",
                "QUERY_STRING", "a=b&c=%20d",
                "SCRIPT_NAME", "/app/cgi/env",
                "PATH_INFO", "/extra/p q",
                "PATH_TRANSLATED", root + "/extra/p q"));
        expected.putAll(Map.of(
                "SCRIPT_FILENAME", file,
                "X_TOMCAT_SCRIPT_PATH", file,
                "DOCUMENT_ROOT", root.toString(),
                "REQUEST_URI", "/app/cgi/env/extra/p%20q?a=b&c=%20d",
                "REMOTE_ADDR", "127.0.0.1",
                "REMOTE_USER", "kaigai",
                "AUTH_TYPE", "BASIC",
                "OWN", "given",
                "CONTENT_LENGTH", "",
                "CONTENT_TYPE", ""));
        expected.forEach((name, value) -> assertEquals(value, plain.get(name), name));
        assertFalse(plain.containsKey("PATH"), "nothing of the server's own environment");
        assertFalse(plain.containsKey("HTTPS"));
        assertEquals("", environment("/app/cgi/env").get("REMOTE_USER"));
    }

    @Test
    void passesHeadersThatAreWantedAndNeverTheOneThatChoosesAProxy() throws Exception {
        programs("envHttpHeaders", ".*").script("env", PRINT_ENVIRONMENT).start(Map.of());
        String answer = programs.server.raw("GET /app/cgi/env HTTP/1.0\r\nHost: h.example\r\nProxy: http://evil\r\n"
                + "X-One: 1\r\nX-One: 2\r\nCookie: a=1\r\nCookie: b=2\r\nX_Under: no\r\n"
                + "X-Folded: one\r\n two\r\n"
                + "X-Latin: gr\u00fc\u00df\r\nContent-Type: a/b\r\n\r\n");
        assertTrue(answer.contains("HTTP_X_ONE=1, 2\n"), answer);
        assertTrue(answer.contains("HTTP_X_FOLDED=one two\n"), answer);
        assertTrue(answer.contains("HTTP_COOKIE=a=1; b=2\n"), answer);
        assertTrue(answer.contains("HTTP_HOST=h.example\n"), answer);
        assertTrue(answer.contains("HTTP_X_LATIN=gr\u00fc\u00df\n"), answer);
        assertFalse(answer.contains("HTTP_PROXY"), answer);
        assertFalse(answer.contains("HTTP_X_UNDER"), answer);
        assertFalse(answer.contains("HTTP_CONTENT_TYPE"), answer);
    }

    @Test
    void takesAFieldWithoutAValueForNone() throws Exception {
        programs()
                .script(
                        "empty",
                        "printf 'Status:\\nLocation:\\nX-Empty: \\nX-Full: 1\\nContent-Type: text/plain\\n\\ndocument'")
                .start(Map.of());
        HttpResponse<String> answer = programs.server.get("/app/cgi/empty");
        assertEquals(200, answer.statusCode());
        assertEquals("document", answer.body());
        assertEquals(Optional.empty(), answer.headers().firstValue("Location"));
        assertEquals(Optional.empty(), answer.headers().firstValue("X-Empty"));
        assertEquals(Optional.of("1"), answer.headers().firstValue("X-Full"));
    }

    @Test
    void passesOnlyHarmlessHeadersUnlessToldOtherwise() throws Exception {
        programs().script("env", PRINT_ENVIRONMENT).start(Map.of());
        Map<String, String> variables =
                environment("/app/cgi/env", "X-Other", "1", "Accept", "a/b", "Authorization", "x");
        assertEquals("a/b", variables.get("HTTP_ACCEPT"));
        assertFalse(variables.containsKey("HTTP_X_OTHER"));
        assertFalse(variables.containsKey("HTTP_AUTHORIZATION"));
    }

    @Test
    void runsInTheFolderOfTheProgramThroughItsInterpreter() throws Exception {
        programs("executable", "sh", "executable-arg-1", "-e", "executable-arg-3", "never")
                .program("deep/er/where", "echo Content-Type: text/plain; echo; pwd; echo \"$- $0 $#\"")
                .start(Map.of());
        String where = programs.file("deep/er").toRealPath().toString();
        assertEquals(
                where + "\ne " + where + "/where 0\n",
                programs.server.get("/app/cgi/deep/er/where").body());
    }

    @Test
    void answers404And403AsForFiles() throws Exception {
        programs().script("here", "echo").program("plain", "text").start(Map.of());
        Files.setPosixFilePermissions(
                programs.file("plain"), java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(404, programs.server.get("/app/cgi/absent").statusCode());
        assertEquals(404, programs.server.get("/app/cgi/").statusCode());
        assertEquals(404, programs.server.get("/app/cgi").statusCode());
        assertEquals(404, programs.server.get("/app/cgi/%2e%2e/%2e%2e/secret").statusCode());
        assertEquals(403, programs.server.get("/app/cgi/plain").statusCode());
        assertEquals(405, programs.server.send("PUT", "/app/cgi/here").statusCode());
        HttpResponse<String> options = programs.server.send("OPTIONS", "/app/cgi/here");
        assertEquals(Optional.of("GET, HEAD, OPTIONS, POST"), options.headers().firstValue("Allow"));
    }

    @Test
    void hidesAProgramThatMayNotBeRunWhereFilesAreHidden() throws Exception {
        programs().program("plain", "text").start(Map.of("deniedStatus", "404"));
        Files.setPosixFilePermissions(
                programs.file("plain"), java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(404, programs.server.get("/app/cgi/plain").statusCode());
    }

    @Test
    void keepsStatusHeadersAndBodyOfTheProgram() throws Exception {
        programs()
                .script(
                        "teapot",
                        "printf 'Status: 418 short and stout\\r\\nX-A: 1\\r\\nX-A: 2\\r\\n"
                                + "Content-Type: text/x-tea;charset=utf-8\\r\\nTransfer-Encoding: nonsense\\r\\n\\r\\nmy own words'")
                .script("missing", "printf 'Status: 404\\n\\nits own 404'")
                .script("nph-one", "printf 'HTTP/1.1 207 Multi\\r\\nX-N: 1\\r\\n\\r\\nraw'")
                .script("returns", "printf 'Content-Type: text/plain\\r\\rold'")
                .start(Map.of());
        HttpResponse<String> tea = programs.server.get("/app/cgi/teapot");
        assertEquals(418, tea.statusCode());
        assertEquals("my own words", tea.body());
        assertEquals(List.of("1", "2"), tea.headers().allValues("X-A"));
        assertEquals(Optional.of("text/x-tea;charset=utf-8"), tea.headers().firstValue("Content-Type"));
        assertEquals("its own 404", programs.server.get("/app/cgi/missing").body());
        HttpResponse<String> raw = programs.server.get("/app/cgi/nph-one");
        assertEquals(207, raw.statusCode());
        assertEquals("raw", raw.body());
        assertEquals(Optional.of("1"), raw.headers().firstValue("X-N"));
        assertEquals("old", programs.server.get("/app/cgi/returns").body());
        assertEquals("", programs.server.send("HEAD", "/app/cgi/teapot").body());
    }

    @Test
    void letsAProgramBeStricterToCachesAndNotLaxer() throws Exception {
        programs()
                .script("lax", "printf 'Cache-Control: public, max-age=9\\nContent-Type: a/b\\n\\n'")
                .script("strict", "printf 'Cache-Control: no-store\\nContent-Type: a/b\\n\\n'")
                .start(Map.of());
        assertEquals(
                List.of("private, no-cache"),
                programs.server.get("/app/cgi/lax").headers().allValues("Cache-Control"));
        assertEquals(
                List.of("no-store"),
                programs.server.get("/app/cgi/strict").headers().allValues("Cache-Control"));
    }

    @Test
    void redirectsTheClientAndItself() throws Exception {
        programs()
                .script("away", "printf 'Location: http://other.example/x\\n\\n'")
                .script("moved", "printf 'Status: 301\\nLocation: /app/y\\nContent-Type: text/plain\\n\\ngone'")
                .script("local", "cat >/dev/null; printf 'Location: /app/cgi/env/a?b=c\\n\\n'")
                .script("file", "printf 'Location: /app/hello.txt\\n\\n'")
                .script("outside", "printf 'Location: /elsewhere\\n\\n'")
                .script("inner", "printf 'Location: /app/WEB-INF/secret.txt\\n\\n'")
                .script("loop", "printf 'Location: /app/cgi/loop\\n\\n'")
                .script("env", PRINT_ENVIRONMENT);
        programs.server.document("hello.txt", "hello\n").document("WEB-INF/secret.txt", "secret");
        programs.start(Map.of());
        HttpResponse<String> away = programs.server.get("/app/cgi/away");
        assertEquals(302, away.statusCode());
        assertEquals(Optional.of("http://other.example/x"), away.headers().firstValue("Location"));
        HttpResponse<String> moved = programs.server.get("/app/cgi/moved");
        assertEquals(301, moved.statusCode());
        assertEquals("gone", moved.body());
        String local = programs.server.raw("POST /app/cgi/local HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody");
        assertTrue(local.contains("REQUEST_METHOD=GET\n"), local);
        assertTrue(local.contains("SCRIPT_NAME=/app/cgi/env\n"), local);
        assertTrue(local.contains("PATH_INFO=/a\n"), local);
        assertTrue(local.contains("QUERY_STRING=b=c\n"), local);
        assertTrue(local.contains("CONTENT_LENGTH=\n"), local);
        assertEquals("hello\n", programs.server.get("/app/cgi/file").body());
        for (String outside : List.of("outside", "inner")) {
            assertEquals(302, programs.server.get("/app/cgi/" + outside).statusCode(), outside);
        }
        assertEquals(502, programs.server.get("/app/cgi/loop").statusCode());
    }

    @Test
    void givesAProgramABodyHoweverItComesAndEndsIt() throws Exception {
        programs("cgiMethods", "*")
                .script("count", "printf 'Content-Type: text/plain\\n\\n'; wc -c; echo \"[${CONTENT_LENGTH-none}]\"")
                .start(Map.of());
        assertTrue(programs.server
                .raw("PUT /app/cgi/count HTTP/1.0\r\nContent-Length: 5\r\n\r\nabcde")
                .endsWith("5\n[5]\n"));
        String chunked = "POST /app/cgi/count HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n";
        assertTrue(programs.server.raw(chunked).contains("7\n[none]\n"));
        String large = "x".repeat(3_000_000);
        assertTrue(programs.server
                .raw("POST /app/cgi/count HTTP/1.0\r\nContent-Length: 3000000\r\n\r\n" + large)
                .endsWith("3000000\n[3000000]\n"));
        assertTrue(programs.server.raw("POST /app/cgi/count HTTP/1.0\r\n\r\n").endsWith("0\n[]\n"));
    }

    @Test
    void readsAndWritesAtTheSameTime() throws Exception {
        programs()
                .script("echo", "printf 'Content-Type: text/plain\\n\\n'; exec cat")
                .start(Map.of());
        byte[] part = new byte[65_536];
        Arrays.fill(part, (byte) 'x');
        int parts = 320; // 20 MiB
        try (Socket socket =
                programs.open("POST /app/cgi/echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: "
                        + (long) parts * part.length + "\r\n\r\n")) {
            OutputStream out = socket.getOutputStream();
            out.write(part);
            out.flush();
            // The answer begins while the body is on its way.
            assertTrue(Programs.readUntil(socket.getInputStream(), "xxxx").contains("200"));
            Thread writer = new Thread(() -> {
                try {
                    for (int i = 1; i < parts; i++) {
                        out.write(part);
                    }
                } catch (java.io.IOException broken) {
                    // Seen by who reads.
                    return;
                }
            });
            writer.start();
            long octets = 4;
            int n;
            byte[] buffer = new byte[65_536];
            while ((n = socket.getInputStream().read(buffer)) >= 0) {
                for (int i = 0; i < n; i++) {
                    octets += buffer[i] == 'x' ? 1 : 0;
                }
            }
            writer.join();
            assertEquals((long) parts * part.length, octets);
        }
    }

    @Test
    void sendsEachLineWhenItIsWritten() throws Exception {
        programs()
                .script(
                        "events",
                        "printf 'Content-Type: text/event-stream\\n\\n'; while read -r line; do echo \"data: $line\"; done")
                .start(Map.of());
        try (Socket socket =
                programs.open("POST /app/cgi/events HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")) {
            Programs.readUntil(socket.getInputStream(), "\r\n\r\n");
            for (String word : List.of("one", "two", "three")) {
                String chunk = "%x\r\n%s\n\r\n".formatted(word.length() + 1, word);
                socket.getOutputStream().write(chunk.getBytes(StandardCharsets.US_ASCII));
                Programs.readUntil(socket.getInputStream(), "data: " + word + "\n");
            }
            socket.getOutputStream().write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertEquals(0, socket.getInputStream().readAllBytes().length);
        }
    }

    @Test
    void turnsAQueryIntoArgumentsOnlyWhereThatIsAllowed() throws Exception {
        programs("enableCmdLineArguments", "true", "cmdLineArgumentsDecoded", "[ -~]*")
                .script("args", "printf 'Content-Type: text/plain\\n\\n'; echo \"$# $1|$2\"")
                .start(Map.of());
        assertEquals("2 a|b c\n", programs.server.get("/app/cgi/args?a+b%20c").body());
        assertEquals("0 |\n", programs.server.get("/app/cgi/args?a=b").body());
        assertEquals(404, programs.server.get("/app/cgi/args?%C3%A4").statusCode());
        programs.close();
        programs()
                .script("args", "printf 'Content-Type: text/plain\\n\\n'; echo \"$#\"")
                .start(Map.of());
        assertEquals("0\n", programs.server.get("/app/cgi/args?a+b").body());
    }

    @Test
    void decodesArgumentsByTheEncodingThatIsSet() throws Exception {
        programs("enableCmdLineArguments", "true", "parameterEncoding", "ISO-8859-1")
                .script("args", "printf 'Content-Type: text/plain;charset=utf-8\\n\\n'; echo \"$1\"")
                .start(Map.of());
        assertEquals("\u00e4\n", programs.server.get("/app/cgi/args?%E4").body());
    }

    @Test
    void passesTheServersEnvironmentOnlyWhereToldTo() throws Exception {
        programs("passShellEnvironment", "true", "environment-variable-HOME", "/elsewhere")
                .script("env", PRINT_ENVIRONMENT)
                .start(Map.of());
        Map<String, String> variables = environment("/app/cgi/env");
        assertEquals(System.getenv("PATH"), variables.get("PATH"));
        assertEquals("/elsewhere", variables.get("HOME"));
        assertEquals("GET", variables.get("REQUEST_METHOD"));
    }

    @Test
    void answersToNoMethodButThoseThatAreListed() throws Exception {
        programs("cgiMethods", "GET,PUT").script("method", PRINT_ENVIRONMENT).start(Map.of());
        assertEquals(200, programs.server.send("PUT", "/app/cgi/method").statusCode());
        assertEquals(200, programs.server.send("HEAD", "/app/cgi/method").statusCode());
        assertEquals(405, programs.server.send("POST", "/app/cgi/method").statusCode());
        assertEquals(405, programs.server.send("DELETE", "/app/cgi/method").statusCode());
        assertEquals(
                Optional.of("GET, HEAD, OPTIONS, PUT"),
                programs.server.send("OPTIONS", "/app/cgi/method").headers().firstValue("Allow"));
    }

    @Test
    void findsAProgramByItsExtension() throws Exception {
        programs("cgiPathPrefix", "");
        programs.server.context.addServletMappingDecoded("*.sh", "programs");
        Path file = programs.server
                .document("sub/a.sh", "#!/bin/sh\n" + PRINT_ENVIRONMENT)
                .documents
                .resolve("sub/a.sh");
        Files.setPosixFilePermissions(file, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        programs.start(Map.of());
        Map<String, String> variables = environment("/app/sub/a.sh");
        assertEquals("/app/sub/a.sh", variables.get("SCRIPT_NAME"));
        assertEquals("", variables.get("PATH_INFO"));
        assertEquals(file.toRealPath().toString(), variables.get("SCRIPT_FILENAME"));
    }
}
