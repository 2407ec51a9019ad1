// SPDX-License-Identifier: Apache-2.0
// The form that asks which rule would decide, and its answer.
package io.github.tomcatselinux.status;

import io.github.tomcatselinux.status.Question.Field;
import java.util.List;

/**
 * A GET that changes nothing, so that there is nothing to forge.
 *
 * @param question null if nothing is asked
 * @param answer to it
 */
record ExplainForm(List<ValveStatus> valves, Question question, Answer answer) {
    private static final String LONGEST = "1000";

    ExplainForm {
        valves = List.copyOf(valves);
    }

    void write(Html html) {
        html.open("section", "aria-labelledby", "explain").element("h2", "Which rule would decide?", "id", "explain");
        html.open("form", "method", "get", "action", ".").open("div", "class", "inputs");
        choice(html);
        for (int i = 0; i < Question.FIELDS.size(); i++) {
            input(
                    html,
                    Question.FIELDS.get(i),
                    question == null ? "" : question.values().get(i));
        }
        html.close("div").element("button", "Explain", "type", "submit").close("form");
        if (answer != null) {
            html.open(
                    "div", "class", answer.isWrong() ? "bad" : "answer", "role", answer.isWrong() ? "alert" : "status");
            html.element("h3", answer.isWrong() ? "That cannot be answered" : "Answer");
            html.open("pre").element("bdi", answer.text()).close("pre").close("div");
        }
        html.close("section");
    }

    private void choice(Html html) {
        html.open("p").element("label", "Valve", "for", Question.VALVE);
        html.open("select", "name", Question.VALVE, "id", Question.VALVE);
        for (int i = 0; i < valves.size(); i++) {
            boolean isAsked = question != null && question.valve() == i;
            html.element(
                    "option",
                    valves.get(i).place(),
                    "value",
                    String.valueOf(i),
                    "selected",
                    isAsked ? "selected" : null);
        }
        html.close("select").close("p");
    }

    private static void input(Html html, Field field, String value) {
        String hint = field.name() + "-hint";
        html.open("p").element("label", field.label(), "for", field.name());
        html.open(
                "input",
                "type",
                "text",
                "id",
                field.name(),
                "name",
                field.name(),
                "value",
                value,
                "maxlength",
                LONGEST,
                "autocomplete",
                "off",
                "aria-describedby",
                hint);
        html.element("span", field.hint(), "id", hint, "class", "hint").close("p");
    }
}
