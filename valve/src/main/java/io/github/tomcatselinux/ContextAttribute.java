// SPDX-License-Identifier: Apache-2.0
// The request attribute that says which context a request is to have.
package io.github.tomcatselinux;

import io.github.tomcatselinux.identities.Supplied;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.apache.coyote.ajp.AbstractAjpProtocol;
import org.apache.tomcat.util.res.StringManager;

/**
 * Read once, as a request comes to the declared valve: a valve before that may have set it, and neither an application's
 * code nor a client can have.
 */
final class ContextAttribute {
    private static final StringManager SM = StringManager.getManager(ContextAttribute.class);

    /** Names that Tomcat, its AJP connectors whatever their pattern says, or we ourselves give a meaning. */
    private static final List<String> TAKEN = List.of(
            "jakarta.", "javax.", "java.", "org.apache.", "io.github.tomcatselinux.", "AJP_", "JK_", "CERT_", "HTTPS_");

    private ContextAttribute() {}

    /** Whether an administrator may choose the name. */
    static boolean isFree(String name) {
        return !name.isBlank() && TAKEN.stream().noneMatch(name::startsWith);
    }

    /**
     * Checks that only the administrator's own valves can set it.
     *
     * @throws ConfigurationException if an application could, or a client
     */
    static void requireOurs(String name, Container declaredOn, Connector[] connectors) throws ConfigurationException {
        if (declaredOn instanceof Context) {
            // Its request listeners are called before its first valve.
            throw new ConfigurationException(SM.getString("contextAttribute.onContext"));
        }
        for (Connector connector : connectors) {
            Optional<String> objection = objection(name, connector);
            if (objection.isPresent()) {
                throw new ConfigurationException(objection.get());
            }
        }
    }

    /** What the attribute says; empty if there is none, or none is asked for. */
    static Optional<Supplied> read(Configuration configuration, Request request) {
        return configuration.outside().attribute().flatMap(name -> {
            // A connector, or its pattern, may have come after the start.
            Optional<String> objection = objection(name, request.getConnector());
            if (objection.isPresent()) {
                return Optional.of(new Supplied.None(objection.get(), false));
            }
            return Optional.ofNullable(request.getAttribute(name)).map(value -> supplied(name, value));
        });
    }

    private static Supplied supplied(String name, Object value) {
        String source = SM.getString("contextAttribute.source", name);
        return value instanceof String text
                ? new Supplied.Text(text, source)
                : new Supplied.None(
                        source + ": "
                                + SM.getString(
                                        "contextAttribute.kind",
                                        value.getClass().getName()),
                        false);
    }

    private static Optional<String> objection(String name, Connector connector) {
        if (!(connector.getProtocolHandler() instanceof AbstractAjpProtocol<?> ajp)) {
            return Optional.empty();
        }
        String pattern = ajp.getAllowedRequestAttributesPattern();
        return pattern != null && Pattern.matches(pattern, name)
                ? Optional.of(SM.getString("contextAttribute.ajp", String.valueOf(connector.getPort()), name, pattern))
                : Optional.empty();
    }
}
