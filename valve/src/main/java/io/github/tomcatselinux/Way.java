// SPDX-License-Identifier: Apache-2.0
// How a request that a rule applies to can be served.
package io.github.tomcatselinux;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Request;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.res.StringManager;

/** The ways of dispatch. What has no way is refused, never served without one. */
sealed interface Way {

    /** {@code DefaultServlet} runs, and every file that it asks for comes from the request's helper. */
    record Files() implements Way {}

    /** There is no way yet. */
    record None(String reason) implements Way {}

    /** The one servlet that asks for files and does nothing else. */
    String DEFAULT_SERVLET = "org.apache.catalina.servlets.DefaultServlet";

    /** Stylesheets are programs, and the JVM would run them as the server. */
    List<String> STYLESHEETS = List.of("localXsltFile", "contextXsltFile", "globalXsltFile");

    /** The way for a request whose mapping is complete. */
    static Way of(Request request, Context context, Wrapper wrapper) {
        StringManager sm = StringManager.getManager(Way.class);
        if (!DEFAULT_SERVLET.equals(wrapper.getServletClass())) {
            return new None(sm.getString("way.servlet", wrapper.getName(), wrapper.getServletClass()));
        }
        for (String stylesheet : STYLESHEETS) {
            if (wrapper.findInitParameter(stylesheet) != null) {
                return new None(sm.getString("way.stylesheet", wrapper.getName(), stylesheet));
            }
        }
        String method = request.getMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return new None(sm.getString("way.method", LogText.quote(method.toUpperCase(Locale.ROOT))));
        }
        Optional<String> filter = FilterMatch.of(
                context,
                FilterMap.REQUEST,
                request.getRequestPathMB().toString(),
                wrapper.getName(),
                request.getHeader("Upgrade") != null);
        return filter.<Way>map(name -> new None(sm.getString("way.filter", name)))
                .orElseGet(Files::new);
    }
}
