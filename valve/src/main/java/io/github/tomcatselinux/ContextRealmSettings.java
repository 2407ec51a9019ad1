// SPDX-License-Identifier: Apache-2.0
// The attributes of a ContextRealm, checked.
package io.github.tomcatselinux;

import io.github.tomcatselinux.identities.LdapContexts;
import io.github.tomcatselinux.identities.Lookup;
import io.github.tomcatselinux.identities.SqlContexts;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.sql.DataSource;
import org.apache.tomcat.util.res.StringManager;

/** Either a query for a JNDI data source, or where to look in a directory. */
final class ContextRealmSettings {
    private static final StringManager SM = StringManager.getManager(ContextRealmSettings.class);

    private static final String DATA_SOURCE_NAME = "dataSourceName";
    private static final String QUERY = "query";
    private static final String CONNECTION_URL = "connectionURL";
    private static final String CONNECTION_NAME = "connectionName";
    private static final String CONNECTION_PASSWORD = "connectionPassword";
    private static final String USER_BASE = "userBase";
    private static final String USER_SEARCH = "userSearch";
    private static final String LDAP_ATTRIBUTE = "ldapAttribute";
    private static final String TRUST_STORE = "trustStore";
    private static final String TRUST_STORE_PASSWORD = "trustStorePassword";
    private static final String TIMEOUT = "timeout";
    private static final String CONNECTIONS = "connections";
    private static final String CACHE_SIZE = "cacheSize";
    private static final String CACHE_AGE = "cacheAge";

    private static final List<String> SQL = List.of(DATA_SOURCE_NAME, QUERY);
    private static final List<String> LDAP = List.of(
            CONNECTION_URL,
            CONNECTION_NAME,
            CONNECTION_PASSWORD,
            USER_BASE,
            USER_SEARCH,
            LDAP_ATTRIBUTE,
            TRUST_STORE,
            TRUST_STORE_PASSWORD);
    private static final List<String> COMMON = List.of(TIMEOUT, CONNECTIONS, CACHE_SIZE, CACHE_AGE);

    private final Map<String, String> attributes;
    private final Path catalinaBase;
    private final List<String> errors = new ArrayList<>();
    private final Lookup.Limits limits;

    /** Takes the attributes as they were written. */
    ContextRealmSettings(Map<String, String> attributes, Path catalinaBase) {
        this.attributes = attributes;
        this.catalinaBase = catalinaBase;
        this.limits = new Lookup.Limits(
                Duration.ofSeconds(number(TIMEOUT, 5, 1, 300)),
                number(CONNECTIONS, 4, 1, 100),
                number(CACHE_SIZE, 1_000, 1, 1_000_000),
                Duration.ofSeconds(number(CACHE_AGE, 60, 0, 86_400)));
    }

    Lookup.Limits limits() {
        return limits;
    }

    /**
     * What is to be asked.
     *
     * @param global the server's own JNDI names
     * @throws ConfigurationException naming every attribute that is wrong
     */
    Lookup.Source source(Callable<Context> global) throws ConfigurationException {
        boolean sql = attributes.containsKey(DATA_SOURCE_NAME);
        List<String> known =
                Stream.concat((sql ? SQL : LDAP).stream(), COMMON.stream()).toList();
        if (sql == attributes.containsKey(CONNECTION_URL)) {
            errors.add(SM.getString("realm.one", DATA_SOURCE_NAME, CONNECTION_URL));
        } else {
            attributes.keySet().stream()
                    .filter(name -> !known.contains(name))
                    .forEach(name -> errors.add(SM.getString("configuration.unknown", name, String.join(", ", known))));
        }
        Lookup.Source source = sql ? sql(global) : ldap();
        if (!errors.isEmpty()) {
            throw new ConfigurationException(String.join("; ", errors));
        }
        return source;
    }

    /** The name is the administrator's, and leads to what the administrator put there. */
    @SuppressWarnings("BanJNDI")
    private Lookup.Source sql(Callable<Context> global) {
        String name = required(DATA_SOURCE_NAME);
        String query = required(QUERY);
        if (query.chars().filter(c -> c == '?').count() != 1) {
            errors.add(SM.getString("realm.query", QUERY, query));
        }
        Callable<DataSource> dataSource = () -> (DataSource) global.call().lookup(name);
        try {
            dataSource.call();
        } catch (NameNotFoundException | ClassCastException unknown) {
            errors.add(SM.getString("realm.dataSource", DATA_SOURCE_NAME, name, unknown.getMessage()));
        } catch (Exception notNow) {
            // A pool may fail as long as its database does; it is asked again for each user.
        }
        return new SqlContexts(name, dataSource, query, limits.patience());
    }

    private Lookup.Source ldap() {
        List<String> servers = List.of(required(CONNECTION_URL).strip().split("\\s+"));
        servers.stream()
                .filter(server -> !isServer(server))
                .forEach(server -> errors.add(SM.getString("realm.server", CONNECTION_URL, server)));
        String filter = required(USER_SEARCH);
        if (!filter.contains("{0}")) {
            errors.add(SM.getString("realm.filter", USER_SEARCH, filter));
        }
        return new LdapContexts(new LdapContexts.Settings(
                servers,
                Optional.ofNullable(attributes.get(CONNECTION_NAME)),
                attributes.getOrDefault(CONNECTION_PASSWORD, ""),
                required(USER_BASE),
                filter,
                required(LDAP_ATTRIBUTE),
                trust(),
                limits.patience()));
    }

    private static boolean isServer(String server) {
        try {
            URI uri = new URI(server);
            return ("ldap".equals(uri.getScheme()) || "ldaps".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getRawQuery() == null
                    && (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"));
        } catch (URISyntaxException wrong) {
            return false;
        }
    }

    private Optional<SSLSocketFactory> trust() {
        String name = attributes.get(TRUST_STORE);
        if (name == null) {
            return Optional.empty();
        }
        Path file = catalinaBase.resolve(name);
        String password = attributes.get(TRUST_STORE_PASSWORD);
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(in, password == null ? null : password.toCharArray());
            TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(store);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trusted.getTrustManagers(), null);
            return Optional.of(tls.getSocketFactory());
        } catch (IOException | GeneralSecurityException wrong) {
            errors.add(SM.getString("realm.trustStore", TRUST_STORE, name, wrong));
            return Optional.empty();
        }
    }

    private String required(String name) {
        String value = attributes.getOrDefault(name, "");
        if (value.isBlank()) {
            errors.add(SM.getString("realm.missing", name));
        }
        return value;
    }

    private int number(String name, int preset, int least, int most) {
        String value = attributes.get(name);
        if (value == null) {
            return preset;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException noNumber) {
            // Reported below, together with numbers out of range.
        }
        errors.add(SM.getString("configuration.number", name, value, String.valueOf(least), String.valueOf(most)));
        return preset;
    }
}
