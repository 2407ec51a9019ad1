// SPDX-License-Identifier: Apache-2.0
// What JMX shows of a SelinuxValve.
package io.github.tomcatselinux;

import io.github.tomcatselinux.events.Event;
import io.github.tomcatselinux.events.RefusedBy;
import io.github.tomcatselinux.mapping.Identity;
import io.github.tomcatselinux.mapping.IpAddress;
import io.github.tomcatselinux.mapping.Roles;
import io.github.tomcatselinux.mapping.Rule;
import io.github.tomcatselinux.metrics.HelperNumbers;
import io.github.tomcatselinux.metrics.HelperNumbers.Fate;
import io.github.tomcatselinux.metrics.Histogram;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import javax.management.openmbean.TabularData;
import javax.management.openmbean.TabularDataSupport;
import javax.management.openmbean.TabularType;
import org.apache.tomcat.util.modeler.BaseModelMBean;

/**
 * Named by {@code mbeans-descriptors.xml}, which lists what there is and says what it means; {@code docs/monitoring.md} has
 * the same. Nothing can be set. Before the first application has started, and when the valve is stopped, all numbers are 0.
 */
public final class ValveMBean extends BaseModelMBean {
    private static final double MEDIAN = 0.5;
    private static final double NINE_OF_TEN = 0.9;
    private static final double NEARLY_ALL = 0.99;

    /** The attributes in force, {@code name=[value]}. */
    public String[] getConfiguration() {
        return running().map(Governor::configuration).stream()
                .flatMap(configuration -> configuration.settings().stream())
                .toArray(String[]::new);
    }

    /** {@code on}, or {@code report}: nothing is confined. */
    public String getEnforcement() {
        return ((SelinuxValve) resource).reports() ? Configuration.REPORT : "on";
    }

    /** What would have become of requests. */
    public TabularData getDryRun() {
        Map<String, Object[]> rows = new LinkedHashMap<>();
        Optional<DryRun> dryRun = running().flatMap(Governor::dryRun);
        for (DryRun.Outcome outcome : DryRun.Outcome.values()) {
            rows.put(
                    outcome.toString(),
                    new Object[] {dryRun.map(run -> run.count(outcome)).orElse(0L)});
        }
        rows.put("dropped", new Object[] {dryRun.map(DryRun::dropped).orElse(0L)});
        return table("outcome", List.of("requests"), rows);
    }

    /** Whether SELinux enforces, and requests are confined. */
    public boolean isEnforcing() {
        return running().filter(Governor::isEnforcing).isPresent();
    }

    /** Rules in force. */
    public int getRules() {
        return running().map(governor -> governor.ruleList().size()).orElse(0);
    }

    /** The rules in force, {@code FILE:LINE: TEXT}, in their order. */
    public String[] getRuleTexts() {
        return running().flatMap(Governor::rules).stream()
                .flatMap(set -> set.rules().stream())
                .map(Rule::toString)
                .toArray(String[]::new);
    }

    /** Rules that have decided, with how many requests and when last, in milliseconds since 1970. */
    public TabularData getRuleHits() {
        Map<String, Object[]> rows = new LinkedHashMap<>();
        running()
                .ifPresent(governor -> governor.hits()
                        .all()
                        .forEach((rule, hit) -> rows.put(
                                rule, new Object[] {hit.number(), hit.last().toEpochMilli()})));
        return table("rule", List.of("hits", "lastHit"), rows);
    }

    /** When the rules in force were read, in milliseconds since 1970. */
    public long getMappingLoaded() {
        return number(governor -> millis(Optional.of(governor.mapping().loaded())));
    }

    /** Whether the mapping file is refused as it is now. */
    public boolean isMappingRefused() {
        return running().filter(governor -> governor.mapping().isWrong()).isPresent();
    }

    /** When a mapping file was refused last, in milliseconds since 1970; 0 for never. */
    public long getMappingFailed() {
        return number(governor -> millis(governor.mapping().failure().map(MappingState.Failure::time)));
    }

    /** Why. */
    public String getMappingFailure() {
        return running()
                .flatMap(governor -> governor.mapping().failure())
                .map(MappingState.Failure::message)
                .orElse("");
    }

    /** Helpers in use, those that wait for their connection's next request included. */
    public long getHelpers() {
        return number(governor -> governor.helpers().admission().running());
    }

    /** The same by the context that they are in. */
    public TabularData getHelpersByContext() {
        return byContext("helpers", governor -> governor.helpers().admission().byContext());
    }

    /** Helpers that wait for their connection's next request. */
    public long getHelpersKept() {
        return number(governor -> governor.helpers().kept().size());
    }

    /** Requests that wait for a helper. */
    public long getRequestsWaiting() {
        return number(governor -> governor.helpers().admission().waiting());
    }

    /** How many helpers there may be. */
    public long getMaxHelpers() {
        return number(governor -> governor.configuration().limits().maxHelpers());
    }

    /** Confined threads, idle ones included. */
    public long getThreads() {
        return number(governor -> governor.threads().size());
    }

    /** The same by the context that they are in. */
    public TabularData getThreadsByContext() {
        return byContext("threads", governor -> governor.threads().byContext());
    }

    /** How many confined threads there may be. */
    public long getMaxThreads() {
        return number(governor -> governor.configuration().threads().most());
    }

    /** Threads that were found in a context that a request had left behind. */
    public long getInheritedContexts() {
        return number(governor -> governor.threads().inherited());
    }

    /** Requests that wait for a confined thread. */
    public long getThreadRequestsWaiting() {
        return number(governor -> governor.threads().waiting());
    }

    /** What became of helpers. */
    public TabularData getHelperFates() {
        Map<String, Object[]> rows = new LinkedHashMap<>();
        for (Fate fate : Fate.values()) {
            rows.put(fate.toString(), new Object[] {
                number(governor -> governor.helpers().numbers().count(fate))
            });
        }
        return table("fate", List.of("helpers"), rows);
    }

    /** How long it took to get a helper, and for how long requests had theirs, in microseconds. */
    public TabularData getLatencies() {
        Map<String, Object[]> rows = new LinkedHashMap<>();
        rows.put("queue", times(HelperNumbers::queue));
        rows.put("start", times(HelperNumbers::start));
        rows.put("use", times(HelperNumbers::use));
        return table("part", List.of("count", "total", "p50", "p90", "p99"), rows);
    }

    private Object[] times(Function<HelperNumbers, Histogram> which) {
        Histogram times = running()
                .map(governor -> governor.helpers().numbers())
                .map(which)
                .orElseGet(Histogram::new);
        return new Object[] {
            times.count(),
            times.total(),
            times.quantile(MEDIAN),
            times.quantile(NINE_OF_TEN),
            times.quantile(NEARLY_ALL)
        };
    }

    /** Refusals by who refused. */
    public TabularData getRefusals() {
        Map<String, Object[]> rows = new LinkedHashMap<>();
        for (RefusedBy by : RefusedBy.values()) {
            rows.put(
                    by.toString(),
                    new Object[] {number(governor -> governor.refusals().count(by))});
        }
        return table("by", List.of("count"), rows);
    }

    /** The last refusals as JSON events, the newest last. */
    public String[] getRecentRefusals() {
        return running().stream()
                .flatMap(governor -> governor.refusals().recent().stream())
                .map(Event::toJson)
                .toArray(String[]::new);
    }

    /** What the last preflight found, {@code severity: text}. */
    public String[] getPreflight() {
        return ((SelinuxValve) resource).preflight().lines().toArray(String[]::new);
    }

    /** Reads the mapping file again, if it has changed. */
    public String reload() {
        return running().map(Governor::reload).orElse("the valve does not run");
    }

    /**
     * Which rule would decide, and why none before it does.
     *
     * @param user empty for none
     * @param roles with commas between them
     * @param address a literal; empty for none
     * @param host the virtual host; empty for none
     * @param path decoded, beginning with a slash; empty for {@code /}
     * @param method empty for {@code GET}
     */
    public String explain(String user, String roles, String address, String host, String path, String method) {
        Identity.Builder identity = Identity.builder().host(given(host).orElse(""));
        given(user).ifPresent(identity::user);
        identity.roles(
                Roles.of(given(roles).map(text -> List.of(text.split(","))).orElse(List.of())));
        given(address)
                .ifPresent(literal -> identity.address(IpAddress.parse(literal)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "address: [" + literal + "] is not the literal of an address"))));
        given(path).ifPresent(identity::path);
        given(method).ifPresent(identity::method);
        return running().map(governor -> governor.explain(identity.build())).orElse("the valve does not run");
    }

    private Optional<Governor> running() {
        return ((SelinuxValve) resource).running();
    }

    private long number(ToLongFunction<Governor> of) {
        return running().map(of::applyAsLong).orElse(0L);
    }

    private TabularData byContext(String column, Function<Governor, Map<String, Integer>> of) {
        Map<String, Object[]> rows = new LinkedHashMap<>();
        running()
                .map(of)
                .ifPresent(contexts ->
                        contexts.forEach((context, number) -> rows.put(context, new Object[] {number.longValue()})));
        return table("context", List.of(column), rows);
    }

    private static long millis(Optional<Instant> time) {
        return time.map(Instant::toEpochMilli).orElse(0L);
    }

    private static Optional<String> given(String text) {
        return Optional.ofNullable(text).filter(there -> !there.isEmpty());
    }

    /** One row for each name, which is its key; all columns are numbers. */
    private static TabularData table(String key, List<String> columns, Map<String, Object[]> rows) {
        String[] names = new String[columns.size() + 1];
        OpenType<?>[] types = new OpenType<?>[names.length];
        names[0] = key;
        types[0] = SimpleType.STRING;
        for (int i = 1; i < names.length; i++) {
            names[i] = columns.get(i - 1);
            types[i] = SimpleType.LONG;
        }
        try {
            CompositeType row = new CompositeType(key, key, names, names, types);
            TabularDataSupport table = new TabularDataSupport(new TabularType(key, key, row, new String[] {key}));
            for (Map.Entry<String, Object[]> entry : rows.entrySet()) {
                Object[] values = new Object[names.length];
                values[0] = entry.getKey();
                System.arraycopy(entry.getValue(), 0, values, 1, columns.size());
                table.put(new CompositeDataSupport(row, names, values));
            }
            return table;
        } catch (OpenDataException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
