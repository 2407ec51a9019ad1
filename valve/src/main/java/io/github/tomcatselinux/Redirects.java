// SPDX-License-Identifier: Apache-2.0
// Whether a program's answer may be found inside the server, without the client asking again.
package io.github.tomcatselinux;

import java.util.Arrays;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;

/**
 * A dispatch inside the server asks no security constraint again, and what it dispatches to was not looked at when the
 * request was decided. So it leads only to what needs neither: a file or a program, with no filter and no constraint.
 */
final class Redirects {
    private Redirects() {}

    static boolean passNothingBy(Context context, String target) {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        if (!ErrorPages.isPlain(target) || path.matches("(?i)/(WEB|META)-INF(/.*)?")) {
            return false;
        }
        for (SecurityConstraint constraint : context.findConstraints()) {
            boolean covers = Arrays.stream(constraint.findCollections())
                    .flatMap(collection -> Arrays.stream(collection.findPatterns()))
                    .anyMatch(pattern -> pattern.equals("/") || UrlPattern.matches(pattern, path));
            if (covers) {
                return false;
            }
        }
        for (Wrapper servlet : ErrorPages.candidates(context, path)) {
            boolean confined = ErrorPages.servesFiles(servlet) || Way.PROGRAM_SERVLET.equals(servlet.getServletClass());
            if (!confined
                    || FilterMatch.of(context, FilterMap.FORWARD, path, servlet.getName(), true)
                            .isPresent()) {
                return false;
            }
        }
        return true;
    }
}
