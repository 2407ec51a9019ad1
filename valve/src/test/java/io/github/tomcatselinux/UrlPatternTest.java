// SPDX-License-Identifier: Apache-2.0
// The patterns mean what Tomcat takes them for.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.apache.catalina.util.FilterUtil;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.junit.jupiter.api.Test;

class UrlPatternTest {
    private static final List<String> PATTERNS =
            List.of("/*", "/a/*", "/a/b/*", "*.txt", "*.t", "*.tar.gz", "/a", "/a/", "/a.txt", "", "/.txt", "*.");

    private static final List<String> PATHS = List.of(
            "/",
            "/a",
            "/a/",
            "/ab",
            "/a/b",
            "/a/b/",
            "/a/b/c.txt",
            "/.txt",
            "/x/.txt",
            "/a.txt",
            "/a.txt/",
            "/a.txt.gz",
            "/a.tar.gz",
            "/a.",
            "/.",
            "/a.TXT",
            "/a.t/x",
            "/txt");

    @Test
    void matchesWhatTomcatMatches() {
        for (String pattern : PATTERNS) {
            FilterMap map = new FilterMap();
            map.addURLPatternDecoded(pattern);
            for (String path : PATHS) {
                assertEquals(
                        FilterUtil.matchFiltersURL(map, path),
                        UrlPattern.matches(pattern, path),
                        "pattern [" + pattern + "], path [" + path + "]");
            }
        }
    }
}
