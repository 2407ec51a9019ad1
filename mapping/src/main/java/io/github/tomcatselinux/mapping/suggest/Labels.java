// SPDX-License-Identifier: Apache-2.0
// Which labels files need so that those who used them may go on.
package io.github.tomcatselinux.mapping.suggest;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A folder is labelled as a whole where something that lies in it was used, and all that was used below needs the same
 * label; else a file by itself. Nothing above the application's folder is. What has a label of a webapp's already was labelled by somebody who meant it: it stays.
 */
public final class Labels {
    private static final Pattern MEANT = Pattern.compile("\\w+_webapp_(content|rw|data|tmp|program_exec|code)_t");
    private static final Pattern DOMAIN = Pattern.compile("(\\w+)_webapp_t");
    private static final Set<String> CHANGING =
            Set.of("write", "create", "add_name", "remove_name", "unlink", "rmdir", "rename");

    /** What every context may read. */
    private static final String COMMON = "tomcat_content_t";

    private Labels() {}

    /**
     * A line of the draft.
     *
     * @param path of a file, or of a folder with all that is in it
     * @param whole whether it is a folder with all that is in it
     * @param type empty where no label suits all who used it
     * @param contexts that used it
     */
    public record Label(
            String root, String path, boolean whole, Optional<String> type, String range, Set<String> contexts) {}

    /** What cannot be mended by a label, in words. */
    public record Left(String object, String why) {}

    /** All that is suggested, and what is not. */
    public record Draft(List<Label> labels, List<Left> left) {}

    private record Need(Set<String> contexts, boolean changes, boolean executes) {}

    private static final class Node {
        private final Map<String, Node> below = new TreeMap<>();
        private Optional<Need> need = Optional.empty();

        /** Whether it was used, or something that lies in it and not deeper. */
        boolean isUsedItself() {
            return need.isPresent() || below.values().stream().anyMatch(node -> node.need.isPresent());
        }

        Set<Need> needs() {
            Set<Need> all = new HashSet<>();
            need.ifPresent(all::add);
            below.values().forEach(node -> all.addAll(node.needs()));
            return all;
        }
    }

    /**
     * Drafts them.
     *
     * @param contexts in which each will be served
     * @param reads whether a context may read files of a label by the policy, {@code type:range}; nobody may where there is
     *     no policy to ask
     */
    public static Draft of(Map<Observation, String> contexts, BiPredicate<String, String> reads) {
        Map<String, Node> roots = new TreeMap<>();
        Map<String, String> left = new TreeMap<>();
        contexts.forEach((seen, context) -> seen.denied().ifPresent(denied -> {
            Optional<String> obstacle = obstacle(denied);
            if (obstacle.isPresent()) {
                left.put(denied.object(), obstacle.get());
            } else {
                add(roots.computeIfAbsent(denied.root(), root -> new Node()), denied, context);
            }
        }));
        List<Label> labels = new ArrayList<>();
        roots.forEach((root, node) -> collect(root, root, node, reads, labels));
        return new Draft(
                labels,
                left.entrySet().stream()
                        .map(entry -> new Left(entry.getKey(), entry.getValue()))
                        .toList());
    }

    private static Optional<String> obstacle(Observation.Denied denied) {
        String[] label = denied.label().split(":", 4);
        String type = label.length > 2 ? label[2] : "";
        if (!denied.objectClass().equals("file") && !denied.objectClass().equals("dir")) {
            return Optional.of("the policy does not let it [" + String.join(" ", denied.permissions()) + "] a "
                    + denied.objectClass() + " of type " + type + ": no label changes that");
        }
        if (MEANT.matcher(type).matches()) {
            return Optional.of("is labelled " + denied.label() + " already, for somebody else");
        }
        if (!denied.object().equals(denied.root()) && !denied.object().startsWith(denied.root() + "/")) {
            return Optional.of("is not in the application's folder " + denied.root()
                    + ": move the application to where tomcat-selinux's policy expects it, such as /srv/tomcat");
        }
        if (denied.object().chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            return Optional.of("has a name with control characters, which file contexts cannot say");
        }
        return Optional.empty();
    }

    private static void add(Node root, Observation.Denied denied, String context) {
        Node node = root;
        String below = denied.object().substring(denied.root().length());
        for (String part : below.split("/", -1)) {
            if (!part.isEmpty()) {
                node = node.below.computeIfAbsent(part, name -> new Node());
            }
        }
        Set<String> contexts = new TreeSet<>(Set.of(context));
        node.need.ifPresent(there -> contexts.addAll(there.contexts()));
        node.need = Optional.of(new Need(
                contexts,
                denied.permissions().stream().anyMatch(CHANGING::contains)
                        || node.need.map(Need::changes).orElse(false),
                denied.permissions().contains("execute")
                        || node.need.map(Need::executes).orElse(false)));
    }

    private static void collect(
            String root, String path, Node node, BiPredicate<String, String> reads, List<Label> labels) {
        Set<Need> needs = node.needs();
        boolean folder = !node.below.isEmpty();
        if (needs.size() == 1 && (!folder || node.isUsedItself())) {
            labels.add(label(root, path, folder, needs.iterator().next(), reads));
            return;
        }
        node.need.ifPresent(own -> labels.add(label(root, path, false, own, reads)));
        node.below.forEach((name, below) -> collect(root, path + "/" + name, below, reads, labels));
    }

    private static Label label(String root, String path, boolean whole, Need need, BiPredicate<String, String> reads) {
        List<String> candidates = new ArrayList<>();
        for (String context : need.contexts()) {
            candidate(context, need).ifPresent(candidates::add);
        }
        Set<String> different = new TreeSet<>(candidates);
        Optional<String> chosen = Optional.empty();
        if (different.size() == 1 && candidates.size() == need.contexts().size()) {
            chosen = Optional.of(candidates.get(0));
        } else {
            String types = different.stream()
                                    .map(text -> text.split(":", 2)[0])
                                    .distinct()
                                    .count()
                            == 1
                    ? candidates.get(0).split(":", 2)[0]
                    : "";
            if (!types.isEmpty()) {
                // Every category of the domain may read what has none.
                chosen = Optional.of(types + ":s0");
            } else if (!need.changes() && !need.executes()) {
                chosen = different.stream()
                        .filter(label -> need.contexts().stream().allMatch(context -> reads.test(context, label)))
                        .findFirst()
                        .or(() -> Optional.of(COMMON + ":s0")
                                .filter(label ->
                                        need.contexts().stream().allMatch(context -> reads.test(context, label))));
            }
        }
        String[] parts = chosen.orElse(":s0").split(":", 2);
        return new Label(root, path, whole, chosen.map(text -> parts[0]), parts[1], need.contexts());
    }

    /** The type and range of what is only for this context; empty where its domain is no webapp's. */
    private static Optional<String> candidate(String context, Need need) {
        String[] parts = context.split(":", 2);
        Matcher domain = DOMAIN.matcher(parts[0].equals("*") ? "base_webapp_t" : parts[0]);
        if (!domain.matches()) {
            return Optional.empty();
        }
        String kind = need.executes() ? "program_exec" : need.changes() ? "rw" : "content";
        return Optional.of(domain.group(1) + "_webapp_" + kind + "_t:" + (parts.length > 1 ? parts[1] : "s0"));
    }
}
