// SPDX-License-Identifier: Apache-2.0
// What an application that authenticates inside declares behind its security filter: decides again, and only narrows.
package io.github.tomcatselinux;

import io.github.tomcatselinux.files.ConfinedRoot;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.catalina.Globals;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.res.StringManager;

/**
 * Has the {@link SelinuxValve}'s rules decide a request once more, by the user and the roles that the application's own
 * filters have put into it, and runs the rest of the chain on a confined thread of that context. It only narrows: the
 * context has to be one that the valve's own decision allows. Where there is no such decision, the request is refused.
 *
 * <p>To be declared by {@code web.xml}, or by a registration that calls {@link #init}, for the dispatcher type
 * {@code REQUEST} alone. Init parameters are described in {@code docs/filter.md}.
 */
public final class SelinuxFilter implements Filter {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(SelinuxFilter.class);

    private static final String REQUIRE_USER = "requireUser";
    private static final String TASK_DECORATOR = "taskDecorator";
    private static final List<String> KNOWN = List.of(REQUIRE_USER, TASK_DECORATOR);

    private volatile Optional<TaskDecorator> decorator = Optional.empty();
    private volatile boolean requireUser;
    private volatile boolean reported;

    /** Called by Tomcat, or by an application that registers it. */
    public SelinuxFilter() {
        // Works from init() on.
    }

    /**
     * Reads the init parameters.
     *
     * @throws ServletException if one of them is wrong, or no SelinuxValve governs the application, which does not start then
     */
    @Override
    public void init(FilterConfig config) throws ServletException {
        for (String name : Collections.list(config.getInitParameterNames())) {
            if (!KNOWN.contains(name)) {
                throw new ServletException(SM.getString("filter.unknown", name, String.join(", ", KNOWN)));
            }
        }
        String required =
                Optional.ofNullable(config.getInitParameter(REQUIRE_USER)).orElse("false");
        if (!required.equals("true") && !required.equals("false")) {
            throw new ServletException(SM.getString("filter.choice", REQUIRE_USER, required));
        }
        reported = ReportValve.governs(config.getServletContext());
        if (!reported && !(config.getServletContext().getAttribute(Globals.RESOURCES_ATTR) instanceof ConfinedRoot)) {
            throw new ServletException(SM.getString("filter.noValve"));
        }
        requireUser = required.equals("true");
        decorator = Optional.of(TaskDecorator.of(
                Optional.ofNullable(config.getInitParameter(TASK_DECORATOR)),
                config.getServletContext().getClassLoader()));
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (reported) {
            chain.doFilter(request, response);
            return;
        }
        Optional<RequestScope> scope = RequestScope.current();
        Optional<Narrowing> narrowing = scope.flatMap(Narrowing::of);
        if (decorator.isEmpty() || narrowing.isEmpty() || !(request instanceof HttpServletRequest asked)) {
            String who = scope.map(RequestScope::describe).orElse("-");
            String why = SM.getString(decorator.isEmpty() ? "filter.noInit" : "filter.noBound", who);
            ServerErrand.log(() -> LOG.error(why));
            ((HttpServletResponse) response).sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return;
        }
        if (asked.getDispatcherType() != DispatcherType.REQUEST) {
            narrowing.get().refuse(SM.getString("filter.dispatcher", asked.getDispatcherType()));
            return;
        }
        if (narrowing.get().narrow(asked, requireUser)) {
            decorator.get().run(() -> chain.doFilter(request, response), narrowing.get()::run);
        }
    }
}
