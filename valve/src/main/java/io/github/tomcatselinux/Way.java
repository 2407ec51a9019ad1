// SPDX-License-Identifier: Apache-2.0
// How a request that a rule applies to can be served.
package io.github.tomcatselinux;

import java.util.Locale;
import java.util.Optional;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Request;
import org.apache.tomcat.util.res.StringManager;

/** The ways of dispatch. What has no way is refused, never served without one. */
sealed interface Way {

    /** {@code DefaultServlet} runs, and every file that it asks for comes from the request's helper. */
    record Files() implements Way {}

    /** There is no way yet. */
    record None(String reason) implements Way {}

    /** The way for a request whose mapping is complete. */
    static Way of(Request request, Context context, Wrapper wrapper) {
        StringManager sm = StringManager.getManager(Way.class);
        if (!"org.apache.catalina.servlets.DefaultServlet".equals(wrapper.getServletClass())) {
            return new None(sm.getString("way.servlet", wrapper.getName(), wrapper.getServletClass()));
        }
        String method = request.getMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return new None(sm.getString("way.method", method.toUpperCase(Locale.ROOT)));
        }
        Optional<String> filter = FilterMatch.of(request, context, wrapper);
        return filter.<Way>map(name -> new None(sm.getString("way.filter", name)))
                .orElseGet(Files::new);
    }
}
