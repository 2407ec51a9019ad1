// SPDX-License-Identifier: Apache-2.0
// A realm around another one, which adds to whom that authenticates the context that a database or directory has.
package io.github.tomcatselinux;

import io.github.tomcatselinux.identities.Lookup;
import io.github.tomcatselinux.identities.Supplied;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.realm.CombinedRealm;
import org.apache.tomcat.util.res.StringManager;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSCredential;
import org.ietf.jgss.GSSName;

/**
 * Wraps exactly one realm, as {@code LockOutRealm} does. Passwords and roles stay the wrapped realm's affair; the context
 * is for {@code @principal} in the rules. The attributes are described in {@code docs/identities.md}; they are kept as
 * they were written, and what is wrong with them keeps the realm, and with it its container, from starting.
 */
public class ContextRealm extends CombinedRealm {
    /** The attribute of the principal that holds the context, a String; there is none where no context is known. */
    public static final String ATTRIBUTE = "io.github.tomcatselinux.context";

    private static final StringManager SM = StringManager.getManager(ContextRealm.class);

    private final Map<String, String> attributes = new TreeMap<>();

    private volatile Optional<Lookup> lookup = Optional.empty();

    /** Takes every attribute of the element; called by Tomcat's digester. */
    public boolean setProperty(String name, String value) {
        attributes.put(name, value);
        return true;
    }

    @Override
    protected void startInternal() throws LifecycleException {
        try {
            ContextRealmSettings settings = new ContextRealmSettings(
                    attributes, getContainer().getCatalinaBase().toPath());
            Lookup.Source source = settings.source(() -> getServer().getGlobalNamingContext());
            super.startInternal();
            // Tomcat leaves out a nested realm that does not start.
            if (realms.size() != 1) {
                throw new ConfigurationException(SM.getString("realm.nested", String.valueOf(realms.size())));
            }
            lookup = Optional.of(new Lookup(source, settings.limits()));
        } catch (ConfigurationException wrong) {
            throw new LifecycleException(SM.getString("realm.stopped", wrong.getMessage()), wrong);
        }
    }

    @Override
    protected void stopInternal() throws LifecycleException {
        super.stopInternal();
        lookup.ifPresent(Lookup::close);
        lookup = Optional.empty();
    }

    @Override
    public Principal authenticate(String user) {
        return withContext(super.authenticate(user));
    }

    @Override
    public Principal authenticate(String user, String credentials) {
        return withContext(super.authenticate(user, credentials));
    }

    @Override
    public Principal authenticate(
            String user,
            String digest,
            String nonce,
            String nonceCount,
            String clientNonce,
            String protection,
            String realm,
            String digestOfUri,
            String algorithm) {
        return withContext(super.authenticate(
                user, digest, nonce, nonceCount, clientNonce, protection, realm, digestOfUri, algorithm));
    }

    @Override
    public Principal authenticate(X509Certificate[] certificates) {
        return withContext(super.authenticate(certificates));
    }

    @Override
    public Principal authenticate(GSSContext context, boolean storeCredentials) {
        return withContext(super.authenticate(context, storeCredentials));
    }

    @Override
    public Principal authenticate(GSSName name, GSSCredential credential) {
        return withContext(super.authenticate(name, credential));
    }

    @Override
    public boolean hasRole(Wrapper wrapper, Principal principal, String role) {
        return super.hasRole(wrapper, principal instanceof ContextPrincipal ours ? ours.inner() : principal, role);
    }

    private Principal withContext(Principal authenticated) {
        return authenticated == null ? null : new ContextPrincipal(authenticated, this::contextOf);
    }

    /** What the source says of somebody whom this realm, or its like on another server, has authenticated. */
    Supplied contextOf(String user) {
        return lookup.map(source -> source.of(user))
                .orElseGet(() -> new Supplied.None(SM.getString("realm.notRunning"), true));
    }

    /** For JMX: what is asked for contexts. */
    public String getSource() {
        return lookup.map(Lookup::source).orElse("");
    }

    /** For JMX: for how many users an answer is kept. */
    public int getCacheEntries() {
        return lookup.map(Lookup::kept).orElse(0);
    }

    /** For JMX: how many answers came from what was kept. */
    public long getCacheHits() {
        return lookup.map(Lookup::hits).orElse(0L);
    }

    /** For JMX: how many questions there were for the source. */
    public long getQuestions() {
        return lookup.map(Lookup::questions).orElse(0L);
    }

    /** For JMX: how many of them it did not answer. */
    public long getFailures() {
        return lookup.map(Lookup::failures).orElse(0L);
    }

    /** For JMX: to how many of them its answer was no context, or more than one. */
    public long getWithoutContext() {
        return lookup.map(Lookup::withoutContext).orElse(0L);
    }

    /** For JMX: forgets all answers, so that what has changed goes for the next request. */
    public void clearCache() {
        lookup.ifPresent(Lookup::clear);
    }
}
