// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL of a test's own.
package io.github.tomcatselinux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;

/** Debian's {@code postgresql} of whatever version, with one table: users, which has name and context. */
final class PostgreSql implements AutoCloseable {
    private static final int PORT = 15432;

    private final Path folder;
    private final Path binaries;
    private final String address = Unprivileged.address();
    private Process process;

    /** Makes the database and starts it. */
    PostgreSql(Path folder) throws Exception {
        this.folder = folder;
        this.binaries = binaries();
        Path data = Unprivileged.folder(folder.resolve("data"));
        Unprivileged.run(
                said(),
                binaries.resolve("initdb"),
                "--pgdata=" + data,
                "--auth=trust",
                "--username=tomcat",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync");
        start();
        execute("CREATE TABLE users (name text, context text)");
    }

    private static Path binaries() throws IOException {
        Path versions = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(versions)) {
            throw new IllegalStateException(versions + " is missing: run \"scripts/setup\" first");
        }
        try (Stream<Path> found = Files.list(versions)) {
            return found.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private Path said() {
        return folder.resolve("said");
    }

    void start() throws Exception {
        process = Unprivileged.start(
                said(),
                binaries.resolve("postgres"),
                "-D",
                folder.resolve("data"),
                "-h",
                address,
                "-p",
                PORT,
                "-c",
                "unix_socket_directories=",
                "-c",
                "fsync=off");
        Await.until("PostgreSQL does not start: " + Files.readString(said()), this::answers);
    }

    private boolean answers() throws IOException {
        if (!process.isAlive()) {
            throw new IOException(Files.readString(said()));
        }
        try (Connection connection = connect()) {
            return connection.isValid(1);
        } catch (SQLException notYet) {
            return false;
        }
    }

    String url() {
        return "jdbc:postgresql://" + address + ":" + PORT + "/postgres?user=tomcat";
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url());
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Ends it at once, whatever it is doing. */
    void kill() throws Exception {
        Unprivileged.signal(process, "QUIT");
        process.waitFor();
    }

    @Override
    public void close() throws Exception {
        if (process != null && process.isAlive()) {
            kill();
        }
    }
}
