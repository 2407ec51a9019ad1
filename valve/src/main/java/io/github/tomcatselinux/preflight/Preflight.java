// SPDX-License-Identifier: Apache-2.0
// What the checks of one valve found last.
package io.github.tomcatselinux.preflight;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * Keeps what was found, for JMX, and logs it: a line for each warning and error, or one that all is well; one boolean that is off
 * may keep a thousand contexts from being taken, so that there are only so many lines. What is found of a
 * thing takes the place of what was found of it before.
 */
public final class Preflight {
    private static final StringManager SM = StringManager.getManager(Preflight.class);

    private static final int MOST_LINES = 20;

    private final Logger log;
    private final Map<String, List<Finding>> found = new LinkedHashMap<>();

    /** Nothing was looked at yet. */
    public Preflight(Logger log) {
        this.log = log;
    }

    /**
     * Runs checks, one after the other.
     *
     * @param what they look at, such as an application
     * @return the errors in one line, the first of them where there are many; empty if there are none
     */
    public Optional<String> run(String what, List<Check> checks) {
        List<Finding> findings = new ArrayList<>();
        checks.forEach(check -> findings.addAll(check.findings()));
        synchronized (found) {
            found.put(what, List.copyOf(findings));
        }
        List<Finding> worse = findings.stream()
                .filter(finding -> finding.severity() != Severity.OK)
                .sorted(Comparator.comparing(Finding::severity).reversed())
                .toList();
        worse.stream()
                .limit(MOST_LINES)
                .forEach(finding -> log.log(
                        finding.severity() == Severity.ERROR ? Level.ERROR : Level.WARN,
                        SM.getString("preflight.finding", what, finding.text())));
        if (worse.size() > MOST_LINES) {
            log.warn(SM.getString("preflight.more", what, String.valueOf(worse.size() - MOST_LINES)));
        }
        if (worse.isEmpty()) {
            String well = findings.stream().map(Finding::text).collect(Collectors.joining("; "));
            log.info(SM.getString("preflight.ok", what, well));
        }
        return errors(findings);
    }

    /** Each finding as {@code severity: text}, those of the valve first. */
    public List<String> lines() {
        synchronized (found) {
            return found.values().stream()
                    .flatMap(List::stream)
                    .map(Finding::toString)
                    .toList();
        }
    }

    private static Optional<String> errors(List<Finding> findings) {
        List<String> errors = findings.stream()
                .filter(finding -> finding.severity() == Severity.ERROR)
                .map(Finding::text)
                .toList();
        if (errors.isEmpty()) {
            return Optional.empty();
        }
        String first = errors.stream().limit(MOST_LINES).collect(Collectors.joining("; "));
        return Optional.of(
                errors.size() <= MOST_LINES
                        ? first
                        : SM.getString("preflight.errors", first, String.valueOf(errors.size() - MOST_LINES)));
    }
}
