// SPDX-License-Identifier: Apache-2.0
// Asynchronous processing of which each part that Tomcat runs is confined.
package io.github.tomcatselinux;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.ExceptionUtils;
import org.apache.tomcat.util.res.StringManager;

/**
 * A dispatch comes back through the pipeline. Listeners, which Tomcat would call on a thread of the server's, are called on a
 * confined one. Whatever ends in an error is answered here: Tomcat would look for the application's page, and run it as the
 * server.
 */
final class ConfinedAsyncContext implements AsyncContext {
    private static final Logger LOG = LogManager.getLogger(SelinuxValve.class);
    private static final StringManager SM = StringManager.getManager(ConfinedAsyncContext.class);

    private final Governor governor;
    private final Request request;
    private final AsyncContext tomcats;
    private final List<Listening> listening = new CopyOnWriteArrayList<>();

    /** Whether it is said what comes next. */
    private volatile boolean decided;

    /** Whether nothing comes any more: Tomcat holds a lock then, which these calls would wait for. */
    private volatile boolean over;

    /** A listener of the application's, and what it wants to be told of. */
    private record Listening(AsyncListener listener, ServletRequest request, ServletResponse response) {}

    /** One of the events. */
    private interface Call {
        void on(AsyncListener listener, AsyncEvent event) throws IOException;
    }

    private ConfinedAsyncContext(Governor governor, Request request, AsyncContext tomcats) {
        this.governor = governor;
        this.request = request;
        this.tomcats = tomcats;
    }

    /** Stands before what Tomcat has just begun. */
    static ConfinedAsyncContext of(Governor governor, Request request, AsyncContext tomcats) {
        ConfinedAsyncContext ours = new ConfinedAsyncContext(governor, request, tomcats);
        tomcats.addListener(ours.new Events());
        return ours;
    }

    @Override
    public void dispatch() {
        next(() -> tomcats.dispatch());
    }

    @Override
    public void dispatch(String path) {
        next(() -> tomcats.dispatch(path));
    }

    @Override
    public void dispatch(ServletContext context, String path) {
        next(() -> tomcats.dispatch(context, path));
    }

    @Override
    public void complete() {
        next(() -> tomcats.complete());
    }

    /** Does what the application says, or ends what has become an error meanwhile. */
    private void next(Runnable step) {
        if (over) {
            throw new IllegalStateException(SM.getString("async.over"));
        }
        if (request.getResponse().isErrorReportRequired()) {
            end(request.getResponse().getStatus(), Optional.empty());
        } else {
            decided = true;
            try {
                step.run();
            } catch (RuntimeException refused) {
                decided = false;
                throw refused;
            }
        }
    }

    /** Answers with a status and nothing of the application's, unless that is done already. */
    private void end(int status, Optional<Configuration> anew) {
        Response response = request.getResponse();
        boolean answered = response.isError() && !response.isErrorReportRequired();
        if (!answered) {
            PlainAnswer.send(request, response, status, anew);
        }
        tomcats.complete();
    }

    @Override
    public void start(Runnable work) {
        throw new IllegalStateException(SM.getString("async.start"));
    }

    @Override
    public void addListener(AsyncListener listener) {
        addListener(listener, tomcats.getRequest(), tomcats.getResponse());
    }

    @Override
    public void addListener(AsyncListener listener, ServletRequest request, ServletResponse response) {
        listening.add(new Listening(listener, request, response));
    }

    @Override
    public <T extends AsyncListener> T createListener(Class<T> kind) throws ServletException {
        return tomcats.createListener(kind);
    }

    @Override
    public ServletRequest getRequest() {
        return tomcats.getRequest();
    }

    @Override
    public ServletResponse getResponse() {
        return tomcats.getResponse();
    }

    @Override
    public boolean hasOriginalRequestAndResponse() {
        return tomcats.hasOriginalRequestAndResponse();
    }

    @Override
    public void setTimeout(long milliseconds) {
        tomcats.setTimeout(milliseconds);
    }

    @Override
    public long getTimeout() {
        return tomcats.getTimeout();
    }

    /** Calls the application's listeners, on a confined thread. */
    private void tell(Call call, Throwable thrown) {
        if (listening.isEmpty()) {
            return;
        }
        try {
            ConfinedDispatch.again(governor, request, () -> {
                for (Listening one : listening) {
                    AsyncEvent event = new AsyncEvent(this, one.request(), one.response(), thrown);
                    try {
                        call.on(one.listener(), event);
                    } catch (Throwable failed) {
                        ExceptionUtils.handleThrowable(failed);
                        ServerErrand.log(() -> LOG.warn(
                                SM.getString(
                                        "async.listener",
                                        one.listener().getClass().getName()),
                                failed));
                    }
                }
            });
        } catch (Throwable failed) {
            ExceptionUtils.handleThrowable(failed);
            // No thread: they are told nothing, as the server neither.
            ServerErrand.log(() -> LOG.error(SM.getString("async.untold"), failed));
        }
    }

    /** What Tomcat tells, on whichever thread. */
    private final class Events implements AsyncListener {
        @Override
        public void onComplete(AsyncEvent event) {
            over = true;
            tell(AsyncListener::onComplete, null);
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            decided = false;
            tell(AsyncListener::onTimeout, null);
            endUndecided();
        }

        @Override
        public void onError(AsyncEvent event) {
            decided = false;
            tell(AsyncListener::onError, event.getThrowable());
            endUndecided();
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            tell(AsyncListener::onStartAsync, null);
        }

        private void endUndecided() {
            if (!decided) {
                end(HttpServletResponse.SC_INTERNAL_SERVER_ERROR, Optional.of(governor.configuration()));
            }
        }
    }
}
