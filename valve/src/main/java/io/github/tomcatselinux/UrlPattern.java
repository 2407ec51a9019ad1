// SPDX-License-Identifier: Apache-2.0
// The URL patterns of servlet and filter mappings.
package io.github.tomcatselinux;

/** Jakarta Servlet 6, section 12.2, with Tomcat's reading of it. */
final class UrlPattern {
    private UrlPattern() {}

    /** Whether a pattern other than the default {@code /} matches a path within the application. */
    static boolean matches(String pattern, String path) {
        if (pattern.equals(path) || pattern.equals("/*")) {
            return true;
        }
        if (pattern.endsWith("/*")) {
            String folder = pattern.substring(0, pattern.length() - 2);
            return path.equals(folder) || path.startsWith(folder + "/");
        }
        if (pattern.startsWith("*.")) {
            String name = path.substring(path.lastIndexOf('/') + 1);
            int period = name.lastIndexOf('.');
            return period >= 0
                    && name.length() > period + 1
                    && name.substring(period).equals(pattern.substring(1));
        }
        return pattern.isEmpty() && path.equals("/");
    }
}
