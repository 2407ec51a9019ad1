// SPDX-License-Identifier: Apache-2.0
// The refusals of one valve: counted, and reported as events.
package io.github.tomcatselinux;

import io.github.tomcatselinux.events.Event;
import io.github.tomcatselinux.events.EventLog;
import io.github.tomcatselinux.events.Recent;
import io.github.tomcatselinux.events.Refusal;
import io.github.tomcatselinux.events.RefusedBy;
import io.github.tomcatselinux.launcher.HelperException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** Any thread may report one, a confined one too. Where nobody listens to events, none is written. */
final class Refusals {
    private final Map<RefusedBy, LongAdder> counts = new EnumMap<>(RefusedBy.class);
    private final Recent recent = new Recent();

    Refusals() {
        for (RefusedBy by : RefusedBy.values()) {
            counts.put(by, new LongAdder());
        }
    }

    /** The valve refused a request. */
    void report(RequestScope scope, RefusedBy by, Optional<String> detail) {
        report(scope, by, Optional.empty(), detail);
    }

    /** The kernel refused something of a request. */
    void report(RequestScope scope, RefusedBy by, Refusal.Denied denied) {
        report(scope, by, Optional.of(denied), Optional.empty());
    }

    /** A request could not be confined. */
    void report(RequestScope scope, HelperException failed) {
        RefusedBy by = switch (failed.reason()) {
            case REFUSED -> RefusedBy.FAILED;
            case UNAVAILABLE -> RefusedBy.UNAVAILABLE;
            case OVERLOADED -> RefusedBy.OVERLOAD;
        };
        report(scope, by, Optional.ofNullable(failed.getMessage()));
    }

    /** How many there were so far. */
    long count(RefusedBy by) {
        return counts.get(by).sum();
    }

    /** The last ones, the newest last. */
    List<Event> recent() {
        return recent.all();
    }

    private void report(RequestScope scope, RefusedBy by, Optional<Refusal.Denied> denied, Optional<String> detail) {
        counts.get(by).increment();
        tell(scope.refusal(by, denied, detail));
    }

    private void tell(Event event) {
        recent.add(event);
        if (EventLog.isOn()) {
            ServerErrand.log(() -> EventLog.write(event.toJson()));
        }
    }
}
