// SPDX-License-Identifier: Apache-2.0
// Which Tomcat all these tests run on: what is compiled for 11 is tested on 10.1 as well.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.catalina.util.ServerInfo;
import org.junit.jupiter.api.Test;

class TomcatVersionTest {
    @Test
    void isTheOneThatTheBuildAskedForAndTheOnlyOne() throws Exception {
        String expected = System.getProperty("tomcat.expected");
        assertTrue(ServerInfo.getServerNumber().startsWith(expected), ServerInfo.getServerNumber());
        assertEquals(
                1,
                getClass()
                        .getClassLoader()
                        .resources("org/apache/catalina/core/StandardContext.class")
                        .count());
    }
}
