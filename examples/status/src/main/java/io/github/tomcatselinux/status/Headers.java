// SPDX-License-Identifier: Apache-2.0
// What a browser is told about everything that comes from here.
package io.github.tomcatselinux.status;

import jakarta.servlet.http.HttpServletResponse;

/** No script at all, no style but the application's own file, in nobody's frame, kept by nobody. */
final class Headers {
    private static final String POLICY =
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private Headers() {}

    static void set(HttpServletResponse response) {
        response.setHeader("Content-Security-Policy", POLICY);
        response.setHeader("X-Frame-Options", "DENY");
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
        response.setHeader("Cache-Control", "no-store");
    }
}
