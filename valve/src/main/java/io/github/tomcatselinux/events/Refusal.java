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
     * @param obstacle what the policy has against it, if that was found out
     */
    public record Denied(String target, int errno, Optional<Obstacle> obstacle) {}

    /**
     * Where the kernel has stopped, as its record names it.
     *
     * @param object the whole path of the file or folder
     * @param label the object's context
     * @param objectClass such as {@code file}
     * @param permissions those that are missing, with spaces between them
     */
    public record Obstacle(String object, String label, String objectClass, String permissions) {}

    /** The same, with what was found out since. */
    public Refusal because(Optional<Obstacle> obstacle) {
        return new Refusal(
                time,
                asked,
                decided,
                by,
                denied.map(refused -> new Denied(refused.target(), refused.errno(), obstacle)),
                detail);
    }

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
        Optional<Obstacle> obstacle = denied.flatMap(Denied::obstacle);
        if (obstacle.isPresent()) {
            json.writeStringField("object", obstacle.get().object());
            json.writeStringField("label", obstacle.get().label());
            json.writeStringField("class", obstacle.get().objectClass());
            json.writeStringField("permissions", obstacle.get().permissions());
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
                ? ausearch(decided.helper(), decided.context(), decided.way())
                : Optional.empty();
    }

    /**
     * The command that finds the kernel's records of a helper: by its process id and, since a later process may have had
     * the same, by its context. A program is refused as a process of its own, whose id nobody has noted.
     *
     * @param context that the kernel reported; none or empty where there is no SELinux
     */
    public static Optional<String> ausearch(Optional<Long> helper, Optional<String> context, Optional<String> way) {
        String command = "ausearch -m avc"
                + helper.filter(pid -> !way.equals(Optional.of("program")))
                        .map(pid -> " -p " + pid)
                        .orElse("")
                + context.filter(read -> !read.isEmpty())
                        .map(read -> " -su " + read)
                        .orElse("");
        return helper.map(pid -> command);
    }
}
