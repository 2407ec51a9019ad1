// SPDX-License-Identifier: Apache-2.0
// Whether the policy lets helpers take a context, and confines them there.
package io.github.tomcatselinux.preflight;

import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.tomcat.util.res.StringManager;

/**
 * Answers by what the loaded policy says, without a process that takes the context: where there are too many of them to be
 * tried, where one could not be taken, and where nobody may try.
 */
public final class ContextPolicy {
    private static final StringManager SM = StringManager.getManager(ContextPolicy.class);

    /** The domain of the launcher, and of its helpers until they are confined. */
    private static final String LAUNCHER_DOMAIN = "tomcat_launcher_t";

    private static final Pattern WEBAPP = Pattern.compile("([a-z][a-z0-9_]*)_webapp_t");

    /** What a process may have a right to do to one like itself, and does not where categories keep the two apart. */
    private static final List<String> CONSTRAINED =
            List.of("signal", "sigkill", "sigstop", "getsched", "setsched", "getattr", "getcap", "share");

    private final Selinux selinux;
    private final SecurityContext launcher;

    /** Asks nothing yet. */
    public ContextPolicy(Selinux selinux, SecurityContext server) {
        this.selinux = selinux;
        this.launcher = server.of(LAUNCHER_DOMAIN);
    }

    /** Why a helper that takes this context is not confined, or none can; empty if the policy has nothing against it. */
    public Optional<String> objection(SecurityContext context) {
        try {
            if (!selinux.isValid(context)) {
                return Optional.of(unknown(context));
            }
            Optional<String> missing = missing(context);
            return missing.isPresent() ? missing : looseness(context);
        } catch (IOException silent) {
            return Optional.of(SM.getString("context.silent", context, silent.getMessage()));
        }
    }

    /** Why the categories of this context keep nobody apart; empty if they do, or it has none. */
    public Optional<String> looseness(SecurityContext context) {
        try {
            return isLoose(context)
                    ? Optional.of(SM.getString(
                            "context.loose",
                            context.type(),
                            PolicyModule.command(
                                    context.type(),
                                    List.of("(typeattributeset mcs_constrained_type (" + context.type() + "))"))))
                    : Optional.empty();
        } catch (IOException silent) {
            return Optional.of(SM.getString("context.silent", context, silent.getMessage()));
        }
    }

    /** Whatever role and range: objects may have every type. */
    private String unknown(SecurityContext context) throws IOException {
        String type = context.type();
        String low = launcher.lowLevel();
        if (!selinux.isValid(new SecurityContext(context.user(), "object_r", type, low))) {
            Matcher webapp = WEBAPP.matcher(type);
            return webapp.matches()
                    ? SM.getString("context.noDomain", type, PolicyModule.template(webapp.group(1)))
                    : SM.getString("context.noWebappDomain", type);
        }
        if (!selinux.isValid(context.at(low))) {
            return SM.getString(
                    "context.noRole",
                    context.role(),
                    type,
                    PolicyModule.command(type, List.of("(roletype " + context.role() + " " + type + ")")));
        }
        return SM.getString("context.noRange", context.range(), context.user());
    }

    private Optional<String> missing(SecurityContext context) throws IOException {
        Gaps gaps = new Gaps(selinux, launcher.type());
        gaps.need(launcher, launcher, "process", "setcurrent", "no helper gets a context");
        gaps.need(launcher, context, "process", "dyntransition", "no helper gets this context");
        if (gaps.isEmpty()) {
            return Optional.empty();
        }
        String type = context.type();
        if (!WEBAPP.matcher(type).matches()) {
            // A way into any other domain would be a way out of confinement: nobody is told to open one.
            return Optional.of(SM.getString("context.foreign", launcher, context, type));
        }
        // With the attribute comes all that a helper needs.
        String member = "(typeattributeset tomcat_webapp_domain (" + type + "))";
        return Optional.of(SM.getString("context.mayNot", launcher, context, gaps.describe(type, List.of(member))));
    }

    /** Whether the context has categories, and the policy does not look at those of its domain. */
    private boolean isLoose(SecurityContext context) throws IOException {
        if (!context.range().contains(":c")) {
            return false;
        }
        SecurityContext low = context.at(context.lowLevel().replaceFirst(":.*", ""));
        for (String permission : CONSTRAINED) {
            if (selinux.missing(low, low, "process", List.of(permission)).isEmpty()) {
                return selinux.missing(low, context, "process", List.of(permission))
                        .isEmpty();
            }
        }
        return false;
    }
}
