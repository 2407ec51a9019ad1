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
import io.github.tomcatselinux.report.Denial;
import io.github.tomcatselinux.report.Inquiry;
import io.github.tomcatselinux.report.Question;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
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
    private final Optional<Inquiry> inquiry;

    /** @param inquiry looks into what the policy may have refused; empty where there is none */
    Refusals(Floods.Limits limits, Optional<Inquiry> inquiry) {
        this.inquiry = inquiry;
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
        if (isTold(scope, by)) {
            ServerErrand.log(line);
            tell(scope.refusal(by, Optional.empty(), detail));
        }
    }

    /**
     * The kernel, or the helper, refused something of a request. What the policy has to do with is told when it was asked
     * once more, and that is when the request may be over.
     *
     * @param line what to log of it
     * @param questions for the policy
     */
    void report(
            RequestScope scope,
            RefusedBy by,
            Refusal.Denied denied,
            Supplier<String> line,
            Supplier<List<Question>> questions) {
        if (!isTold(scope, by)) {
            return;
        }
        Refusal refusal = scope.refusal(by, Optional.of(denied), Optional.empty());
        String text = line.get();
        boolean later = (by == RefusedBy.SELINUX || by == RefusedBy.UNKNOWN)
                && inquiry.isPresent()
                && inquiry.get().begin(refusal.decided().context().orElse(""), questions.get(), found -> {
                    LOG.info(text + found.map(Refusals::describe).orElse(""));
                    tell(refusal.because(found.map(Refusals::obstacle)));
                });
        if (!later) {
            ServerErrand.log(() -> LOG.info(text));
            tell(refusal);
        }
    }

    private static String describe(Denial denial) {
        return SM.getString(
                "refusals.obstacle",
                String.join(" ", denial.permissions()),
                denial.objectClass(),
                LogText.quote(denial.object()),
                denial.label());
    }

    private static Refusal.Obstacle obstacle(Denial denial) {
        return new Refusal.Obstacle(
                denial.object(), denial.label(), denial.objectClass(), String.join(" ", denial.permissions()));
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
        inquiry.ifPresent(Inquiry::close);
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

    private boolean isTold(RequestScope scope, RefusedBy by) {
        counts.get(by).increment();
        return floods.count(scope.address(), scope.named().orElse(""), by.isKernel());
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
