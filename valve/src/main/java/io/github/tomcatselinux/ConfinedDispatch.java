// SPDX-License-Identifier: Apache-2.0
// Runs a part of a request's pipeline on a confined thread, so that nobody notices but the kernel.
package io.github.tomcatselinux;

import io.github.tomcatselinux.files.RequestFiles;
import io.github.tomcatselinux.threads.ConfinedThreads;
import io.github.tomcatselinux.threads.Task;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.Optional;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Request;
import org.apache.catalina.core.StandardContext;

/**
 * Takes over what Tomcat has bound to the thread that the request came on: the class loader, what an embedder binds, and
 * to Coyote, which thread the request's is (non-blocking reads and writes would wait for each other otherwise).
 */
final class ConfinedDispatch {
    private ConfinedDispatch() {}

    /**
     * Runs it and waits for it. Where the calling thread is confined already, for this request since no other reaches it,
     * it goes on there: RewriteValve sends a request through the pipeline again and knows by the thread that it has.
     *
     * @param named the context that a rule names
     * @throws io.github.tomcatselinux.launcher.HelperException if there is no thread in that context: nothing has run
     */
    static void run(Governor governor, RequestScope scope, String named, Request request, Task rest)
            throws IOException, ServletException {
        if (ConfinedThreads.isCurrent()) {
            rest.run();
            return;
        }
        Context application = request.getContext();
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try {
            governor.threads().run(application, named, scope.id(), context -> {
                scope.onThread(context);
                take(application, scope, loader, request, rest);
            });
        } finally {
            request.getCoyoteRequest().setRequestThread();
        }
    }

    /**
     * Runs it in the context that the request has now and waits for it. Where the calling thread, which serves the request
     * and is confined, is in a wider one, that is on another: the thread of the server's that waits for this one starts it,
     * since no confined thread may.
     *
     * @throws io.github.tomcatselinux.launcher.HelperException if there is no thread in that context: nothing has run
     */
    static void inForce(Governor governor, RequestScope scope, Request request, Task rest)
            throws IOException, ServletException {
        String named = scope.contextInForce();
        if (governor.threads().isCurrentIn(named)) {
            rest.run();
            return;
        }
        Context application = request.getContext();
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try {
            ConfinedThreads.onServer(() -> {
                governor.threads().runNarrowed(application, named, scope.id(), context -> {
                    scope.onThread(context);
                    take(application, scope, loader, request, rest);
                });
                return null;
            });
        } finally {
            request.getCoyoteRequest().setRequestThread();
        }
    }

    /**
     * Runs something of a request that has left the pipeline and goes on asynchronously, in the context that was decided.
     *
     * @throws io.github.tomcatselinux.launcher.HelperException if it has none, or there is no thread in it
     */
    static void again(Governor governor, Request request, Task task) throws IOException, ServletException {
        if (ConfinedThreads.isCurrent()) {
            task.run();
            return;
        }
        try (RequestScope scope = RequestScope.open(governor, request)) {
            run(governor, scope, scope.contextInForce(), request, task);
        }
    }

    private static void take(Context application, RequestScope scope, ClassLoader loader, Request request, Task rest)
            throws IOException, ServletException {
        Thread thread = Thread.currentThread();
        ClassLoader own = thread.getContextClassLoader();
        request.getCoyoteRequest().setRequestThread();
        thread.setContextClassLoader(loader);
        RequestFiles.bind(Optional.of(scope));
        try {
            bind(application, true);
            rest.run();
        } finally {
            bind(application, false);
            RequestFiles.bind(Optional.empty());
            thread.setContextClassLoader(own);
        }
    }

    private static void bind(Context application, boolean begins) {
        if (application instanceof StandardContext standard && standard.getThreadBindingListener() != null) {
            if (begins) {
                standard.getThreadBindingListener().bind();
            } else {
                standard.getThreadBindingListener().unbind();
            }
        }
    }
}
