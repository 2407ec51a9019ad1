// SPDX-License-Identifier: Apache-2.0
// Pools of connections that two contexts share: whose thread opens what, as each pool comes and by the recipe of
// docs/compatibility.md.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.zaxxer.hikari.HikariDataSource;
import io.github.tomcatselinux.WatchedDriver.Origin;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConnectionPoolsTest {
    private static final int SIZE = 2;

    /** What pools call threads of theirs. */
    private static final Pattern POOLS_THREAD = Pattern.compile("(?i).*(hikari|commons-pool|jdbc|timer).*");

    @TempDir
    Path folder;

    @BeforeEach
    void forget() {
        WatchedDriver.OPENED.clear();
    }

    /** Each is made by a thread of the server's. */
    enum Pool {
        DBCP2 {
            @Override
            DataSource make(String url, int kept) throws SQLException {
                BasicDataSource pool = new BasicDataSource();
                pool.setDriverClassName(WatchedDriver.class.getName());
                pool.setUrl(url);
                pool.setMaxTotal(SIZE);
                pool.setMaxIdle(SIZE);
                pool.setInitialSize(kept);
                pool.setMinIdle(kept);
                if (kept > 0) {
                    pool.setDurationBetweenEvictionRuns(Duration.ofSeconds(30));
                    pool.start();
                }
                return pool;
            }
        },
        TOMCAT_JDBC {
            @Override
            DataSource make(String url, int kept) throws SQLException {
                org.apache.tomcat.jdbc.pool.DataSource pool = new org.apache.tomcat.jdbc.pool.DataSource();
                pool.setDriverClassName(WatchedDriver.class.getName());
                pool.setUrl(url);
                pool.setMaxActive(SIZE);
                pool.setMaxIdle(SIZE);
                pool.setInitialSize(kept);
                pool.setMinIdle(kept);
                if (kept > 0) {
                    pool.createPool();
                }
                return pool;
            }
        },
        HIKARICP {
            @Override
            DataSource make(String url, int kept) throws SQLException {
                HikariDataSource pool = new HikariDataSource();
                pool.setDriverClassName(WatchedDriver.class.getName());
                pool.setJdbcUrl(url);
                pool.setMaximumPoolSize(SIZE);
                pool.setMinimumIdle(kept);
                if (kept > 0) {
                    pool.getConnection().close();
                }
                return pool;
            }
        };

        /** A pool that has so many connections from the beginning, and keeps them. */
        abstract DataSource make(String url, int kept) throws SQLException;
    }

    private static void query(DataSource pool, HttpServletResponse response) throws IOException, ServletException {
        WatchedDriver.inRequest(true);
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT 6 * 7")) {
            result.next();
            response.getWriter().print(result.getInt(1));
        } catch (SQLException failed) {
            throw new ServletException(failed);
        } finally {
            WatchedDriver.inRequest(false);
        }
    }

    private TestServer server(DataSource pool) throws Exception {
        TestServer server = new TestServer(folder);
        ServletsTest.servlet(
                server.context,
                "/query",
                (HttpServletRequest request, HttpServletResponse response) -> query(pool, response));
        server.mapping("map", "kaigai a_webapp_t:s0", "* b_webapp_t:s0")
                .onHost(Map.of("mappingFile", "map"))
                .start();
        return server;
    }

    private static void ask(TestServer server) throws Exception {
        for (int i = 0; i < 5; i++) {
            assertEquals("42", server.get("/query", TestServer.as("kaigai")).body());
            assertEquals("42", server.get("/query").body());
        }
    }

    private static AutoCloseable closing(DataSource pool) {
        return pool instanceof AutoCloseable closeable
                ? closeable
                : ((org.apache.tomcat.jdbc.pool.DataSource) pool)::close;
    }

    private static String url(Pool kind) {
        return "jdbc:watched:h2:mem:" + kind;
    }

    @ParameterizedTest
    @EnumSource
    void opensConnectionsForWhoeverComesFirstWhereThePoolIsEmpty(Pool kind) throws Exception {
        DataSource pool = kind.make(url(kind), 0);
        try (AutoCloseable closing = closing(pool);
                TestServer server = server(pool)) {
            ask(server);
            assertFalse(WatchedDriver.OPENED.isEmpty(), closing.toString());
            assertFalse(WatchedDriver.OPENED.contains(Origin.SERVER), WatchedDriver.OPENED.toString());
        }
    }

    private static Set<String> threadsOfPools() {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        return threads.stream()
                .map(thread -> thread.getName() + " " + thread.getId())
                .filter(name -> POOLS_THREAD.matcher(name).matches())
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @EnumSource
    void sharesConnectionsThatTheServerOpenedAndStartsNoThreadInARequest(Pool kind) throws Exception {
        DataSource pool = kind.make(url(kind), SIZE);
        try (AutoCloseable closing = closing(pool);
                TestServer server = server(pool)) {
            Await.until(closing + " does not fill", () -> WatchedDriver.OPENED.size() >= SIZE);
            assertEquals(Set.of(Origin.SERVER), Set.copyOf(WatchedDriver.OPENED));
            WatchedDriver.OPENED.clear();
            Set<String> before = threadsOfPools();
            ask(server);
            assertEquals(List.of(), WatchedDriver.OPENED);
            Set<String> after = threadsOfPools();
            after.removeAll(before);
            assertEquals(Set.of(), after);
        }
    }
}
