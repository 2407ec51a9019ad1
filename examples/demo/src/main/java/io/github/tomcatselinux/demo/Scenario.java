// SPDX-License-Identifier: Apache-2.0
// Who visits what, and what they should get.
package io.github.tomcatselinux.demo;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The demo's expectations.
 *
 * @param documents all paths of each virtual host; every visitor of a host asks for all of them
 * @param sources for what is no document itself: the file, below where the documents are, that it should tell of only to whom may
 *     know; {@code {user}} stands for the visitor
 * @param visits the visitors
 */
record Scenario(Map<String, List<String>> documents, Map<String, String> sources, List<Visit> visits) {
    private static final int FORBIDDEN = 403;
    private static final int FAILED = 500;

    /**
     * One visitor of one host.
     *
     * @param host virtual host
     * @param user who logs in; empty for an anonymous visitor
     * @param from the address that they come from
     * @param rule the line of the mapping file that should decide; empty where the host has a default only
     * @param context the domain and range that they should be served in
     * @param reads the documents that they should get; every other must be refused by the kernel
     */
    record Visit(
            String host,
            Optional<String> user,
            String from,
            Optional<Integer> rule,
            String context,
            List<String> reads) {
        @JsonCreator
        static Visit of(
                @JsonProperty(value = "host", required = true) String host,
                @JsonProperty("user") String user,
                @JsonProperty(value = "from", required = true) String from,
                @JsonProperty("rule") Integer rule,
                @JsonProperty(value = "context", required = true) String context,
                @JsonProperty(value = "reads", required = true) List<String> reads) {
            return new Visit(host, Optional.ofNullable(user), from, Optional.ofNullable(rule), context, reads);
        }
    }

    /** What a refusal looks like: servlets that do not expect one fail. */
    int refusal(String path) {
        return sources.containsKey(path) ? FAILED : FORBIDDEN;
    }

    /** The file that a visitor gets at by a path, below where the documents are. */
    String source(Visit visit, String path) {
        String source = sources.get(path);
        if (source != null) {
            return source.replace("{user}", visit.user().orElse(""));
        }
        return visit.host().replace(".example", "") + (path.equals("/") ? "/index.html" : path);
    }

    static Scenario read(Path file) throws IOException {
        return new ObjectMapper().readValue(file.toFile(), Scenario.class);
    }
}
