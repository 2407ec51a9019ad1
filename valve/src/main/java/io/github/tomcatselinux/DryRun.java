// SPDX-License-Identifier: Apache-2.0
// enforcement="report": what would become of requests, told and counted.
package io.github.tomcatselinux;

import io.github.tomcatselinux.events.EventLog;
import io.github.tomcatselinux.events.Refusal;
import io.github.tomcatselinux.events.RefusedBy;
import io.github.tomcatselinux.events.WouldRefuse;
import io.github.tomcatselinux.kernel.FileLabels;
import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.report.Backlog;
import io.github.tomcatselinux.report.Denial;
import io.github.tomcatselinux.report.Opinion;
import io.github.tomcatselinux.report.Question;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * The kernel is asked behind the requests' backs, by a thread of its own; only what a request is about to change is looked
 * at before. Nothing that goes wrong here concerns the request.
 */
final class DryRun implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(DryRun.class);

    /** Requests that may wait to be judged; some hundred octets each. */
    private static final int ROOM = 10_000;

    /** The domain that the server runs in where requests are confined. */
    private static final SecurityContext SERVER = new SecurityContext("system_u", "system_r", "tomcat_t", "s0");

    /** What would become of a request. */
    enum Outcome {
        /** It would be served confined, as far as policy and labels go. */
        WOULD_ALLOW,
        /** It would be refused, or something of it. */
        WOULD_REFUSE,
        /** It would be left to Tomcat. */
        UNCHANGED,
        /** The kernel could not be asked. */
        UNKNOWN;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * What is noted of a request while it is there.
     *
     * @param by who would refuse it, if the kernel need not be asked
     * @param detail why, in words
     * @param question for the kernel, if there is one
     */
    record Seen(
            Instant time,
            Refusal.Asked asked,
            List<String> roles,
            Verdict verdict,
            Optional<String> way,
            Optional<RefusedBy> by,
            Optional<String> detail,
            Optional<Question> question) {}

    /**
     * What the policy says to a question.
     *
     * @param unknown why it does not say anything
     */
    record Answer(List<Denial> denials, Optional<String> unknown) {}

    private final Optional<Opinion> opinion;
    private final String silence;
    private final Duration interval;
    private final Map<Outcome, LongAdder> counts = new EnumMap<>(Outcome.class);
    private final Backlog backlog = new Backlog("tomcat-selinux-dry-run", ROOM);
    private volatile long reminded = System.nanoTime();

    private DryRun(Optional<Opinion> opinion, String silence, Duration interval) {
        this.opinion = opinion;
        this.silence = silence;
        this.interval = interval;
        for (Outcome outcome : Outcome.values()) {
            counts.put(outcome, new LongAdder());
        }
    }

    /**
     * The context that the server is to have where requests are confined: its own, if it is in that domain already.
     *
     * @param own that it has; empty where the kernel has no SELinux
     */
    static SecurityContext server(Optional<SecurityContext> own) {
        return own.filter(context -> context.type().equals(SERVER.type())).orElse(SERVER);
    }

    /**
     * Begins.
     *
     * @param own the context of the server; empty where the kernel has no SELinux
     * @param interval how often to say that nothing is confined
     */
    static DryRun start(Selinux selinux, Optional<SecurityContext> own, Duration interval) {
        if (own.isEmpty()) {
            return new DryRun(Optional.empty(), SM.getString("dryRun.noSelinux"), interval);
        }
        try {
            Opinion opinion = new Opinion(selinux, FileLabels.ofTheSystem(), server(own));
            return new DryRun(Optional.of(opinion), "", interval);
        } catch (IOException mute) {
            return new DryRun(Optional.empty(), mute.getMessage(), interval);
        }
    }

    /** What the kernel would say now. Whatever fails on the way is an answer, too: a request may be waiting. */
    Answer ask(Seen seen) {
        if (!(seen.verdict() instanceof Verdict.Confine confine)
                || seen.question().isEmpty()) {
            return new Answer(List.of(), Optional.empty());
        }
        if (opinion.isEmpty()) {
            return new Answer(List.of(), Optional.of(silence));
        }
        try {
            return new Answer(
                    opinion.get()
                            .of(
                                    SecurityContext.parse(confine.context()),
                                    seen.question().get()),
                    Optional.empty());
        } catch (IOException | RuntimeException silent) {
            return new Answer(List.of(), Optional.of(String.valueOf(silent.getMessage())));
        }
    }

    /**
     * The request has been answered.
     *
     * @param before what the kernel would have said before it was, if it was asked
     * @param status of the answer; 0 if that is not known yet
     */
    void answered(Seen seen, Optional<Answer> before, int status) {
        backlog.add(() -> judge(seen, before.orElseGet(() -> ask(seen)), status));
    }

    /** How many requests there were of this kind. */
    long count(Outcome outcome) {
        return counts.get(outcome).sum();
    }

    /** How many were not judged, since there were too many at a time. */
    long dropped() {
        return backlog.dropped();
    }

    /** Says that nothing is confined, and what came of it so far. */
    void warn() {
        LOG.warn(SM.getString(
                "dryRun.on",
                String.valueOf(count(Outcome.WOULD_ALLOW)),
                String.valueOf(count(Outcome.WOULD_REFUSE)),
                String.valueOf(count(Outcome.UNCHANGED)),
                String.valueOf(count(Outcome.UNKNOWN)),
                String.valueOf(dropped())));
    }

    /** Called every now and then by Tomcat's background thread. */
    void background() {
        long now = System.nanoTime();
        if (now - reminded >= interval.toNanos()) {
            reminded = now;
            warn();
        }
    }

    @Override
    public void close() {
        backlog.close();
    }

    private void judge(Seen seen, Answer answer, int status) {
        if (seen.by().isPresent()) {
            tell(seen, status, seen.by().get(), Optional.empty());
            counts.get(Outcome.WOULD_REFUSE).increment();
        } else if (seen.verdict() instanceof Verdict.Unchanged) {
            counts.get(Outcome.UNCHANGED).increment();
        } else if (answer.unknown().isPresent()) {
            LOG.info(SM.getString(
                    "dryRun.unknown", describe(seen), answer.unknown().get()));
            counts.get(Outcome.UNKNOWN).increment();
        } else if (answer.denials().isEmpty()) {
            counts.get(Outcome.WOULD_ALLOW).increment();
        } else {
            answer.denials().forEach(denial -> tell(seen, status, RefusedBy.SELINUX, Optional.of(denial)));
            counts.get(Outcome.WOULD_REFUSE).increment();
        }
    }

    private static void tell(Seen seen, int status, RefusedBy by, Optional<Denial> denial) {
        LOG.info(SM.getString(
                "dryRun.refused",
                describe(seen),
                seen.verdict().rule(),
                context(seen).orElse("-"),
                by,
                denial.map(denied -> SM.getString(
                                "dryRun.denied",
                                String.join(" ", denied.permissions()),
                                denied.objectClass(),
                                LogText.quote(denied.object()),
                                denied.label()))
                        .or(seen::detail)
                        .orElse("-")));
        if (EventLog.isOn()) {
            EventLog.write(new WouldRefuse(
                            seen.time(),
                            seen.asked(),
                            seen.roles(),
                            new Refusal.Decided(
                                    Optional.of(seen.verdict().rule()), context(seen), seen.way(), Optional.empty()),
                            by,
                            status,
                            denial.map(denied -> new WouldRefuse.Denied(
                                    root(seen),
                                    denied.object(),
                                    denied.label(),
                                    denied.objectClass(),
                                    denied.permissions())),
                            seen.detail())
                    .toJson());
        }
    }

    private static Optional<String> context(Seen seen) {
        return seen.verdict() instanceof Verdict.Confine confine ? Optional.of(confine.context()) : Optional.empty();
    }

    private static Optional<String> root(Seen seen) {
        return seen.question()
                .flatMap(question -> {
                    if (question instanceof Question.Files files) {
                        return Optional.of(files.root());
                    }
                    return question instanceof Question.Program program
                            ? Optional.of(program.root())
                            : ((Question.Twin) question).files().map(Question.Files::root);
                })
                .map(Object::toString);
    }

    private static String describe(Seen seen) {
        Refusal.Asked asked = seen.asked();
        return SM.getString(
                "scope.request",
                asked.request(),
                asked.user().map(LogText::quote).orElse("-"),
                LogText.quote(asked.address()),
                LogText.quote(asked.method()),
                LogText.quote(asked.path().orElse(null)));
    }
}
