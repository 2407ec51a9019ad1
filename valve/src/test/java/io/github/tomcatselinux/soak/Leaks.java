// SPDX-License-Identifier: Apache-2.0
// Whether anything has become more that should not.
package io.github.tomcatselinux.soak;

import java.util.LinkedHashMap;
import java.util.Map;

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

    private static final Map<String, Margin> MARGINS = Map.of(
            "descriptors", new Margin(8, 0),
            "helpers", new Margin(0, 0),
            "threads", new Margin(0, 0),
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

    private boolean flat(String name, Map<String, Long> now) {
        Margin margin = MARGINS.get(name);
        return margin == null || now.get(name) <= margin.most(before.get(name));
    }

    /** Each measure in both states; those without a margin are only told. */
    Map<String, Object> report(Map<String, Long> now) {
        Map<String, Object> all = new LinkedHashMap<>();
        now.forEach((name, value) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("before", before.get(name));
            one.put("after", value);
            if (MARGINS.containsKey(name)) {
                one.put("most", MARGINS.get(name).most(before.get(name)));
                one.put("flat", flat(name, now));
            }
            all.put(name, one);
        });
        return all;
    }
}
