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
import java.util.Set;
import java.util.function.Function;
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
    private final transient Function<String, Supplied> contexts;

    ContextPrincipal(Principal inner, Function<String, Supplied> contexts) {
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

    Supplied context() {
        return contexts.apply(getName());
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
            return context() instanceof Supplied.Text found ? found.text() : null;
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

    /** In a session that is written out and read again there is no realm to ask: then there is no context. */
    private Object writeReplace() {
        return inner instanceof Serializable ? inner : new GenericPrincipal(getName(), Arrays.asList(getRoles()));
    }
}
