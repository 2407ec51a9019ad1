// SPDX-License-Identifier: Apache-2.0
// The rules that an address brings into question.
package io.github.tomcatselinux.mapping;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A longest-prefix trie, laid flat: the networks of one family, nested as they are, cut the address space into spans, and
 * a span knows the longest prefix it lies in. The answer of all shorter prefixes, and of the negated networks that do not
 * hold it, is carried down to it when the table is built, so a look-up is one search and no walk.
 */
final class NetworkTable {
    private static final Comparator<Network> OUTER_FIRST =
            Comparator.comparing(Network::base, NetworkTable::compare).thenComparingInt(Network::prefix);
    private static final int INDEXED_FROM = 64;

    private final boolean v4;
    private final Network[] networks;
    private final int[] parents;
    private final Candidates[] candidates;
    private final int[] unconditional;
    private final int[] nearestConditional;
    private final int outside;

    private long[] highs;
    private long[] lows;
    private int[] owners;
    private int spans;
    private int[] index;

    /**
     * Builds the table of one family.
     *
     * @param positive the rules of each network of this family
     * @param negative the lowest rule that is the bare negation of a network, for networks of both families
     */
    NetworkTable(boolean v4, Map<Network, Candidates> positive, Map<Network, Integer> negative) {
        this.v4 = v4;
        networks = Stream.concat(positive.keySet().stream(), negative.keySet().stream())
                .filter(network -> network.base().v4() == v4)
                .distinct()
                .sorted(OUTER_FIRST)
                .toArray(Network[]::new);
        parents = new int[networks.length];
        candidates = new Candidates[networks.length];
        unconditional = new int[networks.length];
        nearestConditional = new int[networks.length];
        List<Map.Entry<Network, Integer>> negations = new ArrayList<>(negative.entrySet());
        negations.sort(Map.Entry.comparingByValue());
        outside = negations.isEmpty() ? Candidates.NONE : negations.get(0).getValue();
        nest(positive, negations);
        cut();
        if (v4 && spans > INDEXED_FROM) {
            indexFirstHalf();
        }
    }

    private static int compare(IpAddress a, IpAddress b) {
        int high = Long.compareUnsigned(a.high(), b.high());
        return high != 0 ? high : Long.compareUnsigned(a.low(), b.low());
    }

    private void nest(Map<Network, Candidates> positive, List<Map.Entry<Network, Integer>> negations) {
        int[] inherited = new int[networks.length];
        Candidates none = new Candidates();
        int open = -1;
        for (int i = 0; i < networks.length; i++) {
            while (open >= 0 && !networks[open].contains(networks[i])) {
                open = parents[open];
            }
            parents[i] = open;
            Candidates own = positive.getOrDefault(networks[i], none);
            candidates[i] = own;
            int above = open < 0 ? Candidates.NONE : inherited[open];
            inherited[i] = Math.min(own.closing(), above);
            unconditional[i] = Math.min(inherited[i], firstNotHolding(networks[i], negations));
            nearestConditional[i] = own.unconditional() ? (open < 0 ? -1 : nearestConditional[open]) : i;
            open = i;
        }
    }

    /** The networks that hold another one form a chain, so this looks at no more of them than the trie is deep. */
    private static int firstNotHolding(Network network, List<Map.Entry<Network, Integer>> negations) {
        for (Map.Entry<Network, Integer> negation : negations) {
            if (!negation.getKey().contains(network)) {
                return negation.getValue();
            }
        }
        return Candidates.NONE;
    }

    private void cut() {
        highs = new long[2 * networks.length + 1];
        lows = new long[2 * networks.length + 1];
        owners = new int[2 * networks.length + 1];
        begin(0, 0, -1);
        int open = -1;
        for (int i = 0; i < networks.length; i++) {
            while (open >= 0 && open != parents[i]) {
                end(open);
                open = parents[open];
            }
            begin(networks[i].base().high(), networks[i].base().low(), i);
            open = i;
        }
        while (open >= 0) {
            end(open);
            open = parents[open];
        }
        highs = Arrays.copyOf(highs, spans);
        lows = Arrays.copyOf(lows, spans);
        owners = Arrays.copyOf(owners, spans);
    }

    /** Behind the last address of a network its parent goes on, unless the address space ends there. */
    private void end(int network) {
        Network ending = networks[network];
        int hostBits = ending.base().bits() - ending.prefix();
        long lowOnes = hostBits >= 64 ? -1L : (1L << hostBits) - 1;
        long highOnes = hostBits <= 64 ? 0 : hostBits == 128 ? -1L : (1L << (hostBits - 64)) - 1;
        long low = (ending.base().low() | lowOnes) + 1;
        long high = (ending.base().high() | highOnes) + (low == 0 ? 1 : 0);
        boolean last = v4 ? low == 1L << 32 : high == 0 && low == 0;
        if (!last) {
            begin(high, low, parents[network]);
        }
    }

    private void begin(long high, long low, int owner) {
        if (spans > 0 && highs[spans - 1] == high && lows[spans - 1] == low) {
            owners[spans - 1] = owner;
            return;
        }
        highs[spans] = high;
        lows[spans] = low;
        owners[spans] = owner;
        spans++;
    }

    private void indexFirstHalf() {
        index = new int[(1 << 16) + 1];
        int span = 0;
        for (int half = 0; half < 1 << 16; half++) {
            while (span + 1 < spans && lows[span + 1] <= (long) half << 16) {
                span++;
            }
            index[half] = span;
        }
        index[1 << 16] = spans - 1;
    }

    /** The lowest rule below {@code best} that holds because of the address, else {@code best}. */
    int first(IpAddress address, Condition[] conditions, Identity identity, int best) {
        int network = owners[v4 ? span4(address.low()) : span6(address.high(), address.low())];
        if (network < 0) {
            return Math.min(best, outside);
        }
        int lowest = Math.min(best, unconditional[network]);
        for (int i = nearestConditional[network]; i >= 0; ) {
            lowest = candidates[i].first(conditions, identity, lowest);
            i = parents[i] < 0 ? -1 : nearestConditional[parents[i]];
        }
        return lowest;
    }

    /** Adds the rules that are the lowest one for at least one address, as far as they need nothing but the address. */
    void collectDeciding(BitSet rules) {
        for (int span = 0; span < spans; span++) {
            int rule = owners[span] < 0 ? outside : unconditional[owners[span]];
            if (rule != Candidates.NONE) {
                rules.set(rule);
            }
        }
    }

    private int span4(long bits) {
        int from = 0;
        int to = spans - 1;
        if (index != null) {
            from = index[(int) (bits >>> 16)];
            to = index[(int) (bits >>> 16) + 1];
        }
        while (from < to) {
            int middle = (from + to + 1) >>> 1;
            if (lows[middle] <= bits) {
                from = middle;
            } else {
                to = middle - 1;
            }
        }
        return from;
    }

    private int span6(long high, long low) {
        int from = 0;
        int to = spans - 1;
        while (from < to) {
            int middle = (from + to + 1) >>> 1;
            long other = highs[middle];
            boolean notBehind = other == high
                    ? Long.compareUnsigned(lows[middle], low) <= 0
                    : Long.compareUnsigned(other, high) < 0;
            if (notBehind) {
                from = middle;
            } else {
                to = middle - 1;
            }
        }
        return from;
    }
}
