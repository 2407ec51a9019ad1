// SPDX-License-Identifier: Apache-2.0
// The refusals that a valve remembers.
package io.github.tomcatselinux.status;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** JSON objects, the newest last; the page has it first. */
record EventList(List<String> events) {
    EventList {
        events = List.copyOf(events);
    }

    void write(Html html) {
        html.element("h3", "Recent refusals");
        if (events.isEmpty()) {
            html.element("p", "There are none.", "class", "note");
            return;
        }
        List<String> newestFirst = new ArrayList<>(events);
        Collections.reverse(newestFirst);
        html.open("ol", "class", "events");
        newestFirst.forEach(json -> write(html, RecentEvent.of(json)));
        html.close("ol");
    }

    private static void write(Html html, RecentEvent event) {
        html.open("li").open("p", "class", "what");
        event.field("time").ifPresent(time -> html.element("time", time, "datetime", time));
        html.open("strong")
                .element("bdi", event.field("user", "nobody"))
                .close("strong")
                .text(" from ");
        html.element("bdi", event.field("address", "nowhere")).text(" ");
        html.open("code")
                .element("bdi", event.field("method", event.field("event", "")) + " " + event.field("path", ""));
        html.close("code").close("p");
        html.open("p").text("Refused by ").element("strong", event.field("refusedBy", "somebody"));
        event.field("refusedBy").ifPresent(by -> html.text(": " + Reasons.of(by) + "."));
        event.field("detail").ifPresent(detail -> html.text(" ").element("bdi", detail));
        html.close("p");
        event.field("ausearch")
                .ifPresent(command -> html.open("p")
                        .text("The kernel's record: ")
                        .element("code", command)
                        .close("p"));
        html.open("details").element("summary", "Everything of request " + event.field("request", "-"));
        html.open("dl", "class", "fields");
        event.fields()
                .forEach((name, value) -> html.element("dt", name)
                        .open("dd")
                        .element("bdi", value)
                        .close("dd"));
        html.close("dl").close("details").close("li");
    }
}
