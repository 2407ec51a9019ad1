// SPDX-License-Identifier: Apache-2.0
// Refusals are counted for each client and context by itself, and in bounded memory.
package io.github.tomcatselinux.floods;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FloodsTest {
    private static final Duration INTERVAL = Duration.ofSeconds(60);

    private final AtomicLong now =
            new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(30).toNanos());
    private final List<Flood> told = new ArrayList<>();
    private final Floods floods = new Floods(new Floods.Limits(2, 4, INTERVAL), told::add, now::get);

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    /** That often, and how many of them are told by themselves. */
    private int refuse(int times, String address, String context) {
        int byThemselves = 0;
        for (int i = 0; i < times; i++) {
            byThemselves += floods.count(address, context, true) ? 1 : 0;
        }
        return byThemselves;
    }

    private boolean isServed(String address, String context) {
        return floods.turnsAway(address, context).isEmpty();
    }

    @Test
    void turnsAwayWhoHadTooManyUntilTheIntervalIsOver() {
        assertEquals(2, refuse(3, "192.0.2.1", "a"));
        assertTrue(isServed("192.0.2.1", "a"));
        pass(Duration.ofSeconds(20));
        assertEquals(0, refuse(1, "192.0.2.1", "a"));
        assertEquals(Optional.of(Duration.ofSeconds(40)), floods.turnsAway("192.0.2.1", "a"));
        pass(Duration.ofSeconds(40).minusNanos(1));
        assertFalse(isServed("192.0.2.1", "a"));
        pass(Duration.ofNanos(1));
        assertTrue(isServed("192.0.2.1", "a"));
        assertEquals(List.of(), told, "nobody has looked");
        floods.tidy();
        assertEquals(1, told.size());
        Flood flood = told.get(0);
        assertEquals("192.0.2.1 a", flood.address() + " " + flood.context());
        assertEquals(4, flood.refusals());
        assertEquals(2, flood.untold());
        assertEquals(2, flood.turnedAway());
        assertEquals(INTERVAL, flood.interval());
        floods.close();
        assertEquals(1, told.size(), "once");
    }

    @Test
    void beginsAnewWithTheFirstRefusalAfterTheInterval() {
        refuse(4, "192.0.2.1", "a");
        pass(INTERVAL);
        assertEquals(1, refuse(1, "192.0.2.1", "a"));
        assertEquals(1, told.size(), "the one before is told of now");
        assertTrue(isServed("192.0.2.1", "a"));
        floods.tidy();
        refuse(3, "192.0.2.1", "a");
        assertFalse(isServed("192.0.2.1", "a"), "tidying forgets nobody whose interval lasts");
    }

    @Test
    void leavesOtherClientsAndOtherContextsAlone() {
        refuse(4, "192.0.2.1", "a");
        assertFalse(isServed("192.0.2.1", "a"));
        assertFalse(isServed("::ffff:192.0.2.1", "a"), "the same node");
        assertTrue(isServed("192.0.2.2", "a"));
        assertTrue(isServed("192.0.2.1", "b"));
        assertTrue(isServed(null, "a"));
        refuse(4, null, "a");
        assertFalse(isServed("/run/socket", "a"), "without an address all are one client");
    }

    @Test
    void takesANetworkOfIpv6ForOneClient() {
        for (int i = 0; i < 4; i++) {
            refuse(1, "2001:db8:0:1::" + i, "a");
        }
        assertFalse(isServed("2001:db8:0:1:ffff::", "a"));
        assertTrue(isServed("2001:db8:0:2::", "a"));
        floods.close();
        assertEquals(
                List.of("2001:db8:0:1::/64"), told.stream().map(Flood::address).toList());
    }

    /** What a rule denies leaves no record in the kernel's log, only lines in ours. */
    @Test
    void turnsNobodyAwayForWhatTheKernelWasNotAsked() {
        for (int i = 0; i < 10; i++) {
            assertEquals(i < 2, floods.count("192.0.2.1", "", false));
        }
        assertTrue(isServed("192.0.2.1", ""));
        floods.close();
        assertEquals(8, told.get(0).untold());
    }

    @Test
    void neverTurnsAwayWhereThatIsOff() {
        Floods off = new Floods(new Floods.Limits(2, 0, INTERVAL), told::add, now::get);
        for (int i = 0; i < 10; i++) {
            off.count("192.0.2.1", "a", true);
        }
        assertEquals(Optional.empty(), off.turnsAway("192.0.2.1", "a"));
    }

    @Test
    void remembersNoMoreClientsThanItMay() {
        refuse(4, "192.0.2.1", "a");
        for (int i = 0; i < Floods.MOST - 1; i++) {
            floods.count("10.0." + (i >> 8) + "." + (i & 255), "a", true);
        }
        assertFalse(isServed("192.0.2.1", "a"), "there is room for all");
        assertEquals(List.of(), told);
        floods.count("198.51.100.1", "a", true);
        assertTrue(isServed("192.0.2.1", "a"), "the eldest is forgotten");
        assertEquals(List.of("192.0.2.1"), told.stream().map(Flood::address).toList(), "and told of");
    }
}
