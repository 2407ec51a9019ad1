// SPDX-License-Identifier: Apache-2.0
// A query without "=" as the arguments of a program (RFC 3875, section 4.4).
package io.github.tomcatselinux.programs;

import jakarta.servlet.http.HttpServletRequest;
import java.io.UnsupportedEncodingException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Off unless {@code enableCmdLineArguments} says otherwise. */
final class CgiArguments {
    private static final Set<String> METHODS = Set.of("GET", "POST", "HEAD");

    private CgiArguments() {}

    /** The arguments; empty if one of them is not as it must be, and there is nothing to be run. */
    static Optional<List<byte[]>> of(HttpServletRequest request, CgiParameters parameters) {
        String query = request.getQueryString();
        List<byte[]> arguments = new ArrayList<>();
        boolean wanted = parameters.commandLine() && METHODS.contains(request.getMethod());
        if (!wanted || query == null || query.isEmpty() || query.indexOf('=') >= 0) {
            return Optional.of(arguments);
        }
        for (String encoded : query.split("\\+", -1)) {
            if (encoded.isEmpty()) {
                continue;
            }
            Optional<String> argument = decode(encoded, parameters);
            if (argument.isEmpty()) {
                return Optional.empty();
            }
            arguments.add(argument.get().getBytes(StandardCharsets.UTF_8));
        }
        return Optional.of(arguments);
    }

    private static Optional<String> decode(String encoded, CgiParameters parameters) {
        if (parameters.encodedArguments().isPresent()
                && !parameters.encodedArguments().get().matcher(encoded).matches()) {
            return Optional.empty();
        }
        try {
            String decoded = URLDecoder.decode(encoded, parameters.encoding());
            boolean good = decoded.indexOf('\0') < 0
                    && parameters
                            .decodedArguments()
                            .map(pattern -> pattern.matcher(decoded).matches())
                            .orElse(true);
            return good ? Optional.of(decoded) : Optional.empty();
        } catch (UnsupportedEncodingException | IllegalArgumentException wrong) {
            return Optional.empty();
        }
    }
}
