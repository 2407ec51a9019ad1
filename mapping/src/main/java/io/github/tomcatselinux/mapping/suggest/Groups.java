// SPDX-License-Identifier: Apache-2.0
// Who was seen, and which context each is to have.
package io.github.tomcatselinux.mapping.suggest;

import io.github.tomcatselinux.mapping.IpAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One rule for each person, or for each role. It has host and address in it only where the same person had different
 * contexts there. Whoever had none from a mapping gets a category of their own in the base domain; whoever is anonymous
 * gets none. The order of the events does not matter.
 */
public final class Groups {
    /** What {@code mcstransd} and the default policy call the last one. */
    private static final int LAST_CATEGORY = 1_023;

    private static final Pattern CATEGORY = Pattern.compile("\\bc(\\d{1,4})\\b");

    private final List<Rule> rules;
    private final Map<Observation, String> contexts;

    private Groups(List<Rule> rules, Map<Observation, String> contexts) {
        this.rules = rules;
        this.contexts = contexts;
    }

    /** By what people are told apart. */
    public enum By {
        user,
        role
    }

    /** Somebody, or everybody who holds a role, or whoever is anonymous; in the order of their rules. */
    public record Who(Kind kind, String name) implements Comparable<Who> {
        /** What the name is of. */
        public enum Kind {
            USER,
            ROLE,
            ANONYMOUS
        }

        @Override
        public int compareTo(Who other) {
            return Comparator.comparing(Who::kind).thenComparing(Who::name).compare(this, other);
        }
    }

    /**
     * A rule of the draft.
     *
     * @param context {@code domain:range}, where {@code *} stands for the base domain
     * @param seen how many events there were of it
     * @param given whether a mapping had it already
     */
    public record Rule(
            Who who, Optional<String> host, Optional<IpAddress> address, String context, int seen, boolean given) {}

    private record Place(Optional<String> host, Optional<IpAddress> address) {}

    /**
     * Forms the groups.
     *
     * @param firstCategory the least number that may be given away
     * @throws IllegalArgumentException if there are not enough categories
     */
    public static Groups of(Collection<Observation> observations, By by, int firstCategory) {
        Map<Who, List<Observation>> people = new TreeMap<>();
        for (Observation observation : observations) {
            people.computeIfAbsent(who(observation, by), who -> new ArrayList<>())
                    .add(observation);
        }
        Iterator<String> free = free(observations, firstCategory);
        List<Rule> rules = new ArrayList<>();
        Map<Observation, String> contexts = new LinkedHashMap<>();
        people.forEach((who, seen) -> {
            String own = seen.stream().allMatch(one -> one.context().isPresent()) ? "" : own(who, free);
            for (Map.Entry<Place, List<Observation>> part : places(seen).entrySet()) {
                Optional<String> given = part.getValue().get(0).context();
                String context = given.orElse(own);
                rules.add(new Rule(
                        who,
                        part.getKey().host(),
                        part.getKey().address(),
                        context,
                        part.getValue().size(),
                        given.isPresent()));
                part.getValue().forEach(one -> contexts.put(one, context));
            }
        });
        return new Groups(rules, contexts);
    }

    /** The rules, the more specific first. */
    public List<Rule> rules() {
        return rules;
    }

    /** Which context each is served in by them. */
    public Map<Observation, String> contexts() {
        return contexts;
    }

    private static String own(Who who, Iterator<String> free) {
        if (who.kind() == Who.Kind.ANONYMOUS) {
            return "*:s0";
        }
        if (!free.hasNext()) {
            throw new IllegalArgumentException("there are more groups than categories: use --by role");
        }
        return "*:s0:" + free.next();
    }

    /** Of somebody's roles the first: it is the one whose rule decides. */
    private static Who who(Observation observation, By by) {
        if (observation.user().isEmpty()) {
            return new Who(Who.Kind.ANONYMOUS, "");
        }
        return observation.roles().stream()
                .filter(role -> by == By.role)
                .sorted()
                .findFirst()
                .map(role -> new Who(Who.Kind.ROLE, role))
                .orElseGet(() -> new Who(Who.Kind.USER, observation.user().get()));
    }

    /** The fewest and widest places at which the contexts are all the same. */
    private static Map<Place, List<Observation>> places(List<Observation> seen) {
        Map<Place, List<Observation>> places = new LinkedHashMap<>();
        if (isOne(seen)) {
            places.put(new Place(Optional.empty(), Optional.empty()), seen);
            return places;
        }
        Map<String, List<Observation>> hosts =
                seen.stream().collect(Collectors.groupingBy(Observation::host, TreeMap::new, Collectors.toList()));
        hosts.forEach((host, there) -> {
            if (isOne(there)) {
                places.put(new Place(Optional.of(host), Optional.empty()), there);
                return;
            }
            Map<String, List<Observation>> addresses = there.stream()
                    .collect(Collectors.groupingBy(
                            one -> one.address().map(IpAddress::toString).orElse(""),
                            TreeMap::new,
                            Collectors.toList()));
            addresses.values().stream()
                    .filter(some -> isOne(some) && some.get(0).address().isPresent())
                    .forEach(some ->
                            places.put(new Place(Optional.of(host), some.get(0).address()), some));
        });
        return places;
    }

    private static boolean isOne(List<Observation> seen) {
        return new HashSet<>(seen.stream().map(Observation::context).toList()).size() == 1;
    }

    private static Iterator<String> free(Collection<Observation> observations, int first) {
        Set<Integer> taken = new TreeSet<>();
        observations.stream()
                .flatMap(one ->
                        Stream.concat(one.context().stream(), one.denied().map(Observation.Denied::label).stream()))
                .flatMap(text -> CATEGORY.matcher(text).results())
                .map(MatchResult::group)
                .forEach(name -> taken.add(Integer.parseInt(name.substring(1))));
        return IntStream.rangeClosed(first, LAST_CATEGORY)
                .filter(number -> !taken.contains(number))
                .mapToObj(number -> "c" + number)
                .iterator();
    }
}
