// SPDX-License-Identifier: Apache-2.0
// Whether anything has become more that should not.
package io.github.tomcatselinux.soak;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** Measures of a server that nobody asks for anything, from early on, and what may be added to each until the end. */
final class Leaks {
    private static final long KIB = 1024;

    /**
     * What a server may have more than before.
     *
     * @param more so many more
     * @param part or such a part of what there was, if that is more
     */
    private record Margin(long more, double part) {
        long most(long before) {
            return before + Math.max(more, Math.round(before * part));
        }
    }

    /** What the valves count of what requests take: helpers, and threads with a context. None may be left, whatever there was before. */
    static final Set<String> IN_USE = Set.of("helpers", "threads");

    private static final Map<String, Margin> MARGINS = Map.of(
            "descriptors", new Margin(8, 0),
            "serverThreads", new Margin(8, 0),
            "heapBytes", new Margin(6 * KIB * KIB, 0.25),
            // A launcher for programs keeps as many supervisors again as it has idle ones, each with its relay.
            "processes", new Margin(48, 0),
            "launcherDescriptors", new Margin(2, 0),
            "launcherKib", new Margin(512, 0),
            "uploads", new Margin(0, 0));

    private final Map<String, Long> before;

    /** @param before each measure by its name */
    Leaks(Map<String, Long> before) {
        this.before = Map.copyOf(before);
    }

    /** Whether all is as it was, but for the margins. */
    boolean none(Map<String, Long> now) {
        return now.keySet().stream().allMatch(name -> flat(name, now));
    }

    /** Whether nothing is in use, as it should be when nobody asks. */
    static boolean idle(Map<String, Long> now) {
        return IN_USE.stream().allMatch(name -> now.getOrDefault(name, 0L) == 0);
    }

    private boolean flat(String name, Map<String, Long> now) {
        OptionalLong most = most(name);
        return most.isEmpty() || now.get(name) <= most.getAsLong();
    }

    private OptionalLong most(String name) {
        if (IN_USE.contains(name)) {
            return OptionalLong.of(0);
        }
        Margin margin = MARGINS.get(name);
        return margin == null ? OptionalLong.empty() : OptionalLong.of(margin.most(before.get(name)));
    }

    /** Each measure in both states; those without a margin are only told. */
    Map<String, Object> report(Map<String, Long> now) {
        Map<String, Object> all = new LinkedHashMap<>();
        now.forEach((name, value) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("before", before.get(name));
            one.put("after", value);
            most(name).ifPresent(most -> {
                one.put("most", most);
                one.put("flat", flat(name, now));
            });
            all.put(name, one);
        });
        return all;
    }
}
