// SPDX-License-Identifier: Apache-2.0
// Address literals, and what must never be taken for one.
package io.github.tomcatselinux.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "0.0.0.0, 0.0.0.0",
        "255.255.255.255, 255.255.255.255",
        "0:0:0:0:0:0:0:1, ::1",
        "::, ::",
        "[::1], ::1",
        "2001:DB8::A, 2001:db8::a",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "fe80::1%eth0, fe80::1",
        "fe80:0:0:0:0:0:0:1%2, fe80::1",
        "fe80::1%azAZ09_.-, fe80::1",
        "[fe80::1%eth0.100], fe80::1",
        "::ffff:192.0.2.1, 192.0.2.1",
        "::FFFF:c000:201, 192.0.2.1",
        "0:0:0:0:0:ffff:192.0.2.1, 192.0.2.1",
        "[::ffff:192.0.2.1], 192.0.2.1",
        "64:ff9b::192.0.2.1, 64:ff9b::c000:201",
        "::192.0.2.1, ::c000:201",
    })
    void readsLiteralsAsTomcatAndProxiesWriteThem(String literal, String canonical) {
        assertEquals(Optional.of(canonical), IpAddress.parse(literal).map(IpAddress::toString));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "unknown",
                "localhost",
                "example.com",
                "010.0.0.1",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.4 ",
                "256.1.1.1",
                "1.2.3.0x4",
                "1..2.3",
                "1.2.3.",
                ".1.2.3",
                "+1.2.3.4",
                "16909060",
                "1.2.3.4/8",
                "1.2.3.4:80",
                "1.2.3.4%eth0",
                "[1.2.3.4]",
                "[::1",
                "::1]",
                "[]",
                "[::1]:80",
                ":",
                ":::",
                "1::2::3",
                "::1::",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "::1:2:3:4:5:6:7:8",
                ":1:2:3:4:5:6:7:8",
                "1:2:3:4:5:6:7:8:",
                "12345::",
                "g::",
                "::1.2.3",
                "1.2.3.4::",
                "::1.2.3.4:5",
                "1:2:3:4:5:6:7:1.2.3.4",
                "fe80::1%",
                "fe80::1%a b",
                "fe80::1%/",
                "fe80::1%:",
                "fe80::1%@",
                "fe80::1%[",
                "fe80::1%`",
                "fe80::1%{",
                "\u0661.2.3.4",
                "\uff11::",
            })
    void takesNothingElseForAnAddress(String text) {
        assertEquals(Optional.empty(), IpAddress.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "192.168.1.0/24, 192.168.1.255, true",
        "192.168.1.0/24, 192.168.2.0, false",
        "192.168.1.0/24, ::ffff:192.168.1.7, true",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, ::1, false",
        "::/0, 2001:db8::1, true",
        "::/0, 203.0.113.9, false",
        "::ffff:10.0.0.0/104, 10.9.9.9, true",
        "::ffff:0:0/96, 203.0.113.9, true",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:db8::/32, 2001:db9::, false",
        "2001:db8:0:0:8000::/65, 2001:db8::ffff:0:0:1, true",
        "2001:db8:0:0:8000::/65, 2001:db8::7fff:0:0:1, false",
        "2001:db8::1, 2001:db8::1, true",
        "2001:db8::1, 2001:db8::2, false",
    })
    void aNetworkHoldsTheAddressesBehindItsPrefix(String network, String address, boolean inside) {
        Network parsed = NetworkSyntax.read(network).network().orElseThrow();
        assertEquals(inside, parsed.contains(IpAddress.parse(address).orElseThrow()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "10.0.0.0/08",
                "10.0.0.0/255.0.0.0",
                "10.0.0.0/8/8",
                "::/129",
                "::ffff:10.0.0.0/95",
                "fe80::1%eth0",
                "fe80::1%eth0/64",
                "[::1]",
                "[::1]/128",
                "010.0.0.0/8",
                "1.2.3/24",
            })
    void refusesWhatIsNotANetwork(String text) {
        NetworkSyntax.Reading reading = NetworkSyntax.read(text);
        assertTrue(reading.network().isEmpty());
        assertFalse(reading.problem().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.0/8, 10.0.0.0/8", "1.2.3.5/31, 1.2.3.4/31", "2001:DB8:0::/32, 2001:db8::/32", "::1, ::1"})
    void aNetworkPrintsInOneForm(String text, String canonical) {
        Network network = NetworkSyntax.read(text).network().orElseThrow();
        assertEquals(canonical, network.toString());
        assertEquals(network, NetworkSyntax.read(network.toString()).network().orElseThrow());
    }

    /** A colon keeps the JDK from asking a name server. */
    @Test
    void readsAnAddressAsTheJdkDoesWheneverItReadsOne() throws UnknownHostException {
        SplittableRandom random = new SplittableRandom(11);
        List<String> pieces =
                List.of(":", ":", "::", "0", "1", "ffff", "2001", "db8", "a", "1.2.3.4", "255.0.0.1", "00ff");
        int read = 0;
        for (int i = 0; i < 300_000; i++) {
            StringBuilder text = new StringBuilder(":");
            text.setLength(random.nextInt(2));
            for (int count = 1 + random.nextInt(17); count > 0; count--) {
                text.append(pieces.get(random.nextInt(pieces.size())));
            }
            Optional<IpAddress> address = IpAddress.parse(text.toString());
            if (address.isPresent() && text.indexOf(":") >= 0) {
                read++;
                assertEquals(
                        InetAddress.getByName(text.toString()),
                        InetAddress.getByName(address.get().toString()),
                        text.toString());
            }
        }
        assertTrue(read > 5_000, "only " + read);
    }
}
