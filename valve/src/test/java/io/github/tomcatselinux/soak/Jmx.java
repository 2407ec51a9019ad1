// SPDX-License-Identifier: Apache-2.0
// Asks Tomcat's MBeans, by way of Tomcat's own JMXProxyServlet.
package io.github.tomcatselinux.soak;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** The default host of the server has that servlet as its root. */
final class Jmx {
    private final int port;

    Jmx(int port) {
        this.port = port;
    }

    /** A number of the valve's on this host. */
    long ofValve(String host, String attribute) throws IOException {
        return number("get=" + encoded(valve(host)) + "&att=" + attribute);
    }

    /** Octets in use behind two collections: what the first one finds unreachable may keep something until the second. */
    long heap() throws IOException {
        for (int i = 0; i < 2; i++) {
            ask("invoke=" + encoded("java.lang:type=Memory") + "&op=gc");
        }
        return number("get=" + encoded("java.lang:type=Memory") + "&att=HeapMemoryUsage&key=used");
    }

    /** Lets the valve read its mapping file, and returns what it says. */
    String reload(String host) throws IOException {
        return ask("invoke=" + encoded(valve(host)) + "&op=reload");
    }

    private long number(String query) throws IOException {
        String answer = ask(query).strip();
        return Long.parseLong(answer.substring(answer.lastIndexOf(' ') + 1));
    }

    private String ask(String query) throws IOException {
        try (InputStream in =
                URI.create("http://127.0.0.1:" + port + "/?" + query).toURL().openStream()) {
            String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (!answer.startsWith("OK - ")) {
                throw new IOException(query + ": " + answer);
            }
            return answer;
        }
    }

    private static String valve(String host) {
        return "Catalina:type=Valve,host=" + host + ".example,name=SelinuxValve";
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
