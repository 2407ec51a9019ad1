// SPDX-License-Identifier: Apache-2.0
// What was refused to one client, in sum.
package io.github.tomcatselinux.floods;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.tomcatselinux.events.Event;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * In one interval that is over, as an event.
 *
 * @param time when it was noticed that it is over
 * @param address the client's; of IPv6 a network; empty for a client without
 * @param context that was asked in; empty for none
 * @param refusals all of them
 * @param untold how many of them were not told by themselves
 * @param turnedAway requests that were answered 429, and are none of them
 */
public record Flood(
        Instant time, String address, String context, long refusals, long untold, long turnedAway, Duration interval)
        implements Event {

    @Override
    public void write(JsonGenerator json) throws IOException {
        json.writeStringField("event", "flood");
        json.writeStringField("time", time.truncatedTo(ChronoUnit.MILLIS).toString());
        Event.write(json, "address", Optional.of(address).filter(known -> !known.isEmpty()));
        Event.write(json, "context", Optional.of(context).filter(known -> !known.isEmpty()));
        json.writeNumberField("refusals", refusals);
        json.writeNumberField("untold", untold);
        json.writeNumberField("turnedAway", turnedAway);
        json.writeNumberField("interval", interval.toSeconds());
    }
}
