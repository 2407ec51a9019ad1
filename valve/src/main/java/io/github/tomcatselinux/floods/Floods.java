// SPDX-License-Identifier: Apache-2.0
// How often each client has been refused something of late, in each context.
package io.github.tomcatselinux.floods;

import io.github.tomcatselinux.mapping.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The first refusals of an interval are told one by one, the rest in one sum when it is over. Who has had too many of the
 * kernel's is turned away until then, so that nobody can fill the audit log. An interval begins with a client's first refusal.
 *
 * <p>Never more than {@link #MOST} clients are known: the one whose interval is the eldest is forgotten for the next. Any
 * thread may call, a confined one too.
 */
public final class Floods {
    /** How many clients are known at a time, each in one context. */
    public static final int MOST = 10_000;

    /**
     * What is too much.
     *
     * @param told refusals that are told one by one
     * @param refused refusals by the kernel, after which a client is turned away; 0 for never
     * @param interval for how long they are counted
     */
    public record Limits(int told, int refused, Duration interval) {}

    /** A client in a context; an address of IPv6 stands for its /64, in which one machine may have any. */
    private record Client(Optional<IpAddress> address, String context) {
        static Client of(String literal, String context) {
            return new Client(
                    Optional.ofNullable(literal)
                            .flatMap(IpAddress::parse)
                            .map(address -> address.v4() ? address : new IpAddress(false, address.high(), 0)),
                    context);
        }

        String name() {
            return address.map(known -> known.v4() ? known.toString() : known + "/64")
                    .orElse("");
        }
    }

    private static final class Interval {
        private final long began;
        private long refusals;
        private long kernel;
        private long turnedAway;

        Interval(long began) {
            this.began = began;
        }
    }

    private final Limits limits;
    private final LongSupplier nanoTime;
    private final Consumer<Flood> log;
    private final Map<Client, Interval> intervals = new LinkedHashMap<>();

    /** Whether somebody is to be turned away, as far as can be told without the lock. */
    private volatile boolean some;

    /** @param log is told of each interval in which not all was told, on the thread that notices its end */
    public Floods(Limits limits, Consumer<Flood> log) {
        this(limits, log, System::nanoTime);
    }

    Floods(Limits limits, Consumer<Flood> log, LongSupplier nanoTime) {
        this.limits = limits;
        this.log = log;
        this.nanoTime = nanoTime;
    }

    /**
     * Counts a refusal.
     *
     * @param address as Tomcat has it; anything but the literal of an address is one and the same client
     * @param context empty for none
     * @param byKernel whether the kernel may have a record of it
     * @return whether it is to be told by itself
     */
    public boolean count(String address, String context, boolean byKernel) {
        List<Flood> over = new ArrayList<>();
        boolean told;
        synchronized (this) {
            Interval interval = interval(Client.of(address, context), over);
            interval.refusals++;
            interval.kernel += byKernel ? 1 : 0;
            some |= isFull(interval);
            told = interval.refusals <= limits.told();
        }
        over.forEach(log);
        return told;
    }

    /**
     * Whether a client is not to be served now, because too much was refused to it; if so that is counted.
     *
     * @return when it may come again
     */
    public Optional<Duration> turnsAway(String address, String context) {
        if (!some) {
            return Optional.empty();
        }
        Client client = Client.of(address, context);
        synchronized (this) {
            Interval interval = intervals.get(client);
            long left = interval == null ? 0 : limits.interval().toNanos() - (nanoTime.getAsLong() - interval.began);
            if (left <= 0 || !isFull(interval)) {
                return Optional.empty();
            }
            interval.turnedAway++;
            return Optional.of(Duration.ofNanos(left));
        }
    }

    /** Ends the intervals that are over. To be called every now and then. */
    public void tidy() {
        List<Flood> over = new ArrayList<>();
        synchronized (this) {
            long now = nanoTime.getAsLong();
            // They are in the order in which they began.
            for (Iterator<Map.Entry<Client, Interval>> all =
                            intervals.entrySet().iterator();
                    all.hasNext(); ) {
                Map.Entry<Client, Interval> eldest = all.next();
                if (!isOver(eldest.getValue(), now)) {
                    break;
                }
                end(eldest.getKey(), eldest.getValue(), over);
                all.remove();
            }
            some = intervals.values().stream().anyMatch(this::isFull);
        }
        over.forEach(log);
    }

    /** Tells of what has not been told, and forgets all. */
    public void close() {
        List<Flood> over = new ArrayList<>();
        synchronized (this) {
            intervals.forEach((client, interval) -> end(client, interval, over));
            intervals.clear();
            some = false;
        }
        over.forEach(log);
    }

    private Interval interval(Client client, List<Flood> over) {
        Interval known = intervals.get(client);
        long now = nanoTime.getAsLong();
        if (known != null && !isOver(known, now)) {
            return known;
        }
        if (known != null) {
            end(client, known, over);
            intervals.remove(client);
        } else if (intervals.size() == MOST) {
            Map.Entry<Client, Interval> eldest = intervals.entrySet().iterator().next();
            end(eldest.getKey(), eldest.getValue(), over);
            intervals.remove(eldest.getKey());
        }
        Interval begun = new Interval(now);
        intervals.put(client, begun);
        return begun;
    }

    private boolean isOver(Interval interval, long now) {
        return now - interval.began >= limits.interval().toNanos();
    }

    private boolean isFull(Interval interval) {
        return limits.refused() > 0 && interval.kernel >= limits.refused();
    }

    private void end(Client client, Interval interval, List<Flood> over) {
        long untold = interval.refusals - limits.told();
        if (untold > 0 || interval.turnedAway > 0) {
            over.add(new Flood(
                    Instant.now(),
                    client.name(),
                    client.context(),
                    interval.refusals,
                    Math.max(untold, 0),
                    interval.turnedAway,
                    limits.interval()));
        }
    }
}
