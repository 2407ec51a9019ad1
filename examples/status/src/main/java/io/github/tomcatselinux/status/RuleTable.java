// SPDX-License-Identifier: Apache-2.0
// The rules in force, with what they have decided.
package io.github.tomcatselinux.status;

import io.github.tomcatselinux.status.ValveStatus.Hits;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** In their order, and at the end what stands for a rule where none matches. */
record RuleTable(List<String> texts, Map<String, Hits> hits) {
    /** Rules that have decided nothing are told of no further than that many. */
    static final int MOST = 200;

    /** {@code FILE:LINE: TEXT}. */
    private static final Pattern RULE = Pattern.compile("(.*?:\\d+): (.*)", Pattern.DOTALL);

    RuleTable {
        texts = List.copyOf(texts);
        hits = Map.copyOf(hits);
    }

    void write(Html html, String id) {
        Map<String, Hits> others = new LinkedHashMap<>(hits);
        Table table = Table.begin(html, id + "-rules", "Rules", "Rule", "Requests", "Last", "Text");
        int idle = 0;
        for (String text : texts) {
            Matcher parts = RULE.matcher(text);
            String rule = parts.matches() ? parts.group(1) : text;
            Hits decided = others.remove(rule);
            if (decided == null && ++idle > MOST) {
                continue;
            }
            row(table, rule, decided, parts.matches() ? parts.group(2) : "");
        }
        others.forEach((rule, decided) -> row(table, rule, decided, "where no rule matches"));
        table.end("There is no rule, and nothing was decided yet.");
        if (idle > MOST) {
            html.element("p", (idle - MOST) + " more rules have decided nothing.", "class", "note");
        }
    }

    private static void row(Table table, String rule, Hits decided, String text) {
        table.row(
                rule,
                decided == null ? "0" : String.valueOf(decided.number()),
                StatusPage.words(Optional.ofNullable(decided).map(Hits::last)),
                text);
    }
}
