// SPDX-License-Identifier: Apache-2.0
// Contexts from a real PostgreSQL: what it says is used, what it does not say is never made up.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.management.ObjectName;
import javax.management.openmbean.TabularData;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.authenticator.AuthenticatorBase;
import org.apache.catalina.realm.CombinedRealm;
import org.apache.catalina.realm.LockOutRealm;
import org.apache.catalina.realm.NullRealm;
import org.apache.catalina.session.StandardManager;
import org.apache.tomcat.util.descriptor.web.ContextResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextRealmTest {
    private static final String QUERY = "SELECT context FROM users WHERE name = ?";

    @TempDir
    static Path place;

    @TempDir
    Path folder;

    private static PostgreSql database;

    @BeforeAll
    static void startDatabase() throws Exception {
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
        database = new PostgreSql(place);
    }

    @AfterAll
    static void endDatabase() throws Exception {
        if (database != null) {
            database.close();
        }
    }

    @BeforeEach
    void fill() throws Exception {
        database.execute("DELETE FROM users");
        has("kaigai", "a_webapp_t:s0:c1");
    }

    private static void has(String user, String context) throws Exception {
        try (Connection connection = database.connect();
                var statement = connection.prepareStatement("INSERT INTO users VALUES (?, ?)")) {
            statement.setString(1, user);
            statement.setString(2, context);
            statement.execute();
        }
    }

    private static ContextRealm realm(String... attributes) {
        Map<String, String> all = new LinkedHashMap<>(Map.of("dataSourceName", "jdbc/users", "query", QUERY));
        for (int i = 0; i < attributes.length; i += 2) {
            all.put(attributes[i], attributes[i + 1]);
        }
        ContextRealm realm = new ContextRealm();
        all.forEach(realm::setProperty);
        return realm;
    }

    /** A server whose realm, with its users, is wrapped by another one. */
    private TestServer server(ContextRealm realm, CombinedRealm... between) throws Exception {
        TestServer server = new TestServer(Files.createTempDirectory(folder, "server"));
        CombinedRealm outer = realm;
        for (CombinedRealm next : between) {
            outer.addRealm(next);
            outer = next;
        }
        outer.addRealm(server.tomcat.getEngine().getRealm());
        server.tomcat.getEngine().setRealm(realm);
        server.tomcat.enableNaming();
        ContextResource source = new ContextResource();
        source.setName("jdbc/users");
        source.setType("javax.sql.DataSource");
        source.setAuth("Container");
        source.setProperty("factory", "org.apache.commons.dbcp2.BasicDataSourceFactory");
        source.setProperty("driverClassName", "org.postgresql.Driver");
        source.setProperty("url", database.url());
        source.setProperty("maxTotal", "4");
        source.setProperty("maxWaitMillis", "1000");
        source.setProperty("testOnBorrow", "true");
        server.tomcat.getServer().getGlobalNamingResources().addResource(source);
        server.document("hello.txt", "hello").mapping("map", "__anonymous__ a_webapp_t:s0", "* @principal");
        return server;
    }

    private static SelinuxValve confine(TestServer server) {
        SelinuxValve valve =
                TestServer.valve(Map.of("mappingFile", "map", "allowedContexts", "a_webapp_t:s0-s0:c0.c9"));
        server.with(server.tomcat.getHost(), valve);
        return valve;
    }

    private static HttpResponse<String> ask(TestServer server, String user) throws Exception {
        return server.get("/hello.txt", TestServer.as(user));
    }

    private static Object jmx(ObjectName bean, String attribute) throws Exception {
        return ManagementFactory.getPlatformMBeanServer().getAttribute(bean, attribute);
    }

    private static Object refusedContexts(SelinuxValve valve) throws Exception {
        return ((TabularData) jmx(valve.getObjectName(), "refusals"))
                .get(new Object[] {"no-context"})
                .get("count");
    }

    @Test
    void servesEverybodyInTheContextThatTheDatabaseHas() throws Exception {
        ContextRealm realm = realm();
        try (TestServer server = server(realm)) {
            SelinuxValve valve = confine(server);
            server.start();
            assertEquals("hello", ask(server, "kaigai").body());
            assertEquals(403, ask(server, "guest").statusCode());
            assertEquals(
                    401,
                    server.get("/hello.txt", "Authorization", "Basic a2FpZ2FpOndyb25n")
                            .statusCode());
            assertEquals("hello", server.get("/hello.txt").body());
            database.execute("UPDATE users SET context = 'a_webapp_t:s0:c10'");
            assertEquals("hello", ask(server, "kaigai").body());
            ManagementFactory.getPlatformMBeanServer().invoke(realm.getObjectName(), "clearCache", null, null);
            assertEquals(403, ask(server, "kaigai").statusCode());

            assertEquals("SQL [jdbc/users]", jmx(realm.getObjectName(), "source"));
            assertEquals(1, jmx(realm.getObjectName(), "cacheEntries"));
            assertEquals(1L, jmx(realm.getObjectName(), "cacheHits"));
            assertEquals(3L, jmx(realm.getObjectName(), "questions"));
            assertEquals(1L, jmx(realm.getObjectName(), "withoutContext"));
            assertEquals(0L, jmx(realm.getObjectName(), "failures"));
            assertEquals(2L, refusedContexts(valve));
            assertEquals(0L, jmx(valve.getObjectName(), "inheritedContexts"));
        }
    }

    private TestServer keepingSessions(ContextRealm realm) throws Exception {
        TestServer server = server(realm);
        server.mapping("map", "@writer @principal", "* @deny");
        StandardManager sessions = new StandardManager();
        sessions.setPathname(folder.resolve("sessions").toString());
        sessions.setPersistAuthentication(true);
        server.context.setManager(sessions);
        ((AuthenticatorBase) server.context.getAuthenticator()).setAlwaysUseSession(true);
        confine(server);
        return server;
    }

    /** The cookie of a session of kaigai's that a server has written out as it ended. */
    private String storedSession() throws Exception {
        try (TestServer server = keepingSessions(realm())) {
            server.start();
            HttpResponse<String> answer = ask(server, "kaigai");
            assertEquals("hello", answer.body());
            return CompatibilityTest.cookie(answer, "JSESSIONID");
        }
    }

    @Test
    void asksForTheContextOfWhoCameWithASessionOfAnotherServers() throws Exception {
        String session = storedSession();
        database.execute("UPDATE users SET context = 'a_webapp_t:s0:c2'");
        ContextRealm realm = realm();
        try (TestServer other = keepingSessions(realm)) {
            other.start();
            assertEquals("hello", other.get("/hello.txt", "Cookie", session).body());
            assertEquals(1L, realm.getQuestions());
            database.execute("UPDATE users SET context = 'a_webapp_t:s0:c10'");
            realm.clearCache();
            assertEquals(403, other.get("/hello.txt", "Cookie", session).statusCode());
        }
    }

    @Test
    void refusesWhoCameWithASessionOfAnotherServersWhereTheApplicationsRealmHasNoContexts() throws Exception {
        String session = storedSession();
        ContextRealm realm = realm();
        try (TestServer other = keepingSessions(realm);
                LogLines log = new LogLines()) {
            LockOutRealm around = new LockOutRealm();
            around.addRealm(realm);
            other.tomcat.getEngine().setRealm(around);
            other.start();
            assertEquals(403, other.get("/hello.txt", "Cookie", session).statusCode());
            assertEquals(
                    1,
                    log.with("user [kaigai]", "its authentication supplied none")
                            .size());
            assertEquals(0L, realm.getQuestions());
        }
    }

    @Test
    void leavesRolesToTheRealmThatItWraps() throws Exception {
        LockOutRealm lockOut = new LockOutRealm();
        try (TestServer server = server(realm(), lockOut)) {
            server.mapping("map", "@writer a_webapp_t:s0:c2", "* @deny");
            confine(server);
            server.start();
            assertEquals("hello", ask(server, "kaigai").body());
            assertEquals(403, ask(server, "guest").statusCode());
            for (int i = 0; i < 5; i++) {
                server.get("/hello.txt", "Authorization", "Basic a2FpZ2FpOndyb25n");
            }
            assertEquals(401, ask(server, "kaigai").statusCode(), "locked out");
        }
    }

    @Test
    void refusesWhatIsNoContextAndNamesSourceAndUser() throws Exception {
        Map<String, String> contexts = new LinkedHashMap<>();
        contexts.put("empty", "");
        contexts.put("long", "a".repeat(5_000));
        contexts.put("space", "a_webapp_t:s0 ");
        contexts.put("newline", "a_webapp_t:s0\nforged line");
        contexts.put("full", "system_u:system_r:a_webapp_t:s0");
        contexts.put("foreign", "b_webapp_t:s0");
        contexts.put("null", null);
        contexts.put("two", "a_webapp_t:s0");
        try (TestServer server = server(realm());
                LogLines log = new LogLines()) {
            for (Map.Entry<String, String> user : contexts.entrySet()) {
                has(user.getKey(), user.getValue());
                server.tomcat.addUser(user.getKey(), user.getKey());
            }
            has("two", "a_webapp_t:s0:c1");
            server.tomcat.addUser("absent", "absent");
            SelinuxValve valve = confine(server);
            server.start();
            Map<String, String> reasons = Map.of(
                    "empty", "the context is empty",
                    "long", "longer than",
                    "space", "holds a space",
                    "newline", "a_webapp_t:s0\\u000aforged line",
                    "full", "is a whole context",
                    "foreign", "not among allowedContexts",
                    "null", "NULL",
                    "two", "more than one row",
                    "absent", "no row");
            for (Map.Entry<String, String> reason : reasons.entrySet()) {
                assertEquals(403, ask(server, reason.getKey()).statusCode(), reason.getKey());
                List<String> lines = log.with("user [" + reason.getKey() + "]", "SQL [jdbc/users]", reason.getValue());
                assertEquals(1, lines.size(), reason.getKey());
                assertFalse(lines.get(0).contains("\n"));
            }
            assertEquals((long) reasons.size(), refusedContexts(valve));
        }
    }

    @Test
    void refusesForTheMomentWhatTheDatabaseCannotAnswer() throws Exception {
        ContextRealm realm = realm("query", "SELECT chr(1 / (length(?) - 6))");
        try (TestServer server = server(realm);
                LogLines log = new LogLines()) {
            SelinuxValve valve = confine(server);
            server.start();
            assertEquals(503, ask(server, "kaigai").statusCode());
            assertEquals(
                    1,
                    log.with("user [kaigai]", "SQL [jdbc/users]", "division by zero")
                            .size());
            assertEquals(1L, jmx(realm.getObjectName(), "failures"));
            assertEquals(1L, refusedContexts(valve));
        }
    }

    @Test
    void servesFromItsCacheOnlyWhileTheDatabaseIsAwayAndAsksItWhenItIsBack() throws Exception {
        has("guest", "a_webapp_t:s0:c2");
        try (TestServer server = server(realm())) {
            confine(server);
            server.start();
            assertEquals("hello", ask(server, "kaigai").body());
            database.kill();
            try {
                assertEquals("hello", ask(server, "kaigai").body());
                assertEquals(503, ask(server, "guest").statusCode());
            } finally {
                database.start();
            }
            Await.until(
                    "the database is back, and is not asked",
                    () -> ask(server, "guest").statusCode() == 200);
        }
    }

    @Test
    void refusesARequestInWhoseMidstTheDatabaseDies() throws Exception {
        ContextRealm realm = realm("timeout", "60");
        try (TestServer server = server(realm)) {
            confine(server);
            server.start();
            CompletableFuture<Integer> answer;
            try (Connection lock = database.connect()) {
                lock.setAutoCommit(false);
                lock.createStatement().execute("LOCK TABLE users");
                answer = CompletableFuture.supplyAsync(() -> status(server, "kaigai"));
                Await.until("nobody asks", () -> waiting(lock));
                database.kill();
            } finally {
                database.start();
            }
            assertEquals(503, answer.get());
            Await.until(
                    "the database is back, and is not asked",
                    () -> ask(server, "kaigai").statusCode() == 200);
        }
    }

    @Test
    void waitsForTheDatabaseForSoLongOnly() throws Exception {
        try (TestServer server = server(realm("timeout", "1"));
                LogLines log = new LogLines()) {
            confine(server);
            server.start();
            try (Connection lock = database.connect()) {
                lock.setAutoCommit(false);
                lock.createStatement().execute("LOCK TABLE users");
                assertEquals(503, ask(server, "kaigai").statusCode());
                assertEquals(1, log.with("user [kaigai]", "SQL [jdbc/users]").size());
            }
            Await.until("nobody is asked again", () -> ask(server, "kaigai").statusCode() == 200);
        }
    }

    private static int status(TestServer server, String user) {
        try {
            return ask(server, user).statusCode();
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    private static boolean waiting(Connection connection) throws Exception {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM pg_locks WHERE NOT granted")) {
            return rows.next() && rows.getInt(1) > 0;
        }
    }

    private void assertDoesNotStart(String what, ContextRealm realm) throws Exception {
        try (TestServer server = server(realm)) {
            confine(server);
            String message = chain(assertThrows(LifecycleException.class, server::start));
            assertTrue(message.contains(what), message);
            assertFalse(server.context.getState().isAvailable());
        }
    }

    @Test
    void doesNotStartWithWhatIsWrong() throws Exception {
        assertDoesNotStart("there is no global data source [jdbc/absent]", realm("dataSourceName", "jdbc/absent"));
        assertDoesNotStart("must have one ?", realm("query", "SELECT 1"));
        assertDoesNotStart("attribute queri is unknown", realm("queri", "x"));
        assertDoesNotStart("cacheAge: [-1]", realm("cacheAge", "-1"));
        assertDoesNotStart("exactly one of", realm("connectionURL", "ldap://localhost"));
        assertDoesNotStart("exactly one of", new ContextRealm());
    }

    @Test
    void wrapsOneRealm() throws Exception {
        ContextRealm two = realm();
        two.addRealm(new NullRealm());
        assertDoesNotStart("exactly one realm", two);
    }

    private static String chain(Throwable failed) {
        return failed == null ? "" : failed.getMessage() + " / " + chain(failed.getCause());
    }
}
