// SPDX-License-Identifier: Apache-2.0
// What the valve and the launcher each have a list of.
package io.github.tomcatselinux.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.tomcatselinux.launcher.ProgramConnection.Limit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProtocolNumbersTest {
    private static final Path HEADER = Path.of("../launcher/src/protocol.h");

    @Test
    void limitsHaveTheNumbersOfTheLaunchers() throws Exception {
        Map<Integer, String> theirs = Pattern.compile("(?m)^    LIMIT_(\\w+) = (\\d+),")
                .matcher(Files.readString(HEADER))
                .results()
                .collect(Collectors.toMap(found -> Integer.valueOf(found.group(2)), found -> found.group(1)));
        Map<Integer, String> ours = Stream.of(Limit.values()).collect(Collectors.toMap(Enum::ordinal, Enum::name));
        assertEquals(new TreeMap<>(theirs), new TreeMap<>(ours));
    }
}
