// SPDX-License-Identifier: Apache-2.0
// Contexts from real OpenLDAP servers, over TLS, and from the second when the first is gone.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.Slapd.Person;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.catalina.LifecycleException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LdapContextRealmTest {
    private static final List<Person> PEOPLE = List.of(
            new Person("kaigai", "a_webapp_t:s0:c1"),
            new Person("guest", "a_webapp_t:s0:c2"),
            new Person("long", "a".repeat(5_000)),
            new Person("space", "a_webapp_t: s0"),
            new Person("newline", "a_webapp_t:s0\nforged line"),
            new Person("full", "system_u:system_r:a_webapp_t:s0"),
            new Person("foreign", "b_webapp_t:s0"),
            new Person("without"),
            new Person("values", "a_webapp_t:s0", "a_webapp_t:s0:c1"),
            new Person("two", "a_webapp_t:s0"),
            new Person("two", "a_webapp_t:s0:c1"));

    @TempDir
    static Path place;

    @TempDir
    Path folder;

    private static Certificates certificates;
    private static Slapd first;
    private static Slapd second;

    @BeforeAll
    static void startDirectories() throws Exception {
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
        String one = Unprivileged.address();
        String two = Unprivileged.address();
        certificates = Certificates.make(place.resolve("certificates"), one, two);
        first = new Slapd(place.resolve("first"), certificates, one, PEOPLE);
        second = new Slapd(place.resolve("second"), certificates, two, PEOPLE);
    }

    @AfterAll
    static void endDirectories() throws Exception {
        for (Slapd directory : new Slapd[] {first, second}) {
            if (directory != null) {
                directory.close();
            }
        }
    }

    private static ContextRealm realm(String servers, String... attributes) {
        Map<String, String> all = new LinkedHashMap<>(Map.of(
                "connectionURL",
                servers,
                "connectionName",
                Slapd.ADMINISTRATOR,
                "connectionPassword",
                Slapd.PASSWORD,
                "userBase",
                Slapd.BASE,
                "userSearch",
                "(uid={0})",
                "ldapAttribute",
                "description",
                "cacheAge",
                "0"));
        for (int i = 0; i < attributes.length; i += 2) {
            all.put(attributes[i], attributes[i + 1]);
        }
        ContextRealm realm = new ContextRealm();
        all.forEach(realm::setProperty);
        return realm;
    }

    private TestServer server(ContextRealm realm) throws Exception {
        TestServer server = new TestServer(Files.createTempDirectory(folder, "server"));
        realm.addRealm(server.tomcat.getEngine().getRealm());
        server.tomcat.getEngine().setRealm(realm);
        return server.document("hello.txt", "hello")
                .mapping("map", "* @principal")
                .onHost(Map.of("mappingFile", "map", "allowedContexts", "a_webapp_t:s0-s0:c0.c9"));
    }

    private static HttpResponse<String> ask(TestServer server, String user) throws Exception {
        return server.get("/hello.txt", TestServer.as(user));
    }

    private static int status(TestServer server, String user) {
        try {
            return ask(server, user).statusCode();
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    @Test
    void servesEverybodyInTheContextThatTheDirectoryHas() throws Exception {
        try (TestServer server = server(realm(first.url()))) {
            server.start();
            assertEquals("hello", ask(server, "kaigai").body());
            assertEquals("hello", ask(server, "guest").body());
        }
    }

    @Test
    void refusesWhatIsNoContextAndNamesSourceAndUser() throws Exception {
        Map<String, String> reasons = new LinkedHashMap<>(Map.of(
                "long", "longer than",
                "space", "holds a space",
                "newline", "a_webapp_t:s0\\u000aforged line",
                "full", "is a whole context",
                "foreign", "not among allowedContexts",
                "without", "the entry has no attribute [description]",
                "values", "more than one value",
                "two", "more than one entry",
                "absent", "no entry",
                // Not a filter that finds everybody.
                "*", "no entry"));
        ContextRealm realm = realm(first.url());
        try (TestServer server = server(realm);
                LogLines log = new LogLines()) {
            reasons.keySet().forEach(user -> server.tomcat.addUser(user, user));
            server.start();
            for (Map.Entry<String, String> reason : reasons.entrySet()) {
                assertEquals(403, ask(server, reason.getKey()).statusCode(), reason.getKey());
                assertEquals(
                        1,
                        log.with("user [" + reason.getKey() + "]", "LDAP [" + first.url() + "]", reason.getValue())
                                .size(),
                        reason.getKey());
            }
            assertEquals(0, realm.getFailures());
        }
    }

    @Test
    void asksOverTlsAServerWhoseCertificateItTrusts() throws Exception {
        ContextRealm trusting = realm(
                first.tlsUrl(),
                "trustStore",
                certificates.trustStore().toString(),
                "trustStorePassword",
                Certificates.PASSWORD);
        try (TestServer server = server(trusting)) {
            server.start();
            assertEquals("hello", ask(server, "kaigai").body());
        }
        try (TestServer server = server(realm(first.tlsUrl()));
                LogLines log = new LogLines()) {
            server.start();
            assertEquals(503, ask(server, "kaigai").statusCode());
            assertEquals(
                    1,
                    log.with("user [kaigai]", "LDAP [" + first.tlsUrl() + "]").size());
        }
    }

    @Test
    void trustsNoServerOfAnotherName() throws Exception {
        String address = Unprivileged.address();
        try (Slapd impostor = new Slapd(place.resolve("impostor"), certificates, address, PEOPLE);
                TestServer server = server(realm(
                        impostor.tlsUrl(),
                        "trustStore",
                        certificates.trustStore().toString(),
                        "trustStorePassword",
                        Certificates.PASSWORD))) {
            server.start();
            assertEquals(503, ask(server, "kaigai").statusCode());
        }
    }

    @Test
    void refusesForTheMomentWhereItsPasswordIsWrong() throws Exception {
        try (TestServer server = server(realm(first.url(), "connectionPassword", "wrong"));
                LogLines log = new LogLines()) {
            server.start();
            assertEquals(503, ask(server, "kaigai").statusCode());
            assertEquals(1, log.with("user [kaigai]", "error code 49").size());
        }
    }

    @Test
    void asksTheSecondServerWhenTheFirstDiesAndComesBackToItWhenTheSecondDoes() throws Exception {
        ContextRealm realm = realm(first.url() + " " + second.url(), "timeout", "60");
        try (TestServer server = server(realm)) {
            server.start();
            assertEquals("hello", ask(server, "kaigai").body());
            first.freeze();
            CompletableFuture<Integer> answer;
            try {
                answer = CompletableFuture.supplyAsync(() -> status(server, "kaigai"));
                Await.until("nobody asks", () -> realm.getQuestions() == 2);
            } finally {
                first.kill();
            }
            assertEquals(200, answer.get());
            second.kill();
            try {
                assertEquals(503, ask(server, "kaigai").statusCode());
            } finally {
                first.start();
                second.start();
            }
            assertEquals("hello", ask(server, "kaigai").body());
            // Its connection was to a server that is gone, and there is another one in its place.
            first.kill();
            second.kill();
            first.start();
            second.start();
            assertEquals("hello", ask(server, "kaigai").body());
        }
    }

    @Test
    void waitsForADirectoryThatHangsForSoLongOnly() throws Exception {
        try (TestServer server = server(realm(first.url(), "timeout", "1"))) {
            server.start();
            assertEquals("hello", ask(server, "kaigai").body());
            first.freeze();
            try {
                assertEquals(503, ask(server, "kaigai").statusCode());
            } finally {
                first.kill();
                first.start();
            }
            Await.until(
                    "the directory is back, and is not asked",
                    () -> ask(server, "kaigai").statusCode() == 200);
        }
    }

    @Test
    void doesNotStartWithAttributesThatAreWrong() throws Exception {
        Map<String, ContextRealm> wrong = Map.of(
                "[http://localhost] is not a URL", realm("http://localhost"),
                "userSearch: [(uid=x)] has no {0}", realm(first.url(), "userSearch", "(uid=x)"),
                "userBase is missing", realm(first.url(), "userBase", ""),
                "[absent.p12] cannot be used", realm(first.url(), "trustStore", "absent.p12"),
                "attribute query is unknown", realm(first.url(), "query", "SELECT 1"));
        for (Map.Entry<String, ContextRealm> realm : wrong.entrySet()) {
            try (TestServer server = server(realm.getValue())) {
                LifecycleException failed = assertThrows(LifecycleException.class, server::start);
                StringBuilder chain = new StringBuilder();
                for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
                    chain.append(cause.getMessage()).append(" / ");
                }
                assertTrue(chain.toString().contains(realm.getKey()), chain.toString());
            }
        }
    }
}
