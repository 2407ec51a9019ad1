// SPDX-License-Identifier: Apache-2.0
// The same programs behind Apache's mod_cgid and here: what differs is what the documentation says.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApacheComparisonTest {
    private static final Path DOCUMENTATION = Path.of("../docs/programs.md");
    private static final String SECTION = "## Beside Apache";

    private static final String PLAIN = "Content-Type: text/plain\\n";
    private static final String ENVIRONMENT = "printf '" + PLAIN + "\\n'; exec /usr/bin/env";

    /** Of the connection, of the server's own clock and name, or of how the length is told. */
    private static final Set<String> OF_THE_SERVER = Set.of(
            "date", "server", "connection", "keep-alive", "transfer-encoding", "content-length", "accept-ranges");

    private static final Map<String, String> SCRIPTS = new LinkedHashMap<>();
    private static final Map<String, String> REQUESTS = new LinkedHashMap<>();

    static {
        SCRIPTS.put("env", ENVIRONMENT);
        // Whoever leaves a body unread may lose its own answer: mod_cgid then finds its socket reset, now and then.
        SCRIPTS.put("reads", "cat >/dev/null; " + ENVIRONMENT);
        SCRIPTS.put("count", "printf '" + PLAIN + "\\n'; wc -c; echo \"length [${CONTENT_LENGTH-none}]\"");
        SCRIPTS.put("arguments", "printf '" + PLAIN + "\\n'; for word; do echo \"[$word]\"; done");
        SCRIPTS.put("own-404", "printf 'Status: 404 Not Here\\n" + PLAIN + "\\nits own words'");
        SCRIPTS.put("teapot", "printf 'Status: 418\\n" + PLAIN + "X-A: 1\\nX-A: 2\\n\\ntea'");
        SCRIPTS.put("nothing", "printf 'Status: 204 None\\n\\n'");
        SCRIPTS.put("unmodified", "printf 'Status: 304\\nETag: \"x\"\\n\\n'");
        SCRIPTS.put("cookies", "printf 'Set-Cookie: a=1\\nSet-Cookie: b=2\\n" + PLAIN + "\\n.'");
        SCRIPTS.put("away", "printf 'Location: http://other.example/x\\n\\n'");
        SCRIPTS.put("moved", "printf 'Status: 301 Moved\\nLocation: http://other.example/x\\n" + PLAIN + "\\nthere'");
        SCRIPTS.put("local", "cat >/dev/null; printf 'Location: /app/cgi/env/more?a=b\\n\\n'");
        SCRIPTS.put("local-file", "printf 'Location: /app/file.txt\\n\\n'");
        SCRIPTS.put("returns", "printf '" + PLAIN.replace("\\n", "\\r\\n") + "X-B: c\\r\\n\\r\\nwith CR LF'");
        SCRIPTS.put("untyped", "printf 'X-C: d\\n\\nuntyped'");
        SCRIPTS.put("measured", "printf 'Content-Length: 4\\n" + PLAIN + "\\nfour'");
        SCRIPTS.put("silent", "exit 3");
        SCRIPTS.put("no-header", "echo no header at all");
        SCRIPTS.put("unfinished", "printf '" + PLAIN + "'");
        SCRIPTS.put("fails", "printf '" + PLAIN + "\\nall the same'; exit 7");
        SCRIPTS.put("interpreter", "");
        SCRIPTS.put("tagged", "printf 'ETag: \"x\"\\n" + PLAIN + "\\n0123456789'");
        SCRIPTS.put("connection", "printf 'Connection: close\\nKeep-Alive: x\\nUpgrade: y\\n" + PLAIN + "\\n.'");
        SCRIPTS.put("dates", "printf 'Date: Thu, 01 Jan 1970 00:00:00 GMT\\nServer: mine\\n" + PLAIN + "\\n.'");
        SCRIPTS.put("nph-raw", "printf 'HTTP/1.0 207 Own\\r\\nX-N: 1\\r\\nContent-Type: text/plain\\r\\n\\r\\nraw'");
        SCRIPTS.put("folder/inner", ENVIRONMENT);
        SCRIPTS.put("errors", "echo to the log >&2; printf '" + PLAIN + "\\nfine'");
        SCRIPTS.put("folded", "printf 'X-F: one\\n two\\n" + PLAIN + "\\nfolded'");

        REQUESTS.put("plain", "GET /app/cgi/env HTTP/1.1");
        REQUESTS.put("path and query", "GET /app/cgi/env/extra/p%20q?a=b&c=%20d HTTP/1.1");
        REQUESTS.put(
                "authenticated",
                "GET /app/cgi/env/authenticated HTTP/1.1\r\nAuthorization: " + TestServer.as("kaigai")[1]);
        REQUESTS.put(
                "headers",
                "GET /app/cgi/env HTTP/1.1\r\nX-One: 1\r\nX-One: 2\r\nCookie: a=1\r\nCookie: b=2\r\n"
                        + "Proxy: http://evil\r\nX_Under: no\r\nAccept: a/b\r\nUser-Agent: u\r\nIf-None-Match: \"y\"");
        REQUESTS.put("1.0", "GET /app/cgi/env HTTP/1.0");
        REQUESTS.put("folder", "GET /app/cgi/folder/inner/info HTTP/1.1");
        REQUESTS.put("body", "POST /app/cgi/count HTTP/1.1\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\nabcde");
        REQUESTS.put(
                "body of env", "POST /app/cgi/reads HTTP/1.1\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\nabcde");
        REQUESTS.put(
                "chunked body",
                "POST /app/cgi/count HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
        REQUESTS.put("put", "PUT /app/cgi/count HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde");
        REQUESTS.put("empty body", "POST /app/cgi/count HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
        REQUESTS.put("other method", "FETCH /app/cgi/env HTTP/1.1");
        REQUESTS.put("options", "OPTIONS /app/cgi/env HTTP/1.1");
        REQUESTS.put("head", "HEAD /app/cgi/teapot HTTP/1.1");
        REQUESTS.put("arguments", "GET /app/cgi/arguments?one+t%20wo HTTP/1.1");
        REQUESTS.put("quoted arguments", "GET /app/cgi/arguments?a%3Bb HTTP/1.1");
        REQUESTS.put("no arguments", "GET /app/cgi/arguments?a=b HTTP/1.1");
        REQUESTS.put("conditional", "GET /app/cgi/tagged HTTP/1.1\r\nIf-None-Match: \"x\"");
        REQUESTS.put("range", "GET /app/cgi/tagged HTTP/1.1\r\nRange: bytes=2-4");
        REQUESTS.put(
                "expectation", "POST /app/cgi/count HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab");
        REQUESTS.put("missing", "GET /app/cgi/missing HTTP/1.1");
        REQUESTS.put("not executable", "GET /app/cgi/text HTTP/1.1");
        REQUESTS.put("a folder", "GET /app/cgi/folder/ HTTP/1.1");
        REQUESTS.put("linked", "GET /app/cgi/link HTTP/1.1");
        REQUESTS.put("upwards", "GET /app/cgi/../../WEB-INF/web.xml HTTP/1.1");
        REQUESTS.put("encoded slash", "GET /app/cgi/env/a%2Fb HTTP/1.1");
        REQUESTS.put("double slash", "GET /app/cgi/env//a//b HTTP/1.1");
        REQUESTS.put("parameter", "GET /app/cgi/env/a;b=c/d HTTP/1.1");
        REQUESTS.put("dots", "GET /app/cgi/env/a/./b/../c HTTP/1.1");
        REQUESTS.put("letters", "GET /app/cgi/env/%C3%A4 HTTP/1.1");
        for (String name : SCRIPTS.keySet()) {
            if (!Set.of("env", "reads", "count", "arguments", "folder/inner", "tagged")
                    .contains(name)) {
                REQUESTS.put(name, "GET /app/cgi/" + name + " HTTP/1.1");
            }
        }
        REQUESTS.put("local after a body", "POST /app/cgi/local HTTP/1.1\r\nContent-Length: 2\r\n\r\nab");
    }

    @TempDir
    Path folder;

    private record Answer(int status, Map<String, List<String>> fields, String body) {}

    @Test
    void differsFromApacheAsTheDocumentationSays() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Set<String> found = new TreeSet<>();
        try (Programs programs = new Programs(
                folder, Map.of("cgiMethods", "*", "envHttpHeaders", ".*", "enableCmdLineArguments", "true"))) {
            for (Map.Entry<String, String> script : SCRIPTS.entrySet()) {
                programs.script(script.getKey(), script.getValue());
            }
            programs.program("interpreter", "#!/no/such/interpreter\n").program("text", "text");
            Files.setPosixFilePermissions(programs.file("text"), PosixFilePermissions.fromString("rw-r--r--"));
            Files.createSymbolicLink(programs.file("link"), programs.file("env"));
            programs.server.document("file.txt", "a file\n");
            programs.start(Map.of("allowCaches", "true"));
            try (Apache apache = Apache.start(folder.resolve("apache"), programs.server.documents.toRealPath())) {
                for (Map.Entry<String, String> request : REQUESTS.entrySet()) {
                    Answer theirs = ask(apache.port(), request.getValue());
                    Answer ours = ask(programs.server.port(), request.getValue());
                    compare(request.getKey(), theirs, ours, found);
                }
            }
        }
        assertEquals(String.join("\n", documented()), String.join("\n", found));
    }

    private static void compare(String name, Answer theirs, Answer ours, Set<String> found) {
        if (theirs.status != ours.status) {
            found.add(name + ": " + theirs.status + ", " + ours.status);
            return;
        }
        if (isEnvironment(theirs) && isEnvironment(ours)) {
            compareVariables(variables(theirs.body), variables(ours.body), found);
            assertEquals(theirs.fields.get("content-type"), ours.fields.get("content-type"), name);
            return;
        }
        if (theirs.body.startsWith("<!DOCTYPE HTML PUBLIC")) {
            // The server's own page.
            return;
        }
        if (!theirs.body.equals(ours.body)) {
            found.add(name + ": body");
        }
        Set<String> names = new TreeSet<>(theirs.fields.keySet());
        names.addAll(ours.fields.keySet());
        names.removeAll(OF_THE_SERVER);
        names.stream()
                .filter(field -> !Objects.equals(theirs.fields.get(field), ours.fields.get(field)))
                .forEach(field -> found.add(name + ": " + field));
    }

    /** No value and an empty one are the same (RFC 3875, section 4.1). */
    private static void compareVariables(Map<String, String> theirs, Map<String, String> ours, Set<String> found) {
        Set<String> names = new TreeSet<>(theirs.keySet());
        names.addAll(ours.keySet());
        for (String name : names) {
            String their = theirs.getOrDefault(name, "");
            String our = ours.getOrDefault(name, "");
            boolean ports = name.equals("REMOTE_PORT") && their.matches("[0-9]+") && our.matches("[0-9]+");
            if (!their.equals(our) && !ports) {
                found.add(name.startsWith("REDIRECT_") && our.isEmpty() ? "REDIRECT_*" : name);
            }
        }
    }

    private static boolean isEnvironment(Answer answer) {
        return answer.body.contains("GATEWAY_INTERFACE=");
    }

    private static Map<String, String> variables(String body) {
        Map<String, String> variables = new HashMap<>();
        for (String line : body.lines().toList()) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                variables.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        return variables;
    }

    /** The first column of the table, which ends with an empty line. */
    private static Set<String> documented() throws IOException {
        String page = Files.readString(DOCUMENTATION);
        String section = page.substring(page.indexOf(SECTION));
        Set<String> rows = new TreeSet<>();
        for (String line : section.lines().toList()) {
            if (line.startsWith("| `")) {
                rows.add(line.substring(3, line.indexOf('`', 3)));
            } else if (!rows.isEmpty()) {
                break;
            }
        }
        return rows;
    }

    private static Answer ask(int port, String request) throws IOException {
        int end = request.indexOf("\r\n\r\n");
        String head = end < 0 ? request : request.substring(0, end);
        String body = end < 0 ? "" : request.substring(end + 4);
        String whole = head + "\r\nHost: h.example\r\nConnection: close\r\n\r\n" + body;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(Math.toIntExact(Await.PATIENCE.toMillis()));
            socket.getOutputStream().write(whole.getBytes(StandardCharsets.ISO_8859_1));
            return answer(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
        }
    }

    private static Answer answer(String text) {
        String rest = text.startsWith("HTTP/1.1 100") ? text.substring(text.indexOf("\r\n\r\n") + 4) : text;
        int end = rest.indexOf("\r\n\r\n");
        assertTrue(end > 0, () -> "not an answer: [" + text + "]");
        List<String> lines = rest.substring(0, end).lines().toList();
        Map<String, List<String>> fields = new TreeMap<>();
        for (String line : lines.subList(1, lines.size())) {
            int colon = line.indexOf(':');
            fields.computeIfAbsent(line.substring(0, colon).toLowerCase(java.util.Locale.ROOT), n -> new ArrayList<>())
                    .add(line.substring(colon + 1).strip());
        }
        String body = rest.substring(end + 4);
        return new Answer(
                Integer.parseInt(lines.get(0).substring(9, 12)),
                fields,
                fields.containsKey("transfer-encoding") ? whole(body) : body);
    }

    /** Without the marks of its chunks. */
    private static String whole(String chunked) {
        StringBuilder body = new StringBuilder();
        Matcher chunk = Pattern.compile("\\G([0-9a-f]+)\r\n").matcher(chunked);
        int at = 0;
        while (chunk.find(at)) {
            int length = Integer.parseInt(chunk.group(1), 16);
            body.append(chunked, chunk.end(), chunk.end() + length);
            at = chunk.end() + length + 2;
        }
        return body.toString();
    }
}
