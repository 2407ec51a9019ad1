// SPDX-License-Identifier: Apache-2.0
// Somebody who was authenticated by another realm, and has a context.
package io.github.tomcatselinux;

import io.github.tomcatselinux.identities.Supplied;
import java.io.Serializable;
import java.security.Principal;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.catalina.Realm;
import org.apache.catalina.TomcatPrincipal;
import org.apache.catalina.realm.GenericPrincipal;
import org.ietf.jgss.GSSCredential;

/**
 * A principal in everything like the one that it wraps, with one attribute more. Whoever reads that asks the
 * {@link ContextRealm}, so that a principal that a session has kept for a week has today's context.
 */
final class ContextPrincipal extends GenericPrincipal {
    private static final long serialVersionUID = 1L;

    private final transient Principal inner;
    /** Empty for one that came with a session from another server, or from a store: its realm is not here. */
    private final transient Optional<Function<String, Supplied>> contexts;

    ContextPrincipal(Principal inner, Function<String, Supplied> contexts) {
        this(inner, Optional.of(contexts));
    }

    private ContextPrincipal(Principal inner, Optional<Function<String, Supplied>> contexts) {
        super(inner.getName(), List.of(), forApplications(inner));
        this.inner = inner;
        this.contexts = contexts;
    }

    private static Principal forApplications(Principal inner) {
        return inner instanceof TomcatPrincipal tomcats ? tomcats.getUserPrincipal() : inner;
    }

    Principal inner() {
        return inner;
    }

    /**
     * The context of today.
     *
     * @param realm of the application: it is asked where the one that authenticated is not here
     */
    Supplied context(Realm realm) {
        return contexts.or(() -> realm instanceof ContextRealm ours ? Optional.of(ours::contextOf) : Optional.empty())
                .map(source -> source.apply(getName()))
                .orElseGet(Supplied::nothing);
    }

    @Override
    public String[] getRoles() {
        return inner instanceof GenericPrincipal generic ? generic.getRoles() : new String[0];
    }

    @Override
    public boolean hasRole(String role) {
        return inner instanceof GenericPrincipal generic && generic.hasRole(role);
    }

    @Override
    public GSSCredential getGssCredential() {
        return inner instanceof TomcatPrincipal tomcats ? tomcats.getGssCredential() : null;
    }

    @Override
    public void logout() throws Exception {
        if (inner instanceof TomcatPrincipal tomcats) {
            tomcats.logout();
        }
    }

    @Override
    public Object getAttribute(String name) {
        if (name.equals(ContextRealm.ATTRIBUTE)) {
            return context(null) instanceof Supplied.Text found ? found.text() : null;
        }
        return inner instanceof TomcatPrincipal tomcats ? tomcats.getAttribute(name) : null;
    }

    @Override
    public Enumeration<String> getAttributeNames() {
        Set<String> names = new LinkedHashSet<>();
        if (inner instanceof TomcatPrincipal tomcats) {
            names.addAll(Collections.list(tomcats.getAttributeNames()));
        }
        names.add(ContextRealm.ATTRIBUTE);
        return Collections.enumeration(names);
    }

    @Override
    public String toString() {
        return inner.toString();
    }

    private Object writeReplace() {
        return new Stored(
                inner instanceof Serializable ? inner : new GenericPrincipal(getName(), Arrays.asList(getRoles())));
    }

    /** What a session that is written out holds: who it is, and that a {@link ContextRealm} has said so. */
    private record Stored(Principal inner) implements Serializable {
        private Object readResolve() {
            return new ContextPrincipal(inner, Optional.empty());
        }
    }
}
