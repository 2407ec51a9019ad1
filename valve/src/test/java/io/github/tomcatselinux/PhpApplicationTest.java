// SPDX-License-Identifier: Apache-2.0
// A PHP application as others wrote it, DokuWiki as Debian packages it: path info, a login, a page that is saved, an
// upload.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhpApplicationTest {
    private static final Path INSTALLED = Path.of("/usr/share/dokuwiki");
    private static final String FORM = "application/x-www-form-urlencoded";

    /** The MD5 of "secret", which is one of the ways in which it keeps passwords. */
    private static final String USER = "writer:5ebe2294ecd0e0f08eab7690d2a6ee69:A Writer:w@example:user\n";

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .cookieHandler(new CookieManager())
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();

    private Programs programs;

    @BeforeEach
    void install() throws Exception {
        if (!Files.isDirectory(INSTALLED)) {
            throw new IllegalStateException(INSTALLED + " is missing: run \"scripts/setup\" first");
        }
        programs = new Programs(folder, Map.of("executable", "php-cgi", "cgiPathPrefix", "wiki"));
        Path wiki = programs.server.documents.resolve("wiki");
        copy(INSTALLED, wiki);
        copy(Path.of("/etc/dokuwiki"), wiki.resolve("conf"));
        copy(Path.of("/var/lib/dokuwiki/data"), wiki.resolve("data"));
        Files.writeString(wiki.resolve("inc/preload.php"), "<?php define('DOKU_CONF', dirname(__DIR__) . '/conf/');");
        Files.writeString(
                wiki.resolve("conf/local.php"),
                "<?php $conf['useacl'] = 1; $conf['userewrite'] = 2; $conf['savedir'] = '" + wiki + "/data';");
        Files.writeString(wiki.resolve("conf/users.auth.php"), USER);
        Files.writeString(wiki.resolve("conf/acl.auth.php"), "* @ALL 1\n* @user 8\n");
        programs.server.context.addServletMappingDecoded("/wiki/*", "programs");
        programs.server.context.addServletMappingDecoded("/wiki/lib/images/*", "default");
        programs.start(Map.of());
    }

    /** With what its links lead to. */
    private static void copy(Path from, Path to) throws Exception {
        Process copy = new ProcessBuilder("cp", "-rLT", from.toString(), to.toString())
                .inheritIO()
                .start();
        assertTrue(copy.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, copy.exitValue());
    }

    @AfterEach
    void stop() {
        programs.close();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + programs.server.port() + "/app/wiki/" + path));
    }

    private HttpResponse<String> post(String path, Map<String, String> form) throws Exception {
        String body = form.entrySet().stream()
                .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
                .collect(Collectors.joining("&"));
        return send(to(path).header("Content-Type", FORM).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String hidden(String page, String name) {
        Matcher field =
                Pattern.compile("name=\"" + name + "\" value=\"([^\"]*)\"").matcher(page);
        assertTrue(field.find(), "no field " + name + " in " + page);
        return field.group(1);
    }

    @Test
    void runsAWikiWithALoginAPageAndAnUpload() throws Exception {
        HttpResponse<String> stranger = send(to("doku.php/start"));
        assertEquals(200, stranger.statusCode());
        assertTrue(stranger.body().contains("/app/wiki/doku.php/start"), stranger.body());
        assertFalse(send(to("doku.php/notes?do=edit")).body().contains("name=\"do[save]\""));

        String login = send(to("doku.php/start?do=login")).body();
        post("doku.php/start", Map.of("do", "login", "sectok", hidden(login, "sectok"), "u", "writer", "p", "secret"));
        String editor = send(to("doku.php/notes?do=edit")).body();
        HttpResponse<String> saved = post(
                "doku.php/notes",
                Map.of(
                        "sectok", hidden(editor, "sectok"),
                        "date", hidden(editor, "date"),
                        "prefix", ".",
                        "suffix", "",
                        "wikitext", "====== Notes ======\nWhat was //saved//.",
                        "do[save]", "Save"));
        assertEquals(200, saved.statusCode());
        assertTrue(
                saved.uri().getPath().endsWith("/doku.php/notes"), saved.uri().toString());
        assertTrue(saved.body().contains("What was <em>saved</em>."), saved.body());

        String upload = "--b\r\nContent-Disposition: form-data; name=\"qqfile\"; filename=\"some.rpm\"\r\n"
                + "Content-Type: text/plain\r\n\r\nwhat was uploaded\r\n--b--\r\n";
        String token = encode(hidden(editor, "sectok"));
        HttpResponse<String> uploaded = send(to("lib/exe/ajax.php?call=mediaupload&ns=&sectok=" + token)
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(HttpRequest.BodyPublishers.ofString(upload)));
        assertTrue(uploaded.body().contains("\"success\":true"), uploaded.body());
        assertEquals("what was uploaded", send(to("lib/exe/fetch.php/some.rpm")).body());
        assertEquals(200, send(to("lib/images/license/button/cc-by-nc.png")).statusCode());
    }
}
