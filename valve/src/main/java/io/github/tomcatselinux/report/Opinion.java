// SPDX-License-Identifier: Apache-2.0
// What the kernel would say to a request, without the request being made.
package io.github.tomcatselinux.report;

import io.github.tomcatselinux.kernel.FileLabels;
import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.kernel.ThreadContext;
import io.github.tomcatselinux.kernel.ThreadContextException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Asks the loaded policy, by the labels that files have now, about all that a helper or a thread would do. It sees rules,
 * constraints and booleans; owner, mode and access control lists it does not look at. Safe for use by several threads.
 */
public final class Opinion {
    private static final List<String> SEARCH = List.of("search");
    private static final List<String> READ = List.of("getattr", "read", "open");

    /** How many answers are kept; contexts, labels and classes are few, unless somebody makes many. */
    private static final int MEMORY = 10_000;

    private final Selinux selinux;
    private final FileLabels labels;
    private final SecurityContext server;

    private final Map<Asked, List<String>> answers = new ConcurrentHashMap<>();
    private final AtomicLong policyLoads = new AtomicLong(-1);

    private record Asked(
            SecurityContext source, SecurityContext target, String objectClass, List<String> permissions) {}

    /**
     * Nothing is asked yet.
     *
     * @param server the context that the server runs in when it confines
     */
    public Opinion(Selinux selinux, FileLabels labels, SecurityContext server) {
        this.selinux = selinux;
        this.labels = labels;
        this.server = server;
    }

    /**
     * What the policy would deny.
     *
     * @param context that the request would be served in
     * @return nothing if all would be allowed
     * @throws IOException if that cannot be found out
     */
    public List<Denial> of(SecurityContext context, Question question) throws IOException {
        return List.copyOf(ask(context, question, false).denials);
    }

    /**
     * What the kernel stops at, in the order in which it is asked. What the server itself may not look into is not touched.
     *
     * @param context that the request was served in
     * @return nothing if all would be allowed
     * @throws IOException if that cannot be found out, or not without being refused
     */
    public Optional<Denial> first(SecurityContext context, Question question) throws IOException {
        return ask(context, question, true).denials.stream().findFirst();
    }

    private Findings ask(SecurityContext context, Question question, boolean first) throws IOException {
        long loads = selinux.status().policyLoads();
        if (policyLoads.getAndSet(loads) != loads || answers.size() > MEMORY) {
            answers.clear();
        }
        if (!selinux.isValid(context)) {
            throw new IOException("the policy does not know the context [" + context + "]");
        }
        Findings findings = new Findings(context, first);
        if (question instanceof Question.Files files) {
            findings.files(files);
        } else if (question instanceof Question.Program program) {
            findings.program(program);
        } else {
            findings.thread();
            Optional<Question.Files> behind = ((Question.Twin) question).files();
            if (behind.isPresent()) {
                findings.files(behind.get());
            }
        }
        return findings;
    }

    private List<String> missing(Asked asked) throws IOException {
        List<String> known = answers.get(asked);
        if (known == null) {
            known = selinux.missing(asked.source(), asked.target(), asked.objectClass(), asked.permissions());
            answers.put(asked, known);
        }
        return known;
    }

    /** What is found about one request. */
    private final class Findings {
        private final SecurityContext context;
        private final boolean first;
        private final List<Denial> denials = new ArrayList<>();

        Findings(SecurityContext context, boolean first) {
            this.context = context;
            this.first = first;
        }

        private boolean isEnough() {
            return first && !denials.isEmpty();
        }

        void files(Question.Files question) throws IOException {
            Path file = question.file();
            folders(file);
            if (isEnough()) {
                return;
            }
            boolean there = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
            if (question.changes() && change(question.method(), file, there)) {
                return;
            }
            if (there && Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                require(file, "dir", question.lists() ? READ : List.of("getattr"));
            } else if (there) {
                require(file, "file", READ);
            }
        }

        /** Every folder on the way, from the file system's root on: the application's own is opened by its name. */
        private void folders(Path file) throws IOException {
            Path folder = file.getRoot();
            for (Path next : file) {
                if (isEnough()) {
                    return;
                }
                if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                    SecurityContext label = labels.of(folder);
                    require(context, folder.toString(), label, "dir", SEARCH);
                    if (first
                            && !missing(new Asked(server, label, "dir", SEARCH)).isEmpty()) {
                        break;
                    }
                }
                folder = folder.resolve(next);
            }
            if (!folder.equals(file) && !isEnough()) {
                throw new IOException("the server may not look into [" + folder + "]");
            }
        }

        /** Whether it is a method that changes something, and has been asked about. */
        private boolean change(String method, Path file, boolean there) throws IOException {
            Path folder = file.getParent();
            boolean isFolder = Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
            switch (method) {
                case "PUT" -> {
                    if (there) {
                        require(file, "file", List.of("getattr", "write", "open", "rename", "unlink"));
                    }
                    require(folder, "dir", List.of("write", "add_name", "remove_name"));
                    made(folder, file, "file", List.of("create", "read", "write", "open", "getattr", "rename"));
                }
                case "MKCOL" -> {
                    require(folder, "dir", List.of("write", "add_name"));
                    made(folder, file, "dir", List.of("create"));
                }
                case "DELETE" -> {
                    require(folder, "dir", List.of("write", "remove_name"));
                    if (there) {
                        require(file, isFolder ? "dir" : "file", List.of(isFolder ? "rmdir" : "unlink"));
                    }
                }
                case "MOVE" -> {
                    require(folder, "dir", List.of("write", "remove_name"));
                    if (there && !isFolder) {
                        require(file, "file", List.of("getattr", "read", "open", "unlink"));
                    }
                }
                case "LOCK", "UNLOCK", "PROPPATCH" -> {
                    if (there) {
                        require(file, isFolder ? "dir" : "file", List.of("write"));
                    }
                }
                default -> {
                    return false;
                }
            }
            return true;
        }

        private void made(Path folder, Path file, String objectClass, List<String> permissions) throws IOException {
            if (!isEnough() && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                SecurityContext label = selinux.created(context, labels.of(folder), objectClass);
                require(context, file.toString(), label, objectClass, permissions);
            }
        }

        void program(Question.Program question) throws IOException {
            Path file = question.root().resolve(question.prefix());
            folders(file.resolve(question.path()));
            if (isEnough()) {
                return;
            }
            for (String part : question.path().split("/", -1)) {
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    break;
                }
                file = file.resolve(part);
            }
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                return;
            }
            SecurityContext label = labels.of(file);
            require(context, file.toString(), label, "file", List.of("getattr", "execute", "read", "open"));
            if (isEnough()) {
                return;
            }
            SecurityContext entered = selinux.created(context, label, "process");
            if (!entered.equals(context)) {
                require(context, entered.type(), entered, "process", List.of("transition"));
                require(context, entered.type(), entered, "process2", List.of("nnp_transition"));
                require(entered, file.toString(), label, "file", List.of("entrypoint"));
            } else if (question.mustLeave()) {
                denials.add(new Denial(file.toString(), label.toString(), "process", List.of("transition")));
            } else {
                require(context, file.toString(), label, "file", List.of("execute_no_trans"));
            }
        }

        void thread() throws IOException {
            try {
                SecurityContext twin = ThreadContext.twin(context);
                if (!selinux.isValid(twin)) {
                    throw new IOException("the policy does not know the context [" + twin + "] for threads");
                }
                require(server, "thread", server, "process", List.of("setcurrent"));
                require(server, "thread", twin, "process", List.of("dyntransition"));
            } catch (ThreadContextException none) {
                throw new IOException(none.getMessage(), none);
            }
        }

        private void require(Path object, String objectClass, List<String> permissions) throws IOException {
            if (!isEnough()) {
                require(context, object.toString(), labels.of(object), objectClass, permissions);
            }
        }

        private void require(
                SecurityContext source,
                String object,
                SecurityContext target,
                String objectClass,
                List<String> permissions)
                throws IOException {
            List<String> missing = missing(new Asked(source, target, objectClass, permissions));
            if (!missing.isEmpty()) {
                denials.add(new Denial(object, target.toString(), objectClass, missing));
            }
        }
    }
}
