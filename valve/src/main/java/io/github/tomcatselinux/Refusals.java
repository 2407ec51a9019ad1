// SPDX-License-Identifier: Apache-2.0
// The refusals of one valve: counted, logged, and reported as events.
package io.github.tomcatselinux;

import io.github.tomcatselinux.events.Event;
import io.github.tomcatselinux.events.EventLog;
import io.github.tomcatselinux.events.Recent;
import io.github.tomcatselinux.events.Refusal;
import io.github.tomcatselinux.events.RefusedBy;
import io.github.tomcatselinux.floods.Flood;
import io.github.tomcatselinux.floods.Floods;
import io.github.tomcatselinux.launcher.HelperException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * Any thread may report one, a confined one too. What a client has too many of is told in one sum; where nobody listens to
 * events, none is written.
 */
final class Refusals {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(Refusals.class);

    private final Map<RefusedBy, LongAdder> counts = new EnumMap<>(RefusedBy.class);
    private final Recent recent = new Recent();
    private final Floods floods;

    Refusals(Floods.Limits limits) {
        for (RefusedBy by : RefusedBy.values()) {
            counts.put(by, new LongAdder());
        }
        floods = new Floods(limits, this::tell);
    }

    /**
     * The valve refused a request.
     *
     * @param line logs that
     */
    void report(RequestScope scope, RefusedBy by, Optional<String> detail, Runnable line) {
        report(scope, by, Optional.empty(), detail, line);
    }

    /**
     * The kernel, or the helper, refused something of a request.
     *
     * @param line logs that
     */
    void report(RequestScope scope, RefusedBy by, Refusal.Denied denied, Runnable line) {
        report(scope, by, Optional.of(denied), Optional.empty(), line);
    }

    /**
     * A request could not be confined.
     *
     * @param line logs that
     */
    void report(RequestScope scope, HelperException failed, Runnable line) {
        RefusedBy by = switch (failed.reason()) {
            case REFUSED -> RefusedBy.FAILED;
            case UNAVAILABLE -> RefusedBy.UNAVAILABLE;
            case OVERLOADED -> RefusedBy.OVERLOAD;
        };
        report(scope, by, Optional.ofNullable(failed.getMessage()), line);
    }

    /**
     * Whether a request is not to be served, because the kernel refused too much to this client in this context.
     *
     * @return for how long
     */
    Optional<Duration> turnsAway(RequestScope scope) {
        Optional<Duration> left =
                floods.turnsAway(scope.address(), scope.named().orElse(""));
        if (left.isPresent()) {
            counts.get(RefusedBy.FLOOD).increment();
        }
        return left;
    }

    /** Tells of floods that are over. To be called every now and then. */
    void background() {
        floods.tidy();
    }

    /** Tells what has not been told. */
    void close() {
        floods.close();
    }

    /** How many there were so far. */
    long count(RefusedBy by) {
        return counts.get(by).sum();
    }

    /** The last ones that were told, the newest last. */
    List<Event> recent() {
        return recent.all();
    }

    private void report(
            RequestScope scope, RefusedBy by, Optional<Refusal.Denied> denied, Optional<String> detail, Runnable line) {
        counts.get(by).increment();
        if (floods.count(scope.address(), scope.named().orElse(""), by.isKernel())) {
            ServerErrand.log(line);
            tell(scope.refusal(by, denied, detail));
        }
    }

    private void tell(Flood flood) {
        ServerErrand.log(() -> LOG.warn(SM.getString(
                "refusals.flood",
                flood.address().isEmpty() ? "-" : flood.address(),
                flood.context().isEmpty() ? "-" : flood.context(),
                String.valueOf(flood.refusals()),
                String.valueOf(flood.interval().toSeconds()),
                String.valueOf(flood.untold()),
                String.valueOf(flood.turnedAway()))));
        tell((Event) flood);
    }

    private void tell(Event event) {
        recent.add(event);
        if (EventLog.isOn()) {
            ServerErrand.log(() -> EventLog.write(event.toJson()));
        }
    }
}
