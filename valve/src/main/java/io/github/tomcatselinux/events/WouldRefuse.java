// SPDX-License-Identifier: Apache-2.0
// What a dry run says of a request that would have been refused, as an event.
package io.github.tomcatselinux.events;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * All that is known of it. {@code docs/dry-run.md} describes the fields of its JSON.
 *
 * @param roles of the user, as far as the realm lists them
 * @param status what the client was answered; 0 where that is not known yet
 * @param denied what the policy would have denied, if it is the policy
 * @param detail what there is to say beside, in words
 */
public record WouldRefuse(
        Instant time,
        Refusal.Asked asked,
        List<String> roles,
        Refusal.Decided decided,
        RefusedBy by,
        int status,
        Optional<Denied> denied,
        Optional<String> detail)
        implements Event {

    /** What {@code event} says. */
    public static final String NAME = "would-refuse";

    /**
     * What the policy would not let it do.
     *
     * @param root the folder that the application's files come from; empty where it is about no file
     * @param object whole path, or what else it is about
     * @param label the object's context
     * @param objectClass such as {@code file}
     * @param permissions those that are missing
     */
    public record Denied(
            Optional<String> root, String object, String label, String objectClass, List<String> permissions) {}

    @Override
    public void write(JsonGenerator json) throws IOException {
        json.writeStringField("event", NAME);
        json.writeStringField("time", time.truncatedTo(ChronoUnit.MILLIS).toString());
        asked.write(json);
        if (!roles.isEmpty()) {
            json.writeStringField("roles", String.join(",", roles));
        }
        Event.write(json, "rule", decided.rule());
        Event.write(json, "context", decided.context());
        Event.write(json, "way", decided.way());
        json.writeStringField("refusedBy", by.toString());
        if (status != 0) {
            json.writeNumberField("status", status);
        }
        if (denied.isPresent()) {
            Event.write(json, "root", denied.get().root());
            json.writeStringField("object", denied.get().object());
            json.writeStringField("label", denied.get().label());
            json.writeStringField("class", denied.get().objectClass());
            json.writeStringField("permissions", String.join(" ", denied.get().permissions()));
        }
        Event.write(json, "detail", detail);
    }
}
