// SPDX-License-Identifier: Apache-2.0
// What the policy lacks for contexts to live together.
package io.github.tomcatselinux.preflight;

import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Asks the kernel for permissions, one by one, and finds out what keeps each that is missing: no rule, a constraint on
 * levels, or the bounds of the source's domain (security_compute_av in the kernel's {@code ss/services.c}: a bounded domain
 * has nothing that its parent has not).
 */
public final class Gaps {
    private final Selinux selinux;
    private final String parent;
    private final Set<String> bounded = new TreeSet<>();
    private final Map<Gap, Set<String>> missing = new LinkedHashMap<>();
    private final Set<String> statements = new LinkedHashSet<>();

    /** What permissions of one class are missing for, and why. */
    private record Gap(String source, String target, String objectClass, String why, String otherwise) {}

    /**
     * Nothing was asked yet.
     *
     * @param parent the domain by which {@link #bounded} ones are bounded
     */
    public Gaps(Selinux selinux, String parent) {
        this.selinux = selinux;
        this.parent = parent;
    }

    /** Says that a domain is bounded. */
    public Gaps bounded(String domain) {
        bounded.add(domain);
        return this;
    }

    /**
     * Asks for one permission.
     *
     * @param otherwise what happens without it
     * @throws IOException if the kernel cannot be asked
     */
    public void need(
            SecurityContext source, SecurityContext target, String objectClass, String permission, String otherwise)
            throws IOException {
        if (has(source, target, objectClass, permission)) {
            return;
        }
        String object = source.type().equals(target.type()) ? "self" : target.type();
        String why;
        if (isConstrained(source, target, objectClass, permission)) {
            why = "a constraint on levels forbids it to [" + source + "] on [" + target
                    + "], and no rule can allow it: name another range";
        } else {
            why = "no rule allows it";
            statements.add(allow(source.type(), object, objectClass, permission));
            if (bounded.contains(source.type())) {
                SecurityContext above = source.of(parent);
                SecurityContext beneath = bounded.contains(target.type()) ? target.of(parent) : target;
                if (!has(above, beneath, objectClass, permission)) {
                    why = source.type() + " is bounded by " + parent + ", which has it not";
                    String there = parent.equals(beneath.type()) ? "self" : beneath.type();
                    statements.add(allow(parent, there, objectClass, permission));
                }
            }
        }
        missing.computeIfAbsent(
                        new Gap(source.type(), object, objectClass, why, otherwise), gap -> new LinkedHashSet<>())
                .add(permission);
    }

    /** Whether all that was asked for is there. */
    public boolean isEmpty() {
        return missing.isEmpty();
    }

    /**
     * What is missing, why, what happens without it, and the command that mends it.
     *
     * @param about the type that the command's module is named after
     */
    public String describe(String about) {
        return describe(about, statements);
    }

    /** The same with other statements that mend it, unless nothing can. */
    String describe(String about, Collection<String> instead) {
        List<String> lines = new ArrayList<>();
        missing.forEach((gap, permissions) -> lines.add("allow " + gap.source() + " " + gap.target() + ":"
                + gap.objectClass() + " "
                + (permissions.size() == 1
                        ? permissions.iterator().next()
                        : "{ " + String.join(" ", permissions) + " }")
                + " (" + gap.why() + "); without it " + gap.otherwise()));
        String mending = statements.isEmpty() ? "" : ". Mend it with: " + PolicyModule.command(about, instead);
        return "missing: " + String.join("; ", lines) + mending;
    }

    private boolean has(SecurityContext source, SecurityContext target, String objectClass, String permission)
            throws IOException {
        return selinux.missing(source, target, objectClass, List.of(permission)).isEmpty();
    }

    /** At one level there is none that would forbid anything. */
    private boolean isConstrained(SecurityContext source, SecurityContext target, String objectClass, String permission)
            throws IOException {
        String level = target.lowLevel();
        return has(source.at(level), target.at(level), objectClass, permission);
    }

    private static String allow(String source, String target, String objectClass, String permission) {
        return "(allow " + source + " " + target + " (" + objectClass + " (" + permission + ")))";
    }
}
