// SPDX-License-Identifier: Apache-2.0
// Whether Tomcat tells who asks, where rules look at that.
package io.github.tomcatselinux.preflight;

import io.github.tomcatselinux.mapping.Condition;
import io.github.tomcatselinux.mapping.Rule;
import io.github.tomcatselinux.mapping.SpecialTerm;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.catalina.Authenticator;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Valve;
import org.apache.catalina.authenticator.FormAuthenticator;
import org.apache.catalina.authenticator.NonLoginAuthenticator;
import org.apache.catalina.authenticator.SingleSignOn;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.util.NetMask;
import org.apache.catalina.valves.RemoteIpValve;
import org.apache.coyote.ajp.AbstractAjpProtocol;
import org.apache.tomcat.util.descriptor.web.SecurityCollection;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;
import org.apache.tomcat.util.res.StringManager;

/** Looks, as an application starts, at its rules and at what Tomcat has been told about it: what makes rules mean less than they say. */
public final class IdentityCheck implements Check {
    private static final StringManager SM = StringManager.getManager(IdentityCheck.class);

    private static final List<String> LOOPBACK = List.of("127.0.0.1", "::1", "0:0:0:0:0:0:0:1");

    private final Context application;
    private final List<Rule> rules;
    private final Connector[] connectors;

    /** The rules that govern an application, and the connectors that its requests come by. */
    public IdentityCheck(Context application, List<Rule> rules, Connector[] connectors) {
        this.application = application;
        this.rules = rules;
        this.connectors = connectors.clone();
    }

    @Override
    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        first(rules, IdentityCheck::isAboutUsers)
                .flatMap(rule -> aboutUsers(application, rule, connectors))
                .ifPresent(text -> findings.add(Finding.warning(Fault.SERVER, text)));
        first(rules, rule -> names(rule.condition(), Condition.From.class::isInstance))
                .flatMap(rule -> aboutProxies(application, rule))
                .ifPresent(text -> findings.add(Finding.warning(Fault.SERVER, text)));
        return findings;
    }

    private static Optional<Rule> first(List<Rule> rules, Predicate<Rule> what) {
        return rules.stream().filter(what).findFirst();
    }

    private static boolean isAboutUsers(Rule rule) {
        return rule.target() == SpecialTerm.LOGIN
                || names(
                        rule.condition(),
                        condition -> condition instanceof Condition.User
                                || condition instanceof Condition.Role
                                || condition instanceof Condition.Authenticated);
    }

    private static boolean names(Condition condition, Predicate<Condition> what) {
        if (condition instanceof Condition.Not not) {
            return names(not.condition(), what);
        }
        if (condition instanceof Condition.All all) {
            return all.conditions().stream().anyMatch(part -> names(part, what));
        }
        if (condition instanceof Condition.Any any) {
            return any.conditions().stream().anyMatch(part -> names(part, what));
        }
        return what.test(condition);
    }

    private static Optional<String> aboutUsers(Context application, Rule rule, Connector[] connectors) {
        String name = application.getBaseName();
        Authenticator authenticator = application.getAuthenticator();
        if (authenticator == null || authenticator instanceof NonLoginAuthenticator) {
            boolean known = above(application).anyMatch(SingleSignOn.class::isInstance)
                    || Arrays.stream(connectors).anyMatch(IdentityCheck::authenticates);
            return known ? Optional.empty() : Optional.of(SM.getString("identity.noLogin", rule.location(), name));
        }
        // Who has logged in by a form is known by the session, wherever there is a constraint.
        boolean seen = application.getPreemptiveAuthentication()
                || authenticator instanceof FormAuthenticator
                || Arrays.stream(application.findConstraints()).anyMatch(IdentityCheck::isForEverything);
        return seen ? Optional.empty() : Optional.of(SM.getString("identity.preemptive", rule.location(), name));
    }

    /** Takes the proxy's word for who it is. */
    private static boolean authenticates(Connector connector) {
        return connector.getProtocolHandler() instanceof AbstractAjpProtocol<?> ajp && !ajp.getTomcatAuthentication();
    }

    private static boolean isForEverything(SecurityConstraint constraint) {
        return constraint.getAuthConstraint()
                && Arrays.stream(constraint.findCollections())
                        .anyMatch(collection -> hasAllMethods(collection) && collection.findPattern("/*"));
    }

    private static boolean hasAllMethods(SecurityCollection collection) {
        return collection.findMethods().length == 0 && collection.findOmittedMethods().length == 0;
    }

    private static Optional<String> aboutProxies(Context application, Rule rule) {
        return above(application)
                .filter(RemoteIpValve.class::isInstance)
                .map(RemoteIpValve.class::cast)
                .flatMap(valve -> Stream.of(valve.getInternalProxies(), valve.getTrustedProxies()))
                .filter(IdentityCheck::trustsLoopback)
                .findFirst()
                .map(proxies -> SM.getString("identity.loopback", rule.location(), proxies));
    }

    /** Networks in Tomcat 11, a regular expression in 10.1. */
    private static boolean trustsLoopback(String proxies) {
        if (proxies == null || proxies.isBlank()) {
            return false;
        }
        return isNetworks(proxies)
                ? Arrays.stream(proxies.split(","))
                        .map(String::strip)
                        .map(NetMask::new)
                        .anyMatch(IdentityCheck::isLoopback)
                : LOOPBACK.stream().anyMatch(Pattern.compile(proxies).asMatchPredicate());
    }

    private static boolean isNetworks(String proxies) {
        try {
            Arrays.stream(proxies.split(",")).map(String::strip).forEach(NetMask::new);
            return true;
        } catch (IllegalArgumentException expression) {
            return false;
        }
    }

    private static boolean isLoopback(NetMask network) {
        return LOOPBACK.stream().anyMatch(address -> {
            try {
                return network.matches(InetAddress.getByName(address));
            } catch (UnknownHostException impossible) {
                throw new IllegalStateException(impossible);
            }
        });
    }

    /** The valves of the application, its Host and the Engine. */
    private static Stream<Valve> above(Context application) {
        return Stream.<Container>iterate(application, container -> container != null, Container::getParent)
                .flatMap(container -> Arrays.stream(container.getPipeline().getValves()));
    }
}
