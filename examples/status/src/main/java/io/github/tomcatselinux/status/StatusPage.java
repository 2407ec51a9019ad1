// SPDX-License-Identifier: Apache-2.0
// What the page is made of.
package io.github.tomcatselinux.status;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** One document for all valves of this JVM. */
final class StatusPage {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

    private final List<ValveStatus> valves;
    private final Question question;
    private final Answer answer;
    private final Html html = new Html();

    /**
     * Of one request.
     *
     * @param question null if nothing is asked
     * @param answer to it
     */
    StatusPage(List<ValveStatus> valves, Question question, Answer answer) {
        this.valves = valves;
        this.question = question;
        this.answer = answer;
    }

    String html() {
        html.open("html", "lang", "en").open("head").open("meta", "charset", "UTF-8");
        html.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.open("meta", "name", "color-scheme", "content", "light dark");
        html.element("title", "SELinux status");
        html.open("link", "rel", "stylesheet", "href", "style.css").close("head");
        html.open("body").open("header").element("h1", "SELinux status");
        html.open("p").text("Each request under the context of the person who made it. As of ");
        time(Instant.now());
        html.text(".").close("p").close("header").open("main");
        if (valves.isEmpty()) {
            html.element("p", "No SelinuxValve is declared in this Tomcat.", "class", "bad");
        } else {
            new ExplainForm(valves, question, answer).write(html);
        }
        for (int i = 0; i < valves.size(); i++) {
            valve(valves.get(i), "valve" + i);
        }
        return html.close("main").close("body").close("html").toString();
    }

    private void valve(ValveStatus valve, String id) {
        html.open("section", "aria-labelledby", id).element("h2", valve.place(), "id", id);
        summary(valve);
        new PreflightList(valve.lines("preflight")).write(html);
        new RuleTable(valve.lines("ruleTexts"), valve.hits()).write(html, id);
        contexts(valve, id);
        refusals(valve, id);
        new EventList(valve.lines("recentRefusals")).write(html);
        html.close("section");
    }

    private void summary(ValveStatus valve) {
        boolean isReport = valve.text("enforcement").equals("report");
        html.open("dl", "class", "tiles");
        tile("SELinux", valve.is("enforcing") ? "enforcing" : "not enforcing", !valve.is("enforcing"));
        tile("Valve", isReport ? "reports only, confines nothing" : "confines", isReport);
        tile("Rules", valve.number("rules") + " in force" + since(valve), valve.is("mappingRefused"));
        tile(
                "Helpers",
                valve.number("helpers") + " of " + valve.number("maxHelpers") + ", " + valve.number("helpersKept")
                        + " kept",
                false);
        tile("Waiting for one", String.valueOf(valve.number("requestsWaiting")), valve.number("requestsWaiting") > 0);
        tile("Confined threads", valve.number("threads") + " of " + valve.number("maxThreads"), false);
        tile(
                "Threads left behind",
                String.valueOf(valve.number("inheritedContexts")),
                valve.number("inheritedContexts") > 0);
        html.close("dl");
        valve.time("mappingFailed").ifPresent(when -> {
            html.open("p", "class", valve.is("mappingRefused") ? "bad" : "note");
            html.text(
                    valve.is("mappingRefused")
                            ? "The mapping file is refused as it is now ("
                            : "A mapping file was refused (");
            time(when);
            html.text("): ").element("bdi", valve.text("mappingFailure")).close("p");
        });
    }

    private static String since(ValveStatus valve) {
        return valve.time("mappingLoaded")
                .map(when -> ", read " + TIME.format(when))
                .orElse("");
    }

    private void tile(String name, String value, boolean isBad) {
        html.open("div", "class", isBad ? "bad" : null);
        html.element("dt", name).element("dd", value).close("div");
    }

    private void contexts(ValveStatus valve, String id) {
        Map<String, Long> helpers = valve.column("helpersByContext", "helpers");
        Map<String, Long> threads = valve.column("threadsByContext", "threads");
        Table table =
                Table.begin(html, id + "-contexts", "Helpers and threads by context", "Context", "Helpers", "Threads");
        Set<String> all = new TreeSet<>(helpers.keySet());
        all.addAll(threads.keySet());
        for (String context : all) {
            table.row(context, number(helpers.get(context)), number(threads.get(context)));
        }
        table.end("No helper and no confined thread is there at this moment.");
    }

    private static String number(Long number) {
        return number == null ? "0" : number.toString();
    }

    private void refusals(ValveStatus valve, String id) {
        Table table = Table.begin(html, id + "-refusals", "Refusals since the start", "By", "Requests", "Meaning");
        valve.column("refusals", "count").forEach((by, count) -> {
            if (count > 0) {
                table.row(by, count.toString(), Reasons.of(by));
            }
        });
        table.end("Nothing was refused.");
    }

    private void time(Instant when) {
        html.element("time", TIME.format(when), "datetime", when.toString());
    }

    /** For tables. */
    static String words(Optional<Instant> when) {
        return when.map(TIME::format).orElse("never");
    }
}
