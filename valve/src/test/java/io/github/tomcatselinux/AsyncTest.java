// SPDX-License-Identifier: Apache-2.0
// Requests that go on asynchronously, where that is allowed: whatever Tomcat runs of them is confined as decided at
// first.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AsyncTest {
    private static final Map<String, String> ALLOWED = Map.of("allowAsync", "true");

    @TempDir
    Path folder;

    private final List<String> pages = new CopyOnWriteArrayList<>();

    private static String thread() {
        return Thread.currentThread().getClass().getSimpleName();
    }

    private static void async(TestServer server, String path, ServletsTest.Body body) {
        ServletsTest.servlet(server.context, path, body).setAsyncSupported(true);
    }

    /** A thread of the application's, as its pool might have. */
    private static void later(Runnable work) {
        Thread thread = new Thread(work, "application");
        thread.setDaemon(true);
        thread.start();
    }

    /** Opens what a request carries once the thread that it came on has left it. */
    private static final class Leaving extends ValveBase {
        private static final String LEFT = "left";

        Leaving() {
            super(true);
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            getNext().invoke(request, response);
            if (request.getAttribute(LEFT) instanceof CountDownLatch left) {
                left.countDown();
            }
        }
    }

    /** As {@link #later}, but not before the thread that the request came on has left it. */
    private static void afterwards(HttpServletRequest request, Runnable work) {
        CountDownLatch left = new CountDownLatch(1);
        request.setAttribute(Leaving.LEFT, left);
        later(() -> {
            try {
                assertTrue(left.await(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS));
            } catch (InterruptedException stopped) {
                throw new IllegalStateException(stopped);
            }
            work.run();
        });
    }

    /** A server with a page for all errors, which notes who runs it. */
    private TestServer server() throws IOException {
        TestServer server = new TestServer(folder);
        ServletsTest.servlet(server.context, "/page", (request, response) -> {
            pages.add(thread());
            response.getWriter().print("page");
        });
        for (int status : List.of(409, 500)) {
            ErrorPage page = new ErrorPage();
            page.setErrorCode(status);
            page.setLocation("/page");
            server.context.addErrorPage(page);
        }
        return server;
    }

    @Test
    void dispatchesToAServletOnAConfinedThreadAsDecidedAtFirst() throws Exception {
        try (TestServer server = server()) {
            async(server, "/async", (request, response) -> {
                // Who logs in afterwards is served as who they were.
                request.login("kaigai", "kaigai");
                AsyncContext context = request.startAsync();
                assertTrue(request.isAsyncStarted());
                assertEquals(context, request.getAsyncContext());
                if (request.getParameter("later") == null) {
                    context.dispatch("/target");
                } else {
                    later(() -> context.dispatch("/target"));
                }
            });
            async(server, "/target", (request, response) -> {
                String rule = (String) request.getAttribute(RequestScope.RULE_ATTRIBUTE);
                response.getWriter()
                        .print(thread() + " " + request.getDispatcherType() + " " + rule + " "
                                + request.getRemoteUser());
            });
            server.mapping("map", "kaigai a_webapp_t:s0", "* b_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map", "allowAsync", "true"))
                    .start();
            for (String path : List.of("/async", "/async?later")) {
                assertEquals(
                        "ConfinedThread ASYNC map:2 kaigai", server.get(path).body());
            }
        }
    }

    @Test
    void dispatchesToItselfAndGoesOnMoreThanOnce() throws Exception {
        try (TestServer server = server()) {
            async(server, "/again", (request, response) -> {
                Integer before = (Integer) request.getAttribute("count");
                int count = before == null ? 1 : before + 1;
                request.setAttribute("count", count);
                response.getWriter().print(thread() + count + " ");
                if (count < 4) {
                    AsyncContext context = request.startAsync(request, response);
                    later(context::dispatch);
                }
            });
            server.onHost(ALLOWED).start();
            assertEquals(
                    "ConfinedThread1 ConfinedThread2 ConfinedThread3 ConfinedThread4 ",
                    server.get("/again").body());
        }
    }

    @Test
    void dispatchesToFilesOfTheHelper() throws Exception {
        try (TestServer server = server()) {
            async(server, "/async", (request, response) -> {
                AsyncContext context = request.startAsync();
                String to = request.getParameter("to");
                later(() -> context.dispatch(to));
            });
            server.document("a.txt", "a")
                    .document("secret.txt", "of others")
                    .forbid("secret.txt")
                    .onHost(ALLOWED)
                    .start();
            assertEquals("a", server.get("/async?to=/a.txt").body());
            // The request passes the access log twice: when it goes on without a thread, and when it ends.
            Await.until(
                    "no helper served it",
                    () -> server.attribute("/async", RequestScope.HELPER_ATTRIBUTE)
                            .isPresent());
            HttpResponse<String> denied = server.get("/async?to=/secret.txt");
            assertEquals(403, denied.statusCode());
            assertFalse(denied.body().contains("of others"));
        }
    }

    @Test
    void completesWhatAThreadOfTheApplicationHasWritten() throws Exception {
        try (TestServer server = server()) {
            async(server, "/async", (request, response) -> {
                AsyncContext context = request.startAsync();
                later(() -> {
                    try {
                        context.getResponse().getOutputStream().print("written");
                        context.complete();
                    } catch (IOException failed) {
                        throw new IllegalStateException(failed);
                    }
                });
            });
            server.onHost(ALLOWED).start();
            assertEquals("written", server.get("/async").body());
        }
    }

    /** Notes what it is told, and where. */
    private static final class Listener implements AsyncListener {
        private final List<String> told;
        private final boolean answers;

        Listener(List<String> told, boolean answers) {
            this.told = told;
            this.answers = answers;
        }

        @Override
        public void onComplete(AsyncEvent event) {
            told.add("complete " + thread());
            // Tomcat's would refuse that as well.
            assertThrows(
                    IllegalStateException.class, () -> event.getAsyncContext().complete());
        }

        @Override
        public void onTimeout(AsyncEvent event) throws IOException {
            told.add("timeout " + thread());
            if (answers) {
                event.getSuppliedResponse().getWriter().print("too late");
                event.getAsyncContext().complete();
            }
        }

        @Override
        public void onError(AsyncEvent event) {
            told.add("error " + thread() + " " + event.getThrowable().getMessage());
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            told.add("start " + thread());
        }
    }

    @Test
    void endsWhatNobodyEndsWithoutThePageOfTheApplication() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        try (TestServer server = server()) {
            async(server, "/async", (request, response) -> {
                AsyncContext context = request.startAsync();
                context.setTimeout(100);
                if (request.getParameter("listen") != null) {
                    context.addListener(new Listener(told, "answer".equals(request.getParameter("listen"))));
                }
            });
            server.onHost(ALLOWED).start();
            HttpResponse<String> late = server.get("/async");
            assertEquals(500, late.statusCode());
            assertEquals("500: the request could not be served.\n", late.body());
            assertEquals(500, server.get("/async?listen=only").statusCode());
            assertEquals("too late", server.get("/async?listen=answer").body());
            Await.until("not all events", () -> told.size() == 4);
            assertEquals(
                    List.of(
                            "timeout ConfinedThread",
                            "complete ConfinedThread",
                            "timeout ConfinedThread",
                            "complete ConfinedThread"),
                    told);
            assertEquals(List.of(), pages);
        }
    }

    @Test
    void answersErrorsConfinedOrPlainly() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        try (TestServer server = server()) {
            async(server, "/async", (request, response) -> {
                AsyncContext context = request.startAsync();
                context.addListener(new Listener(told, false));
                later(() -> context.dispatch("/throw"));
            });
            async(server, "/throw", (request, response) -> {
                throw new IllegalStateException("thrown");
            });
            async(server, "/first", (request, response) -> {
                request.startAsync().addListener(new Listener(told, false));
                throw new IllegalStateException("at once");
            });
            async(server, "/send", (request, response) -> {
                AsyncContext context = request.startAsync();
                String how = request.getParameter("how");
                // Earlier, it would be answered as what the servlet itself has done.
                afterwards(request, () -> {
                    try {
                        response.sendError(409);
                    } catch (IOException failed) {
                        throw new IllegalStateException(failed);
                    }
                    if (how.equals("complete")) {
                        context.complete();
                    } else {
                        context.dispatch("/page");
                    }
                });
            });
            server.tomcat.getEngine().getPipeline().addValve(new Leaving());
            server.onHost(ALLOWED).start();
            HttpResponse<String> thrown = server.get("/async");
            assertEquals(500, thrown.statusCode());
            assertEquals("page", thrown.body());
            assertEquals(List.of("ConfinedThread"), pages);
            for (String how : List.of("complete", "dispatch")) {
                HttpResponse<String> sent = server.get("/send?how=" + how);
                assertEquals(409, sent.statusCode());
                assertEquals("409: the request could not be served.\n", sent.body());
            }
            HttpResponse<String> first = server.get("/first");
            assertEquals(500, first.statusCode());
            assertEquals("page", first.body());
            assertEquals(List.of("ConfinedThread", "ConfinedThread"), pages);
            Await.until("the listener was not told", () -> told.contains("error ConfinedThread at once"));
            assertEquals(200, server.get("/page").statusCode());
        }
    }

    private static void said(HttpServletResponse response, Runnable refused) throws IOException {
        response.getWriter()
                .println(assertThrows(IllegalStateException.class, refused::run).getMessage());
    }

    @Test
    void refusesWhatWouldRunOnThreadsOfTheServer() throws Exception {
        try (TestServer server = server()) {
            async(server, "/start", (request, response) -> {
                AsyncContext context = request.startAsync();
                try {
                    said(response, () -> context.start(() -> {}));
                    said(response, () -> listenTo(request));
                } finally {
                    context.complete();
                }
            });
            async(server, "/write", (request, response) -> {
                AsyncContext context = request.startAsync();
                try {
                    IllegalStateException refused = assertThrows(
                            IllegalStateException.class,
                            () -> response.getOutputStream().setWriteListener(null));
                    response.getOutputStream().print(refused.getMessage());
                } finally {
                    context.complete();
                }
            });
            async(server, "/unwrapped", (request, response) -> {
                said(response, ((HttpServletRequestWrapper) request).getRequest()::startAsync);
            });
            ServletsTest.servlet(server.context, "/without", (request, response) -> {
                        response.getWriter().println(request.isAsyncSupported());
                        said(response, request::startAsync);
                    })
                    .setAsyncSupported(false);
            server.onHost(ALLOWED).start();
            List<String> lines = server.get("/start").body().lines().toList();
            assertTrue(lines.get(0).contains("dispatch() to a servlet"), lines.get(0));
            assertTrue(lines.get(1).contains("a listener would read or write"), lines.get(1));
            assertTrue(server.get("/write").body().contains("a listener would read or write"));
            assertTrue(server.get("/unwrapped").body().contains("does not support asynchronous operations"));
            List<String> without = server.get("/without").body().lines().toList();
            assertEquals("false", without.get(0));
            assertTrue(without.get(1).contains("does not support asynchronous operations"), without.get(1));
        }
    }

    private static void listenTo(HttpServletRequest request) {
        try {
            request.getInputStream().setReadListener(null);
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    @Test
    void startsNoApplicationWhoseErrorsPassByTheValve() throws Exception {
        try (TestServer server = server()) {
            server.with(server.context, TestServer.valve(ALLOWED));
            assertThrows(LifecycleException.class, server::start);
            assertEquals(LifecycleState.FAILED, server.context.getState());
        }
    }
}
