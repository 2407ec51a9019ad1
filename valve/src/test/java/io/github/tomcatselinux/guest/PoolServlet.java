// SPDX-License-Identifier: Apache-2.0
// An application that asks its database.
package io.github.tomcatselinux.guest;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.tomcat.jdbc.pool.DataSource;

/** Answers with the context that it runs in, what the database says, and how many connections were opened for that so far. */
public final class PoolServlet extends HttpServlet {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        DataSource pool = (DataSource) getServletContext().getAttribute(PoolListener.POOL);
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet lines = statement.executeQuery("SELECT line FROM payroll")) {
            lines.next();
            String context =
                    Files.readString(Path.of("/proc/thread-self/attr/current")).replace("\0", "");
            response.setContentType("text/plain");
            response.getWriter()
                    .println(context + " " + lines.getString("line") + " "
                            + pool.getPool().getCreatedCount());
        } catch (SQLException failed) {
            throw new ServletException(failed);
        }
    }
}
