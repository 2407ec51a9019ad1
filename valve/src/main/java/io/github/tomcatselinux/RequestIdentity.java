// SPDX-License-Identifier: Apache-2.0
// Who makes a request, taken from Tomcat's own objects.
package io.github.tomcatselinux;

import io.github.tomcatselinux.identities.Supplied;
import io.github.tomcatselinux.mapping.Identity;
import io.github.tomcatselinux.mapping.Roles;
import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import java.util.Arrays;
import org.apache.catalina.Realm;
import org.apache.catalina.TomcatPrincipal;
import org.apache.catalina.connector.Request;
import org.apache.catalina.realm.GenericPrincipal;
import org.apache.coyote.AbstractProtocol;
import org.apache.tomcat.util.res.StringManager;

/** Builds the identity that the rules see. What was said by an application is only in what {@link #claimed} returns. */
final class RequestIdentity {
    private static final StringManager SM = StringManager.getManager(RequestIdentity.class);

    private RequestIdentity() {}

    /** The identity after authentication. */
    static Identity of(Request request) {
        Identity.Builder identity = origin(request);
        Principal principal = request.getPrincipal();
        if (principal != null && principal.getName() != null) {
            identity.user(principal.getName()).roles(roles(request, principal));
        }
        return identity.build();
    }

    /**
     * The identity that an application says the request has: its user and roles. Where from, and for what, it is, Tomcat
     * says.
     *
     * @param asked the request as the application's filters have wrapped it
     */
    static Identity claimed(Request request, HttpServletRequest asked) {
        Identity.Builder identity = origin(request);
        Principal principal = asked.getUserPrincipal();
        if (principal != null && principal.getName() != null) {
            identity.user(principal.getName()).roles(Roles.asking(asked::isUserInRole));
        }
        return identity.build();
    }

    /** The identity before it, or where there is none: anonymous. */
    static Identity anonymous(Request request) {
        return origin(request).build();
    }

    /** What the authentication says of the context of whom it authenticated. */
    static Supplied context(Request request) {
        Principal principal = request.getPrincipal();
        if (principal instanceof ContextPrincipal ours) {
            return ours.context(request.getContext().getRealm());
        }
        return principal instanceof TomcatPrincipal other
                        && other.getAttribute(ContextRealm.ATTRIBUTE) instanceof String text
                ? new Supplied.Text(text, SM.getString("identity.principal", ContextRealm.ATTRIBUTE))
                : Supplied.nothing();
    }

    private static Identity.Builder origin(Request request) {
        Identity.Builder identity = Identity.builder()
                .host(request.getHost().getName())
                .path(request.getDecodedRequestURI())
                .method(request.getMethod());
        // A Unix-domain connector pretends that its clients are localhost, unless RemoteIpValve knows better.
        String address = request.getRemoteAddr();
        boolean pretended = (address == null || address.equals(request.getPeerAddr()))
                && request.getConnector().getProtocolHandler() instanceof AbstractProtocol<?> protocol
                && protocol.getLocalPort() < 0
                && request.getConnector().getProperty("unixDomainSocketPath") != null;
        return pretended || address == null ? identity : identity.address(address);
    }

    private static Roles roles(Request request, Principal authenticated) {
        Principal principal = authenticated instanceof ContextPrincipal ours ? ours.inner() : authenticated;
        if (principal.getClass() == GenericPrincipal.class) {
            String[] roles = ((GenericPrincipal) principal).getRoles();
            // "*" among them stands for every role, which a list cannot say.
            if (!Arrays.asList(roles).contains("*")) {
                return Roles.of(Arrays.asList(roles));
            }
        }
        Realm realm = request.getContext().getRealm();
        // Asked without the servlet, whose security-role-ref would let the application rename roles.
        return realm == null ? Roles.none() : Roles.asking(role -> realm.hasRole(null, principal, role));
    }
}
