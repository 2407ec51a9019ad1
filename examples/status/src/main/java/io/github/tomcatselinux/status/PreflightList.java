// SPDX-License-Identifier: Apache-2.0
// What the valve found out before it began, or took other rules.
package io.github.tomcatselinux.status;

import java.util.List;

/** {@code SEVERITY: TEXT}; what is well is folded away. */
record PreflightList(List<String> lines) {
    private static final String WELL = "ok:";

    PreflightList {
        lines = List.copyOf(lines);
    }

    void write(Html html) {
        List<String> well = lines.stream().filter(line -> line.startsWith(WELL)).toList();
        List<String> findings =
                lines.stream().filter(line -> !line.startsWith(WELL)).toList();
        html.element("h3", "Health of the preflight");
        if (lines.isEmpty()) {
            html.element("p", "The valve says nothing of a preflight.", "class", "note");
            return;
        }
        html.element(
                "p",
                well.size() + " checks are well, " + findings.size() + " are not.",
                "class",
                findings.isEmpty() ? "note" : "bad");
        list(html, findings);
        if (!well.isEmpty()) {
            html.open("details").element("summary", "What is well");
            list(html, well);
            html.close("details");
        }
    }

    private static void list(Html html, List<String> lines) {
        if (!lines.isEmpty()) {
            html.open("ul");
            lines.forEach(line -> html.open("li").element("bdi", line).close("li"));
            html.close("ul");
        }
    }
}
