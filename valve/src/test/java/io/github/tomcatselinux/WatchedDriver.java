// SPDX-License-Identifier: Apache-2.0
// A JDBC driver before that of H2, which notes on whose thread each connection is opened.
package io.github.tomcatselinux;

import io.github.tomcatselinux.threads.ConfinedThreads;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Logger;

/** For URLs that begin with {@code jdbc:watched:}. */
public final class WatchedDriver implements Driver {
    /** Whose thread it was, for each connection. */
    static final List<Origin> OPENED = new CopyOnWriteArrayList<>();

    private static final String PREFIX = "jdbc:watched:";

    /** Java's own locals are inherited as the kernel's context is. */
    private static final InheritableThreadLocal<Boolean> IN_REQUEST = new InheritableThreadLocal<>();

    static {
        try {
            DriverManager.registerDriver(new WatchedDriver());
        } catch (SQLException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Driver driver = new org.h2.Driver();

    /** Whose thread opens a connection. */
    enum Origin {
        SERVER,
        CONFINED,
        /** One that a confined thread has started. */
        INHERITED
    }

    /** To be called on a confined thread when a request begins and ends. */
    static void inRequest(boolean begins) {
        if (begins) {
            IN_REQUEST.set(true);
        } else {
            IN_REQUEST.remove();
        }
    }

    @Override
    public Connection connect(String url, Properties info) throws SQLException {
        if (!acceptsURL(url)) {
            return null;
        }
        Origin inherited = IN_REQUEST.get() == null ? Origin.SERVER : Origin.INHERITED;
        OPENED.add(ConfinedThreads.isCurrent() ? Origin.CONFINED : inherited);
        return driver.connect("jdbc:" + url.substring(PREFIX.length()), info);
    }

    @Override
    public boolean acceptsURL(String url) {
        return url.startsWith(PREFIX);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
        return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
        return driver.getMajorVersion();
    }

    @Override
    public int getMinorVersion() {
        return driver.getMinorVersion();
    }

    @Override
    public boolean jdbcCompliant() {
        return driver.jdbcCompliant();
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getLogger(WatchedDriver.class.getName());
    }
}
