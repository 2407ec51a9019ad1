// SPDX-License-Identifier: Apache-2.0
// The database that a servlet of the demo asks, over TCP.
package io.github.tomcatselinux.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import org.h2.tools.Server;

/** Runs until it is closed, in memory. */
final class Payroll implements AutoCloseable {
    /** PostgreSQL's, which the policy knows as one of databases. */
    private static final String PORT = "5432";

    private final Connection owner;
    private final Server server;

    private Payroll(Connection owner, Server server) {
        this.owner = owner;
        this.server = server;
    }

    /** Starts it, with one row for each line of a file. */
    static Payroll open(Path lines) throws IOException, SQLException {
        Connection owner = DriverManager.getConnection("jdbc:h2:mem:payroll", "payroll", "payroll");
        try (Statement create = owner.createStatement()) {
            create.execute("CREATE TABLE payroll (line VARCHAR(80))");
        }
        try (PreparedStatement insert = owner.prepareStatement("INSERT INTO payroll VALUES (?)")) {
            for (String line : Files.readAllLines(lines)) {
                insert.setString(1, line);
                insert.executeUpdate();
            }
        }
        return new Payroll(
                owner, Server.createTcpServer("-tcpPort", PORT, "-tcpDaemon").start());
    }

    /** For servers that are asked from another machine: open until it is killed. Argument: the file. */
    public static void main(String[] arguments) throws IOException, SQLException, InterruptedException {
        try (Payroll database = open(Path.of(arguments[0]))) {
            new CountDownLatch(1).await();
        }
    }

    @Override
    public void close() throws SQLException {
        server.stop();
        owner.close();
    }
}
