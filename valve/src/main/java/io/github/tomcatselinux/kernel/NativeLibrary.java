// SPDX-License-Identifier: Apache-2.0
// Loads native libraries through JNA.
package io.github.tomcatselinux.kernel;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** JNA looks at system properties once, as it is loaded; an application's own JNA is not to see ours. */
public final class NativeLibrary {
    /** Where packages put JNA's own library, labelled as one; else JNA unpacks it, and must be allowed to run that. */
    private static final Path PACKAGED = Path.of("/usr/lib/tomcat-selinux");

    private NativeLibrary() {}

    /**
     * The library as Java sees it. To be called by a thread of the server's.
     *
     * @throws LinkageError if there is none, or JNA itself cannot be loaded
     */
    public static synchronized <L extends Library> L load(String name, Class<L> functions, Map<String, ?> options) {
        Map<String, String> properties = new LinkedHashMap<>();
        // Not asked of ldconfig, which the server may not run.
        properties.put("jna.platform.library.path", "");
        // Not the home of the server's user, where it may write nothing.
        properties.put("jna.tmpdir", System.getProperty("java.io.tmpdir"));
        if (Files.isDirectory(PACKAGED)) {
            properties.put("jna.boot.library.path", PACKAGED.toString());
        }
        Map<String, String> before = new LinkedHashMap<>();
        properties.forEach((property, value) -> before.put(property, System.setProperty(property, value)));
        try {
            return Native.load(name, functions, options);
        } finally {
            before.forEach((property, value) -> {
                if (value == null) {
                    System.clearProperty(property);
                } else {
                    System.setProperty(property, value);
                }
            });
        }
    }
}
