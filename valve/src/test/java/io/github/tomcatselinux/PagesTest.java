// SPDX-License-Identifier: Apache-2.0
// JSP: translated by the server, run by confined threads, by a real Jasper.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.pages.PageServlet;
import io.github.tomcatselinux.threads.ConfinedThreads;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.jasper.servlet.JasperInitializer;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.scan.StandardJarScanner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PagesTest {
    private static final String THREAD = "<%= Thread.currentThread().getClass().getSimpleName() %>";

    /** Notes who initialises the page. */
    private static final String INIT = "<%! private String by; public void jspInit() {"
            + " by = Thread.currentThread().getClass().getSimpleName(); } %><%= by %>";

    @TempDir
    Path folder;

    /** A server whose application has Jasper. */
    private TestServer server(String... parameters) throws IOException {
        TestServer server = new TestServer(folder);
        jasper(server.context, parameters);
        return server;
    }

    private static Wrapper jasper(Context context, String... parameters) {
        ((StandardJarScanner) context.getJarScanner()).setScanClassPath(false);
        context.addServletContainerInitializer(new JasperInitializer(), null);
        Wrapper jsp = Tomcat.addServlet(context, "jsp", "org.apache.jasper.servlet.JspServlet");
        jsp.setLoadOnStartup(3);
        for (int i = 0; i < parameters.length; i += 2) {
            jsp.addInitParameter(parameters[i], parameters[i + 1]);
        }
        context.addServletMappingDecoded("*.jsp", "jsp");
        return jsp;
    }

    private static void forwarder(TestServer server) {
        ServletsTest.servlet(
                server.context,
                "/forward",
                (request, response) ->
                        request.getRequestDispatcher(request.getParameter("to")).forward(request, response));
    }

    @Test
    void translatesAPageByTheServerAndRunsItOnAConfinedThread() throws Exception {
        try (TestServer server = server()) {
            server.document("page.jsp", THREAD + " " + INIT).onHost(Map.of()).start();
            for (int i = 0; i < 2; i++) {
                String[] threads = server.get("/page.jsp").body().split(" ", 2);
                assertEquals("ConfinedThread", threads[0]);
                assertFalse(threads[1].isEmpty());
                assertFalse(threads[1].equals("ConfinedThread"), "initialised by " + threads[1]);
            }
        }
    }

    @Test
    void translatesWhatAPageIncludesForwardsToAndItsTagFiles() throws Exception {
        try (TestServer server = server()) {
            server.document(
                            "page.jsp",
                            "<%@ taglib prefix=\"t\" tagdir=\"/WEB-INF/tags\" %><%@ include file=\"part.jspf\" %>,"
                                    + "<jsp:include page=\"/WEB-INF/included.jsp\"/>,<t:tag>body</t:tag>")
                    .document("part.jspf", "part")
                    .document("WEB-INF/included.jsp", "included " + THREAD + " " + INIT)
                    .document("WEB-INF/tags/tag.tag", "<b><jsp:doBody/> " + THREAD + "</b>")
                    .document("away.jsp", "<jsp:forward page=\"/page.jsp\"/>");
            forwarder(server);
            server.onHost(Map.of()).start();
            for (String path : List.of("/page.jsp", "/away.jsp", "/forward?to=/page.jsp")) {
                String body = server.get(path).body();
                assertTrue(body.startsWith("part,included ConfinedThread "), body);
                assertFalse(body.contains("included ConfinedThread ConfinedThread"), body);
                assertTrue(body.endsWith(",<b>body ConfinedThread</b>"), body);
            }
            assertTrue(server.get("/forward?to=/WEB-INF/included.jsp").body().startsWith("included ConfinedThread "));
            assertEquals(404, server.get("/WEB-INF/included.jsp").statusCode());
        }
    }

    /** Notes each call of what an application has wrapped a request in, and who calls. */
    public static final class WrappingFilter extends HttpFilter {
        private static final long serialVersionUID = 1L;

        /** Calls by threads that are not confined. */
        private static final AtomicInteger AS_SERVER = new AtomicInteger();

        private static final AtomicInteger CALLS = new AtomicInteger();

        private static void note() {
            CALLS.incrementAndGet();
            if (!ConfinedThreads.isCurrent()) {
                AS_SERVER.incrementAndGet();
            }
        }

        @Override
        protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            chain.doFilter(
                    new HttpServletRequestWrapper(request) {
                        @Override
                        public String getServletPath() {
                            note();
                            return super.getServletPath();
                        }

                        @Override
                        public Object getAttribute(String name) {
                            note();
                            return super.getAttribute(name);
                        }
                    },
                    new HttpServletResponseWrapper(response) {
                        @Override
                        public void sendError(int status, String message) throws IOException {
                            note();
                            super.sendError(status, message);
                        }
                    });
        }
    }

    @Test
    void callsNothingThatAFilterPutsBeforeAPageAsTheServer() throws Exception {
        try (TestServer server = server()) {
            FilterDef filter = new FilterDef();
            filter.setFilterName("wrapping");
            filter.setFilterClass(WrappingFilter.class.getName());
            server.context.addFilterDef(filter);
            FilterMap map = new FilterMap();
            map.setFilterName("wrapping");
            map.addURLPattern("/*");
            server.context.addFilterMap(map);
            server.document("page.jsp", THREAD)
                    .document("wrong.jsp", "<%= nothing.of.that() %>")
                    .onHost(Map.of())
                    .start();
            assertEquals("ConfinedThread", server.get("/page.jsp").body());
            assertEquals(500, server.get("/wrong.jsp").statusCode());
            assertEquals(404, server.get("/absent.jsp").statusCode());
            assertTrue(WrappingFilter.CALLS.get() > 0);
            assertEquals(0, WrappingFilter.AS_SERVER.get());
        }
    }

    @Test
    void runsAPageThatIsAServletOfItsOwn() throws Exception {
        try (TestServer server = server()) {
            Wrapper own = Tomcat.addServlet(server.context, "own", "org.apache.jasper.servlet.JspServlet");
            own.addInitParameter("jspFile", "/WEB-INF/own.jsp");
            server.context.addServletMappingDecoded("/own/*", "own");
            server.document("WEB-INF/own.jsp", THREAD + " ${pageContext.request.pathInfo} " + INIT)
                    .onHost(Map.of())
                    .start();
            String body = server.get("/own/x").body();
            assertTrue(body.startsWith("ConfinedThread /x "), body);
            assertFalse(body.endsWith(" ConfinedThread"), body);
        }
    }

    /** Writes a document that is newer than what was translated from the last, however coarse the clocks. */
    private static void change(TestServer server, String name, String content, int times) throws IOException {
        server.document(name, content);
        Files.setLastModifiedTime(
                server.documents.resolve(name), FileTime.from(Instant.now().plus(Duration.ofMinutes(times))));
    }

    @Test
    void translatesAgainWhatHasChanged() throws Exception {
        try (TestServer server = server("modificationTestInterval", "0")) {
            server.document("page.jsp", "first <%@ include file=\"part.jspf\" %>")
                    .document("part.jspf", "part")
                    .onHost(Map.of())
                    .start();
            assertEquals("first part", server.get("/page.jsp").body());
            change(server, "page.jsp", "second " + THREAD + " " + INIT + " <%@ include file=\"part.jspf\" %>", 1);
            String second = server.get("/page.jsp").body();
            assertTrue(second.startsWith("second ConfinedThread ") && second.endsWith(" part"), second);
            assertFalse(second.contains("ConfinedThread ConfinedThread"), second);
            change(server, "part.jspf", "other", 2);
            assertTrue(server.get("/page.jsp").body().endsWith(" other"));
            Files.delete(server.documents.resolve("page.jsp"));
            assertEquals(404, server.get("/page.jsp").statusCode());
            change(server, "page.jsp", "third", 3);
            assertEquals("third", server.get("/page.jsp").body());
        }
    }

    @Test
    void looksForChangesInTheBackgroundOrNotAtAllWhereAsked() throws Exception {
        try (TestServer server = server("development", "false")) {
            server.document("page.jsp", "first").onHost(Map.of()).start();
            assertEquals("first", server.get("/page.jsp").body());
            change(server, "page.jsp", "second", 1);
            assertEquals("first", server.get("/page.jsp").body());
        }
        try (TestServer server =
                server("development", "false", "checkInterval", "1", "modificationTestInterval", "0")) {
            server.tomcat.getEngine().setBackgroundProcessorDelay(1);
            server.document("again.jsp", "first").onHost(Map.of()).start();
            assertEquals("first", server.get("/again.jsp").body());
            change(server, "again.jsp", "second", 2);
            Await.until(
                    "the change is not seen",
                    () -> server.get("/again.jsp").body().equals("second"));
        }
    }

    @Test
    void answersWhatDoesNotTranslateWithTheErrorOfJasperAndThePageOfTheApplication() throws Exception {
        try (TestServer server = server("modificationTestInterval", "0")) {
            server.document("wrong.jsp", "one\n<%= nothing.of.that() %>")
                    .onHost(Map.of())
                    .start();
            for (int i = 0; i < 2; i++) {
                HttpResponse<String> answer = server.get("/wrong.jsp");
                assertEquals(500, answer.statusCode());
                assertTrue(answer.body().contains("Unable to compile class for JSP"), answer.body());
                assertTrue(answer.body().contains("An error occurred at line: [2]"));
            }
            change(server, "wrong.jsp", "right", 1);
            assertEquals("right", server.get("/wrong.jsp").body());
            change(server, "wrong.jsp", "<%= nothing.of.that() %>", 2);
            ErrorPage page = new ErrorPage();
            page.setLocation("/WEB-INF/failed.jsp");
            page.setExceptionType("org.apache.jasper.JasperException");
            server.context.addErrorPage(page);
            server.document(
                    "WEB-INF/failed.jsp",
                    "<%@ page isErrorPage=\"true\" %>" + THREAD + " <%= exception.getClass().getSimpleName() %>");
            HttpResponse<String> answer = server.get("/wrong.jsp");
            assertEquals(500, answer.statusCode());
            assertEquals("ConfinedThread JasperException", answer.body());
        }
    }

    @Test
    void passesOnWhatAPageThrows() throws Exception {
        try (TestServer server = server()) {
            server.document("throw.jsp", "<% if (true) throw new IllegalStateException(\"mine\"); %>")
                    .document("own.jsp", "<%@ page errorPage=\"/mine.jsp\" %><% if (true) throw new Exception(); %>")
                    .document("mine.jsp", "<%@ page isErrorPage=\"true\" %>mine <%= exception.getClass().getName() %>")
                    .onHost(Map.of())
                    .start();
            HttpResponse<String> thrown = server.get("/throw.jsp");
            assertEquals(500, thrown.statusCode());
            assertTrue(thrown.body().contains("java.lang.IllegalStateException: mine"), thrown.body());
            assertEquals("mine java.lang.Exception", server.get("/own.jsp").body());
        }
    }

    @Test
    void tellsOfAPageThatIsNotThereInTheWordsOfJasper() throws Exception {
        try (TestServer server = server();
                TestServer plain = new TestServer(folder.resolve("plain"))) {
            jasper(plain.context);
            server.document("folder.jsp/x", "").onHost(Map.of()).start();
            HttpResponse<String> without = plain.start().get("/none.jsp");
            for (String path : List.of("/none.jsp", "/folder.jsp")) {
                HttpResponse<String> answer = server.get(path);
                assertEquals(404, answer.statusCode());
                assertEquals(without.body().replace("none.jsp", path.substring(1)), answer.body());
            }
        }
    }

    @Test
    void hasNothingToLookAfterWhereTheApplicationDidNotStart() {
        new PageServlet().periodicEvent();
    }

    @Test
    void runsPagesThatWereTranslatedWhenTheApplicationWasBuilt() throws Exception {
        try (TestServer server = server()) {
            server.document("page.jsp", "built " + THREAD + " " + INIT)
                    .onHost(Map.of())
                    .start();
            server.get("/page.jsp");
        }
        Path classes = Files.createDirectories(folder.resolve("documents/WEB-INF/classes/org/apache/jsp"));
        try (Stream<Path> work = Files.walk(folder.resolve("base/work"))) {
            Path translated = work.filter(file -> file.endsWith("page_jsp.class"))
                    .findFirst()
                    .orElseThrow();
            Files.move(translated, classes.resolve("page_jsp.class"));
        }
        Files.delete(folder.resolve("documents/page.jsp"));
        try (TestServer server = server()) {
            Tomcat.addServlet(server.context, "page", "org.apache.jsp.page_jsp");
            server.context.addServletMappingDecoded("/page.jsp", "page");
            server.onHost(Map.of()).start();
            String body = server.get("/page.jsp").body();
            assertTrue(body.startsWith("built ConfinedThread "), body);
            assertFalse(body.endsWith(" ConfinedThread"), body);
        }
    }

    @Test
    void runsPagesAsTheServerWhereServletsAreLeftUnchangedAndRefusesThemWhereAllAreDenied() throws Exception {
        for (String servlets : List.of("unchanged", "deny")) {
            try (TestServer server = new TestServer(folder.resolve(servlets))) {
                jasper(server.context);
                server.document("page.jsp", THREAD)
                        .mapping("map", "kaigai @unchanged", "* *:s0")
                        .onHost(Map.of("servlets", servlets, "mappingFile", "map"))
                        .start();
                HttpResponse<String> answer = server.get("/page.jsp");
                assertEquals(servlets.equals("deny") ? 403 : 200, answer.statusCode());
                assertFalse(answer.body().contains("ConfinedThread"));
                HttpResponse<String> left = server.get("/page.jsp", TestServer.as("kaigai"));
                assertEquals(200, left.statusCode());
                assertFalse(left.body().contains("ConfinedThread"));
            }
        }
    }
}
