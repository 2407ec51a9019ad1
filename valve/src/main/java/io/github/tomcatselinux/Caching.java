// SPDX-License-Identifier: Apache-2.0
// What a response says to caches between us and the person who asked.
package io.github.tomcatselinux;

import org.apache.catalina.connector.Response;

/**
 * {@code allowCaches="false"} in the header of a response (RFC 9111, section 5.2.2). A cache that others use may not keep
 * it; the browser's own may, but has to ask again before each use, so that the kernel is asked each time. That goes for
 * refusals as well: a 404 may be kept by default, and the next one who asks may be allowed.
 */
final class Caching {
    private static final String HEADER = "Cache-Control";
    private static final String PRIVATE = "private, no-cache";

    private Caching() {}

    /** Sets the header, unless something stricter is there already. */
    static void limit(Configuration configuration, Response response) {
        String there = response.getHeader(HEADER);
        boolean strict = there != null && there.contains("no-store");
        if (!configuration.allowCaches() && !strict) {
            response.setHeader(HEADER, PRIVATE);
        }
    }
}
