// SPDX-License-Identifier: Apache-2.0
// Looks something up in a database that only some users have business with; it forgot to ask which.
package io.github.tomcatselinux.demo.application;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The bug: nobody checks who may (CWE-862). */
public final class QueryServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    public void init() throws ServletException {
        try {
            Class.forName("org.h2.Driver");
        } catch (ClassNotFoundException absent) {
            throw new ServletException(absent);
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        String database = getInitParameter("database");
        try (Connection connection = DriverManager.getConnection(database, "payroll", "payroll");
                Statement statement = connection.createStatement();
                ResultSet salaries = statement.executeQuery("SELECT line FROM payroll")) {
            response.setContentType("text/plain");
            while (salaries.next()) {
                response.getWriter().println(salaries.getString("line"));
            }
        } catch (SQLException failed) {
            throw new ServletException(failed);
        }
    }
}
