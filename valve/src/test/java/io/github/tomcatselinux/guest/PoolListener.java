// SPDX-License-Identifier: Apache-2.0
// An application that opens its connections as it starts.
package io.github.tomcatselinux.guest;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.sql.SQLException;
import org.apache.tomcat.jdbc.pool.DataSource;

/** Begins a pool of Tomcat JDBC as the documentation says, and ends it. */
public final class PoolListener implements ServletContextListener {
    /** The attribute that holds the pool. */
    static final String POOL = PoolListener.class.getName();

    private static final int SIZE = 2;

    @Override
    public void contextInitialized(ServletContextEvent event) {
        DataSource pool = new DataSource();
        pool.setDriverClassName("org.h2.Driver");
        pool.setUrl(event.getServletContext().getInitParameter("database"));
        pool.setUsername("payroll");
        pool.setPassword("payroll");
        pool.setInitialSize(SIZE);
        pool.setMinIdle(SIZE);
        pool.setMaxIdle(SIZE);
        pool.setMaxActive(SIZE);
        try {
            pool.createPool();
        } catch (SQLException absent) {
            throw new IllegalStateException(absent);
        }
        event.getServletContext().setAttribute(POOL, pool);
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        if (event.getServletContext().getAttribute(POOL) instanceof DataSource pool) {
            pool.close();
        }
    }
}
