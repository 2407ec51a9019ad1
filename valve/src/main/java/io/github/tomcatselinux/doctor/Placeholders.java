// SPDX-License-Identifier: Apache-2.0
// The properties that Tomcat puts into its configuration.
package io.github.tomcatselinux.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import org.apache.tomcat.util.IntrospectionUtils;
import org.apache.tomcat.util.IntrospectionUtils.PropertySource;

/**
 * Those of {@code catalina.properties} and the two folders. What a script gives to Tomcat's JVM alone is not known here, and
 * stays as it is written.
 */
final class Placeholders {
    private static final String BEGIN = "${";

    private final Properties known = new Properties();

    /**
     * Reads {@code conf/catalina.properties}, if it is there.
     *
     * @throws IOException naming it, if it cannot be read
     */
    static Placeholders of(Path base, Optional<Path> home) throws IOException {
        Placeholders placeholders = new Placeholders();
        Path file = base.resolve("conf/catalina.properties");
        if (Files.exists(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                placeholders.known.load(in);
            } catch (IOException | IllegalArgumentException wrong) {
                throw new IOException(file + ": cannot be read: " + wrong.getMessage(), wrong);
            }
        }
        placeholders.known.setProperty("catalina.base", base.toString());
        placeholders.known.setProperty("catalina.home", home.orElse(base).toString());
        return placeholders;
    }

    /** By Tomcat's own code. */
    String filled(String text) {
        PropertySource source = known::getProperty;
        return IntrospectionUtils.replaceProperties(text, null, new PropertySource[] {source}, null);
    }

    /** Whether something in it is not known. */
    static boolean isLeft(String text) {
        return text.contains(BEGIN);
    }
}
