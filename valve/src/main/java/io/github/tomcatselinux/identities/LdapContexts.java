// SPDX-License-Identifier: Apache-2.0
// Contexts of users in a directory.
package io.github.tomcatselinux.identities;

import java.time.Duration;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.SearchControls;
import javax.naming.directory.SearchResult;
import javax.naming.ldap.InitialLdapContext;
import javax.naming.ldap.LdapContext;
import javax.net.ssl.SSLSocketFactory;
import org.apache.tomcat.util.res.StringManager;

/**
 * Asks for one attribute of the one entry that a filter finds. Connections are kept for the next question, as many as
 * there are threads that ask; one that fails is replaced once, by one to the next server of the list if there are several.
 */
public final class LdapContexts implements Lookup.Source {
    private static final StringManager SM = StringManager.getManager(LdapContexts.class);

    /**
     * Where and how to ask.
     *
     * @param servers {@code ldap:} or {@code ldaps:} URLs, the preferred one first
     * @param user as whom; empty for an anonymous bind
     * @param password for that
     * @param base below which users are
     * @param filter with <code>{0}</code> for the user's name
     * @param attribute which holds the context
     * @param trust how servers of {@code ldaps:} are recognised; empty for the JVM's own way
     * @param patience for one question, whichever servers it takes
     */
    public record Settings(
            List<String> servers,
            Optional<String> user,
            String password,
            String base,
            String filter,
            String attribute,
            Optional<SSLSocketFactory> trust,
            Duration patience) {}

    private record Connection(LdapContext directory, int server) {}

    private final Settings settings;
    private final ConcurrentLinkedQueue<Connection> idle = new ConcurrentLinkedQueue<>();
    private volatile int preferred;
    private volatile boolean closed;

    /** Connects to nothing yet. */
    public LdapContexts(Settings settings) {
        this.settings = settings;
    }

    @Override
    public Supplied ask(String user) throws NamingException {
        Connection kept = idle.poll();
        if (kept != null) {
            try {
                return ask(kept, user);
            } catch (NamingException failed) {
                // It may have been idle for longer than the server, or something in between, likes.
                preferred = kept.server();
            }
        }
        return ask(connect(), user);
    }

    private Supplied ask(Connection connection, String user) throws NamingException {
        boolean fine = false;
        try {
            Supplied answer = search(connection.directory(), user);
            fine = !closed;
            return answer;
        } finally {
            if (fine) {
                idle.add(connection);
            } else {
                connection.directory().close();
            }
        }
    }

    /** Asks for texts: only a search that asks for objects would make some of what the directory says. */
    @SuppressWarnings("BanJNDI")
    private Supplied search(LdapContext directory, String user) throws NamingException {
        SearchControls controls = new SearchControls();
        controls.setSearchScope(SearchControls.SUBTREE_SCOPE);
        controls.setCountLimit(2);
        controls.setTimeLimit(Math.toIntExact(settings.patience().toMillis()));
        controls.setReturningObjFlag(false);
        controls.setReturningAttributes(new String[] {settings.attribute()});
        NamingEnumeration<SearchResult> entries =
                directory.search(settings.base(), settings.filter(), new Object[] {user}, controls);
        try {
            if (!entries.hasMore()) {
                return none("ldap.noEntry");
            }
            Attribute values = entries.next().getAttributes().get(settings.attribute());
            if (entries.hasMore()) {
                return none("ldap.entries");
            }
            if (values == null || values.size() == 0) {
                return none("ldap.noValue");
            }
            if (values.size() > 1) {
                return none("ldap.values");
            }
            return values.get() instanceof String text ? new Supplied.Text(text, toString()) : none("ldap.binary");
        } finally {
            entries.close();
        }
    }

    /** To the server that answered last, or else to the next one that does. */
    private Connection connect() throws NamingException {
        int first = preferred;
        NamingException failure = null;
        for (int i = 0; i < settings.servers().size(); i++) {
            int server = (first + i) % settings.servers().size();
            try {
                Connection connection =
                        new Connection(connect(settings.servers().get(server)), server);
                preferred = server;
                return connection;
            } catch (NamingException failed) {
                if (failure != null) {
                    failed.addSuppressed(failure);
                }
                failure = failed;
            }
        }
        throw failure;
    }

    /** The table is what the JDK asks for. */
    @SuppressWarnings("JdkObsolete")
    private LdapContext connect(String server) throws NamingException {
        // A connection that breaks, and each server of the list, take a share of the time.
        long share = settings.patience().toMillis() / (settings.servers().size() + 1);
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
        environment.put(Context.PROVIDER_URL, server);
        environment.put("com.sun.jndi.ldap.connect.timeout", Long.toString(share));
        environment.put("com.sun.jndi.ldap.read.timeout", Long.toString(share));
        settings.user().ifPresent(user -> {
            environment.put(Context.SECURITY_AUTHENTICATION, "simple");
            environment.put(Context.SECURITY_PRINCIPAL, user);
            environment.put(Context.SECURITY_CREDENTIALS, settings.password());
        });
        if (server.startsWith("ldaps:") && settings.trust().isPresent()) {
            environment.put("java.naming.ldap.factory.socket", TrustedSockets.class.getName());
            return TrustedSockets.with(settings.trust().get(), () -> new InitialLdapContext(environment, null));
        }
        return new InitialLdapContext(environment, null);
    }

    private Supplied none(String why) {
        return new Supplied.None(SM.getString("source.says", this, SM.getString(why, settings.attribute())), false);
    }

    @Override
    public String toString() {
        return SM.getString("ldap.name", String.join(" ", settings.servers()));
    }

    @Override
    public void close() {
        closed = true;
        for (Connection connection = idle.poll(); connection != null; connection = idle.poll()) {
            try {
                connection.directory().close();
            } catch (NamingException gone) {
                // It is no longer needed.
            }
        }
    }
}
