// SPDX-License-Identifier: Apache-2.0
// Contexts of users in a database.
package io.github.tomcatselinux.identities;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.apache.tomcat.util.res.StringManager;

/**
 * Asks with one query, whose only parameter is the user's name, and whose answer is one row whose first column is the
 * context.
 */
public final class SqlContexts implements Lookup.Source {
    private static final StringManager SM = StringManager.getManager(SqlContexts.class);

    private final String name;
    private final Callable<DataSource> dataSource;
    private final String query;
    private final int patience;

    /**
     * Connects to nothing yet.
     *
     * @param name the data source's
     * @param dataSource looks it up
     * @param query with one {@code ?}
     * @param patience after which the database is told to give up
     */
    public SqlContexts(String name, Callable<DataSource> dataSource, String query, Duration patience) {
        this.name = name;
        this.dataSource = dataSource;
        this.query = query;
        this.patience = Math.max(1, Math.toIntExact(patience.toSeconds()));
    }

    @Override
    public Supplied ask(String user) throws Exception {
        try (Connection connection = source().getConnection();
                PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setQueryTimeout(patience);
            statement.setMaxRows(2);
            statement.setString(1, user);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    return none("sql.noRow");
                }
                String text = rows.getString(1);
                if (rows.next()) {
                    return none("sql.rows");
                }
                return text == null ? none("sql.null") : new Supplied.Text(text, toString());
            }
        }
    }

    private DataSource source() throws Exception {
        try {
            return dataSource.call();
        } catch (NamingException unknown) {
            throw new SQLException(SM.getString("sql.dataSource", unknown), unknown);
        }
    }

    private Supplied none(String why) {
        return new Supplied.None(SM.getString("source.says", this, SM.getString(why)), false);
    }

    @Override
    public String toString() {
        return SM.getString("sql.name", name);
    }
}
