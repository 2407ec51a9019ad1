// SPDX-License-Identifier: Apache-2.0
// One refused request, or one refused file of a request, as an event.
package io.github.tomcatselinux.events;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * All that is known of it. {@code docs/logging.md} describes the fields of its JSON.
 *
 * @param denied what the kernel refused, if it was the kernel
 * @param detail what there is to say beside, in words
 */
public record Refusal(
        Instant time, Asked asked, Decided decided, RefusedBy by, Optional<Denied> denied, Optional<String> detail)
        implements Event {

    /** Who asked for what; as the client sent it. */
    public record Asked(
            String request,
            Optional<String> user,
            String address,
            String method,
            Optional<String> path,
            String host,
            String application) {

        void write(JsonGenerator json) throws IOException {
            json.writeStringField("request", request);
            Event.write(json, "user", user);
            Event.write(json, "address", Optional.ofNullable(address));
            json.writeStringField("method", method);
            Event.write(json, "path", path);
            json.writeStringField("host", host);
            json.writeStringField("application", application);
        }
    }

    /**
     * What came of it.
     *
     * @param context that a helper or a thread proved, or if there was none, that the rule names
     * @param way how it is served: {@code file}, {@code program}, {@code servlet}
     * @param helper the process id
     */
    public record Decided(
            Optional<String> rule, Optional<String> context, Optional<String> way, Optional<Long> helper) {}

    /**
     * What the kernel did not let it have.
     *
     * @param target the path within the application
     * @param errno errno(3)
     */
    public record Denied(String target, int errno) {}

    @Override
    public void write(JsonGenerator json) throws IOException {
        json.writeStringField("event", "refusal");
        json.writeStringField("time", time.truncatedTo(ChronoUnit.MILLIS).toString());
        asked.write(json);
        Event.write(json, "rule", decided.rule());
        Event.write(json, "context", decided.context());
        Event.write(json, "way", decided.way());
        json.writeStringField("refusedBy", by.toString());
        if (denied.isPresent()) {
            json.writeStringField("target", denied.get().target());
            json.writeNumberField("errno", denied.get().errno());
        }
        if (decided.helper().isPresent()) {
            json.writeNumberField("helper", decided.helper().get());
        }
        Event.write(json, "ausearch", command());
        Event.write(json, "detail", detail);
    }

    /** What finds the kernel's record of it, if there may be one. */
    private Optional<String> command() {
        return by == RefusedBy.SELINUX || by == RefusedBy.UNKNOWN
                ? decided.helper().map(pid -> "ausearch -m avc -p " + pid)
                : Optional.empty();
    }
}
