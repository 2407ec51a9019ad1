// SPDX-License-Identifier: Apache-2.0
// Who may see what of an application's folder.
package io.github.tomcatselinux.files;

import java.util.Optional;

/**
 * The way in which a path is looked up, decided by who asks. This is the table that keeps the server from reading a
 * file on behalf of a client:
 *
 * <table>
 *   <tr><th>who asks</th><th>WEB-INF, META-INF</th><th>everything else</th></tr>
 *   <tr><td>a request, in whatever state the application is</td><td>direct</td><td>as its verdict says</td></tr>
 *   <tr><td>the application while it starts or stops</td><td>direct</td><td>direct</td></tr>
 *   <tr><td>anyone else: Mapper, background thread</td><td>direct</td><td>existence only</td></tr>
 * </table>
 *
 * Clients cannot name WEB-INF and META-INF: {@code StandardContextValve} answers 404.
 */
public enum View {
    /** The server reads it itself. */
    DIRECT,
    /** The server may tell whether it is there, and never opens it. */
    EXISTENCE,
    /** The request's helper is asked. */
    HELPER;

    static View of(String path, boolean applicationAvailable, Optional<RequestFiles> request) {
        if (isServerOnly(path)) {
            return DIRECT;
        }
        if (request.isPresent()) {
            return request.get().view();
        }
        return applicationAvailable ? EXISTENCE : DIRECT;
    }

    static boolean isServerOnly(String path) {
        return isBelow(path, "/WEB-INF") || isBelow(path, "/META-INF");
    }

    private static boolean isBelow(String path, String folder) {
        return path.startsWith(folder) && (path.length() == folder.length() || path.charAt(folder.length()) == '/');
    }
}
