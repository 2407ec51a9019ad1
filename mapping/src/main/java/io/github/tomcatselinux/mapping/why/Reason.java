// SPDX-License-Identifier: Apache-2.0
// Why the policy denies something, and what would mend that.
package io.github.tomcatselinux.mapping.why;

import io.github.tomcatselinux.mapping.AllowedContexts;
import io.github.tomcatselinux.mapping.ContextTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * By the names that the shipped module gives to types and booleans. A rule that would merely allow what was denied is
 * never among the remedies: what is missing is nearly always a label, a category, a boolean, or nothing at all.
 *
 * @param why one sentence
 * @param remedies what to do, if it is to be allowed; commands among them stand for themselves
 */
public record Reason(String why, List<String> remedies) {
    private static final Pattern DOMAIN = Pattern.compile("(\\w+?)_webapp(?:_thread|_program)?_t");
    private static final Pattern CONTENT = Pattern.compile("(\\w+?)_webapp_(content|rw|exec|program_exec)_t");
    private static final Set<String> FILES = Set.of("file", "dir", "lnk_file");
    private static final Set<String> WRITES = Set.of(
            "write", "append", "create", "add_name", "remove_name", "unlink", "rename", "rmdir", "setattr", "link");

    /**
     * Why a context may not do that.
     *
     * @param object whole path of a file if it is known, or its name
     * @param permissions those that were denied
     */
    public static Reason of(String source, String target, String objectClass, List<String> permissions, String object) {
        Context from = Context.of(source);
        Context to = Context.of(target);
        Matcher domain = DOMAIN.matcher(from.type());
        String tenant = domain.matches() ? domain.group(1) : "TENANT";
        boolean thread = from.type().endsWith("_thread_t");
        String booleans = tenant + (thread ? "_webapp_thread" : "_webapp");
        if (FILES.contains(objectClass)) {
            return ofFile(from, to, tenant, booleans, permissions, object);
        }
        if (objectClass.equals("tcp_socket") || objectClass.equals("udp_socket")) {
            return ofSocket(booleans, to);
        }
        if (objectClass.equals("process") || objectClass.equals("process2") || objectClass.startsWith("cap")) {
            return new Reason(
                    "what is confined may not change its own confinement, reach other processes, or have privileges",
                    List.of("nothing: look at what the program or servlet does there"));
        }
        return rule(from, to, objectClass, permissions);
    }

    private static Reason ofFile(
            Context from, Context to, String tenant, String booleans, List<String> permissions, String object) {
        Matcher content = CONTENT.matcher(to.type());
        String place = object.startsWith("/") ? object : "PATH-OF-" + (object.isEmpty() ? "IT" : object);
        boolean writes = permissions.stream().anyMatch(WRITES::contains);
        if (content.matches() && !content.group(1).equals(tenant)) {
            return new Reason(
                    "it is labelled as content of [" + content.group(1) + "], and the context is one of [" + tenant
                            + "]",
                    List.of(
                            "nothing, if it is not meant for that context",
                            "if it is labelled wrongly: " + label(tenant, writes, place),
                            "if the person belongs to [" + content.group(1) + "]: a rule that gives " + content.group(1)
                                    + "_webapp_t"));
        }
        if (!isWithin(to.range(), from.range())) {
            return new Reason(
                    "its category is not one of the context's: it has [" + to.range() + "], the context ["
                            + from.range() + "]",
                    List.of(
                            "nothing, if it is not meant for that context",
                            "if it is labelled wrongly: chcon -R -l " + low(from.range()) + " " + quoted(place),
                            "if the person is to have it: a rule that gives a range with [" + to.range() + "]"));
        }
        if (to.type().equals("tomcat_webapp_code_t")
                || permissions.contains("execute")
                || permissions.contains("execute_no_trans")) {
            return new Reason(
                    "helpers reach an application's code, and run programs, only where a boolean lets them",
                    List.of(
                            "if it is a program of this tenant: setsebool -P " + booleans + "_run_programs on",
                            "and the label of its folder: semanage fcontext -a -t " + tenant
                                    + "_webapp_exec_t 'FOLDER(/.*)?' && restorecon -Rv FOLDER"));
        }
        if (content.matches() && writes && content.group(2).equals("content")) {
            return new Reason(
                    "content of this label is read, not written",
                    List.of("if it is to be written: " + label(tenant, true, place)));
        }
        if (content.matches()) {
            return rule(from, to, "file", permissions);
        }
        return new Reason(
                "nobody has labelled it as content: [" + to.type() + "] is not served to [" + from.type() + "]",
                List.of(
                        "if a label for its place is known already: restorecon -Rv " + quoted(place),
                        "else: " + label(tenant, writes, place)));
    }

    private static Reason ofSocket(String booleans, Context to) {
        String which = switch (to.type()) {
            case "mssql_port_t", "mysqld_port_t", "oracle_port_t", "postgresql_port_t", "redis_port_t" -> "connect_db";
            case "smtp_port_t" -> "send_mail";
            default -> "connect_network";
        };
        return new Reason(
                "connections to [" + to.type() + "] need a boolean that is off",
                List.of("if it is to connect: setsebool -P " + booleans + "_" + which + " on"));
    }

    private static Reason rule(Context from, Context to, String objectClass, List<String> permissions) {
        return new Reason(
                "the policy has no rule for that, or a constraint is in its way",
                List.of(
                        "what it has: sesearch -A -s " + from.type() + " -t " + to.type() + " -c " + objectClass,
                        "if it is right that it wants " + permissions
                                + ": a module of your own with an interface of tomcat_selinux(8); what audit2allow makes"
                                + " of a denial allows it to everybody in that domain"));
    }

    private static String label(String tenant, boolean writes, String place) {
        return "semanage fcontext -a -t " + tenant + (writes ? "_webapp_rw_t " : "_webapp_content_t ") + pattern(place)
                + " && restorecon -Rv " + quoted(place);
    }

    /** For semanage, which takes a regular expression. */
    private static String pattern(String place) {
        return quoted(place.replaceAll("[.^$*+?()\\[\\]{}|\\\\]", "\\\\$0") + "(/.*)?");
    }

    /** For a shell. */
    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    private static String low(String range) {
        return range.split("-", 2)[0];
    }

    private static boolean isWithin(String range, String outer) {
        String[] levels = outer.split("-", 2);
        AllowedContexts all = new AllowedContexts(
                List.of(new ContextTemplate(Optional.of("any_t"), Optional.of("s0-" + levels[levels.length - 1]))));
        return all.permits(new ContextTemplate(Optional.of("any_t"), Optional.of(range)), "any_t", "s0");
    }

    /** The parts that matter; what is not a context has empty ones. */
    private record Context(String type, String range) {
        static Context of(String text) {
            List<String> parts = new ArrayList<>(List.of(text.split(":", 4)));
            while (parts.size() < 4) {
                parts.add("");
            }
            return new Context(parts.get(2), parts.get(3));
        }
    }
}
