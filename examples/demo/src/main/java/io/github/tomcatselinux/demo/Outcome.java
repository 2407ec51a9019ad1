// SPDX-License-Identifier: Apache-2.0
// One request and what came of it, as the report has it.
package io.github.tomcatselinux.demo;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;

/**
 * A row of the report. What is {@code null} in it is null in the JSON.
 *
 * @param server {@code plain} or {@code confined}
 * @param host virtual host
 * @param user who asked; null if anonymous
 * @param from from where
 * @param method request method
 * @param path what was asked for
 * @param rule {@code file:line} that decided; null if none did
 * @param context the whole context as the kernel said it; null if unconfined
 * @param status HTTP status
 * @param denials the kernel's own records of the refusal
 */
@JsonPropertyOrder({"server", "host", "user", "from", "method", "path", "rule", "context", "status", "denials"})
record Outcome(
        @JsonProperty String server,
        @JsonProperty String host,
        @JsonProperty String user,
        @JsonProperty String from,
        @JsonProperty String method,
        @JsonProperty String path,
        @JsonProperty String rule,
        @JsonProperty String context,
        @JsonProperty int status,
        @JsonProperty List<String> denials) {}
