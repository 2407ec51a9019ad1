// SPDX-License-Identifier: Apache-2.0
// An application that knows its users itself: what its word can do behind a SelinuxFilter, and what it cannot.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.threads.ConfinedThreads;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.Wrapper;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelinuxFilterTest {
    private static final String WIDE = "system_u:system_r:app_webapp_thread_t:s0-s0:c0.c9";
    private static final String ALICE = "system_u:system_r:app_webapp_thread_t:s0:c1";
    private static final String BOB = "system_u:system_r:app_webapp_thread_t:s0:c2";

    private static final String[] RULES = {
        "alice app_webapp_t:s0:c1",
        "bob app_webapp_t:s0:c2",
        "eve other_webapp_t:s0:c1",
        "mallory app_webapp_t:s0:c10",
        "oscar app_webapp_t:s0:c1,c10",
        "trudy *:s0:c1",
        "dave @deny",
        "root @unchanged",
        "@manager app_webapp_t:s0:c3",
        "* app_webapp_t:s0-s0:c0.c9"
    };

    @TempDir
    Path folder;

    /** Runs in the application's own filter, before it hands the request on. */
    private static final AtomicReference<Work> BEFORE = new AtomicReference<>(request -> {});

    /** Contexts in which that filter has run, on the way in and on the way out. */
    private static final List<String> AROUND = new CopyOnWriteArrayList<>();

    private static final ThreadLocal<String> BOUND = new ThreadLocal<>();

    interface Work {
        void with(HttpServletRequest request) throws IOException, ServletException;
    }

    /** Whom an application's filter takes the request to be from. */
    static class User extends HttpServletRequestWrapper {
        private final String name;
        private final String roles;

        User(HttpServletRequest request, String name, String roles) {
            super(request);
            this.name = name;
            this.roles = roles;
        }

        @Override
        public Principal getUserPrincipal() {
            return name == null ? null : () -> name;
        }

        @Override
        public String getRemoteUser() {
            return name;
        }

        @Override
        public boolean isUserInRole(String role) {
            return roles != null && Arrays.asList(roles.split(",")).contains(role);
        }
    }

    /** Believes whatever a header says: an application's own affair. */
    public static class Login extends HttpFilter {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            AROUND.add(context());
            BEFORE.get().with(request);
            BOUND.set("bound");
            try {
                chain.doFilter(new User(request, request.getHeader("X-User"), request.getHeader("X-Roles")), response);
            } finally {
                BOUND.remove();
                AROUND.add(context());
            }
        }
    }

    /** Changes its mind, and hides what is answered. */
    public static final class SecondLogin extends HttpFilter {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            chain.doFilter(
                    new User(request, request.getHeader("X-Second"), null), new HttpServletResponseWrapper(response) {
                        @Override
                        public void sendError(int status) {
                            // Nobody is to know.
                        }
                    });
        }
    }

    /** Takes a variable of the one thread to the other. */
    public static final class Carrier implements Callable<Object> {
        private final Callable<Object> rest;
        private final String bound = BOUND.get();

        public Carrier(Callable<Object> rest) {
            this.rest = rest;
        }

        @Override
        public Object call() throws Exception {
            BOUND.set(bound);
            try {
                return rest.call();
            } finally {
                BOUND.remove();
            }
        }
    }

    @BeforeEach
    void forget() {
        BEFORE.set(request -> {});
        AROUND.clear();
    }

    private static String context() {
        return ConfinedThreads.currentContext().orElse("none");
    }

    private static FilterDef filter(Context context, String name, Class<? extends Filter> kind, String... dispatchers) {
        FilterDef filter = new FilterDef();
        filter.setFilterName(name);
        filter.setFilterClass(kind.getName());
        filter.setAsyncSupported("true");
        context.addFilterDef(filter);
        FilterMap map = new FilterMap();
        map.setFilterName(name);
        map.addURLPattern("/*");
        for (String dispatcher : dispatchers) {
            map.setDispatcher(dispatcher);
        }
        context.addFilterMap(map);
        return filter;
    }

    /** An application with a login of its own and a SelinuxFilter behind. */
    private static FilterDef behindLogin(Context context) {
        filter(context, "login", Login.class);
        return filter(context, "selinux", SelinuxFilter.class);
    }

    private static void tell(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.getWriter().print(context() + " " + request.getRemoteUser());
    }

    private static String[] as(String user) {
        return new String[] {"X-User", user};
    }

    private TestServer governed(TestServer server, Map<String, String> attributes, String... rules)
            throws IOException, LifecycleException {
        server.mapping("map", rules);
        Map<String, String> all = new HashMap<>(Map.of("mappingFile", "map", "onNoMatch", "deny"));
        all.putAll(attributes);
        SelinuxValve valve = TestServer.valve(all);
        return server.with(server.tomcat.getHost(), valve).start();
    }

    private TestServer telling() throws IOException {
        TestServer server = new TestServer(folder);
        behindLogin(server.context);
        ServletsTest.servlet(server.context, "/who", SelinuxFilterTest::tell);
        return server;
    }

    @Test
    void runsTheRestInTheContextOfWhomTheApplicationHasLoggedIn() throws Exception {
        try (TestServer server = governed(telling(), Map.of(), RULES)) {
            assertEquals(ALICE + " alice", server.get("/who", as("alice")).body());
            assertEquals(List.of(WIDE, WIDE), AROUND);
            assertTrue(server.attribute("/who", RequestScope.RULE_ATTRIBUTE)
                    .orElseThrow()
                    .toString()
                    .endsWith("map:1"));
            assertEquals(BOB + " bob", server.get("/who", as("bob")).body());
            assertEquals(WIDE + " null", server.get("/who").body());
        }
    }

    @Test
    void asksTheApplicationForRoles() throws Exception {
        try (TestServer server = governed(telling(), Map.of(), RULES)) {
            assertEquals(
                    "system_u:system_r:app_webapp_thread_t:s0:c3 carol",
                    server.get("/who", "X-User", "carol", "X-Roles", "manager,other")
                            .body());
            assertEquals(
                    WIDE + " carol",
                    server.get("/who", "X-User", "carol", "X-Roles", "other").body());
        }
    }

    @Test
    void refusesWhatTheValvesDecisionDoesNotAllow() throws Exception {
        AtomicInteger served = new AtomicInteger();
        try (TestServer server = telling();
                LogLines log = new LogLines()) {
            ServletsTest.servlet(server.context, "/count", (request, response) -> served.incrementAndGet());
            governed(server, Map.of(), RULES);
            Map<String, String> reasons = Map.of(
                    "eve",
                            "map:3] names context [system_u:system_r:other_webapp_t:s0:c1], which is not within what rule [",
                    "mallory", "map:4] names context [system_u:system_r:app_webapp_t:s0:c10], which is not within",
                    "oscar", "map:5] names context [system_u:system_r:app_webapp_t:s0:c1,c10], which is not within",
                    "trudy", "map:6] names context [system_u:system_r:base_webapp_t:s0:c1], which is not within",
                    "dave", "map:7] denies it",
                    "root", "map:8] would leave it unchanged");
            for (Map.Entry<String, String> reason : reasons.entrySet()) {
                assertEquals(403, server.get("/count", as(reason.getKey())).statusCode(), reason.getKey());
                Await.until(
                        "no reason for " + reason.getKey(),
                        () -> log.with(
                                                "refused by a SelinuxFilter",
                                                "user [" + reason.getKey() + "]",
                                                reason.getValue())
                                        .size()
                                == 1);
            }
            assertEquals(0, served.get());
            assertEquals(200, server.get("/count", as("alice")).statusCode());
            assertEquals(1, served.get());
        }
    }

    @Test
    void turnsAwayWhomTheKernelHasRefusedTooMuchAndNobodyElse() throws Exception {
        AtomicInteger served = new AtomicInteger();
        try (TestServer server = telling().document("closed.txt", "closed").forbid("closed.txt")) {
            ServletsTest.servlet(server.context, "/count", (request, response) -> served.incrementAndGet());
            governed(server, Map.of("maxRefusals", "1", "refusalInterval", "3600"), RULES);
            assertEquals(200, server.get("/count", as("alice")).statusCode());
            assertEquals(403, server.get("/closed.txt", as("alice")).statusCode());
            assertEquals(429, server.get("/count", as("alice")).statusCode());
            assertEquals(1, served.get());
            assertEquals(200, server.get("/count", as("bob")).statusCode());
        }
    }

    @Test
    void refusesWhomNoRuleMatches() throws Exception {
        SelinuxValve valve = new SelinuxValve();
        Map.of(
                        "launcher",
                        TestServer.LAUNCHER.toString(),
                        "onNotEnforcing",
                        "ignore",
                        "mappingFile",
                        "map",
                        "onNoMatch",
                        "deny")
                .forEach(valve::setProperty);
        try (TestServer server = telling();
                LogLines log = new LogLines()) {
            server.mapping("map", "alice app_webapp_t:s0:c1", "__anonymous__ app_webapp_t:s0-s0:c0.c9")
                    .with(server.tomcat.getHost(), valve)
                    .start();
            assertEquals(ALICE + " alice", server.get("/who", as("alice")).body());
            assertEquals(403, server.get("/who", as("bob")).statusCode());
            Await.until(
                    "no reason",
                    () -> log.with("user [bob]: no rule matches it").size() == 1);
        }
    }

    @Test
    void holdsOneLevelForABoundOfOneLevel() throws Exception {
        try (TestServer server = governed(
                telling(), Map.of(), "alice app_webapp_t:s0:c1", "bob app_webapp_t:s0", "* app_webapp_t:s0:c1")) {
            assertEquals(ALICE + " alice", server.get("/who", as("alice")).body());
            assertEquals(403, server.get("/who", as("bob")).statusCode());
        }
    }

    @Test
    void takesWhatTheContainerKnowsForTheBound() throws Exception {
        try (TestServer server = governed(
                telling(),
                Map.of(),
                "kaigai app_webapp_t:s0:c1",
                "guest app_webapp_t:s0:c2",
                "* app_webapp_t:s0-s0:c0.c9")) {
            String[] kaigai = TestServer.as("kaigai");
            assertEquals(
                    403,
                    server.get("/who", kaigai[0], kaigai[1], "X-User", "guest").statusCode());
            assertEquals(
                    ALICE + " kaigai",
                    server.get("/who", kaigai[0], kaigai[1], "X-User", "kaigai").body());
            assertEquals(403, server.get("/who", kaigai[0], kaigai[1]).statusCode(), "nobody is not kaigai");
        }
    }

    @Test
    void hidesThatItRefusesWhereThatIsAskedFor() throws Exception {
        try (TestServer server = governed(telling(), Map.of("deniedStatus", "404"), RULES)) {
            assertEquals(404, server.get("/who", as("eve")).statusCode());
        }
    }

    @Test
    void keepsAnApplicationFromStartingThatNoValveGoverns() throws Exception {
        try (TestServer server = telling()) {
            server.start();
            assertNotEquals(LifecycleState.STARTED, server.context.getState());
            assertNotEquals(200, server.get("/who", as("alice")).statusCode());
        }
    }

    @Test
    void keepsAnApplicationFromStartingWithAParameterThatIsWrong() throws Exception {
        for (String[] wrong : new String[][] {
            {"requireUsr", "true"},
            {"requireUser", "yes"},
            {"taskDecorator", "no.such.Class"},
            {"taskDecorator", "java.lang.String"}
        }) {
            try (TestServer server = new TestServer(Files.createTempDirectory(folder, "wrong"))) {
                behindLogin(server.context).addInitParameter(wrong[0], wrong[1]);
                governed(server, Map.of(), RULES);
                assertNotEquals(LifecycleState.STARTED, server.context.getState(), wrong[0]);
            }
        }
    }

    @Test
    void refusesWhereNoRuleConfinesWhatRunsBeforeIt() throws Exception {
        for (String[] unconfined :
                new String[][] {{"thread", "* @unchanged"}, {"unchanged", RULES[RULES.length - 1]}}) {
            try (TestServer server = new TestServer(Files.createTempDirectory(folder, "unchanged"));
                    LogLines log = new LogLines()) {
                behindLogin(server.context);
                AtomicInteger served = new AtomicInteger();
                ServletsTest.servlet(server.context, "/count", (request, response) -> served.incrementAndGet());
                governed(server, Map.of("servlets", unconfined[0]), RULES[0], unconfined[1]);
                assertEquals(503, server.get("/count", as("alice")).statusCode());
                assertEquals(503, server.get("/count").statusCode());
                assertEquals(0, served.get());
                Await.until(
                        "not said", () -> log.with("there is nothing to narrow").size() == 2);
            }
        }
    }

    @Test
    void refusesAThreadOfTheApplicationsOwnAndAFilterThatWasNotInitialised() throws Exception {
        AtomicInteger passed = new AtomicInteger();
        AtomicReference<Filter> declared = new AtomicReference<>();
        try (TestServer server = telling()) {
            ServletsTest.servlet(server.context, "/thread", (request, response) -> {
                Thread other = new Thread(() -> {
                    try {
                        declared.get().doFilter(request, response, (same, answer) -> passed.incrementAndGet());
                    } catch (IOException | ServletException failed) {
                        passed.incrementAndGet();
                    }
                });
                other.start();
                try {
                    other.join();
                } catch (InterruptedException never) {
                    throw new ServletException(never);
                }
            });
            ServletsTest.servlet(
                    server.context,
                    "/own",
                    (request, response) -> new SelinuxFilter()
                            .doFilter(request, response, (same, answer) -> passed.incrementAndGet()));
            governed(server, Map.of(), RULES);
            declared.set(initialised(server));
            assertEquals(503, server.get("/thread", as("alice")).statusCode());
            assertEquals(503, server.get("/own", as("alice")).statusCode());
            assertEquals(0, passed.get());
        }
    }

    private static Filter initialised(TestServer server) throws ServletException {
        SelinuxFilter filter = new SelinuxFilter();
        filter.init(new FilterConfig() {
            @Override
            public String getFilterName() {
                return "mine";
            }

            @Override
            public ServletContext getServletContext() {
                return server.context.getServletContext();
            }

            @Override
            public String getInitParameter(String name) {
                return null;
            }

            @Override
            public Enumeration<String> getInitParameterNames() {
                return Collections.emptyEnumeration();
            }
        });
        return filter;
    }

    @Test
    void cannotBeTalkedIntoAnotherContextByTheApplicationsOwnCalls() throws Exception {
        AtomicReference<Filter> own = new AtomicReference<>();
        AtomicReference<String> first = new AtomicReference<>();
        AtomicReference<String> back = new AtomicReference<>();
        List<String> second = new CopyOnWriteArrayList<>();
        try (TestServer server = new TestServer(folder)) {
            ServletsTest.servlet(server.context, "/own", (request, response) -> {
                request.setAttribute(RequestScope.RULE_ATTRIBUTE, "mine");
                request.setAttribute(RequestScope.CONTEXT_ATTRIBUTE, "mine");
                own.get().doFilter(new User(request, "alice", null), response, (same, answer) -> first.set(context()));
                back.set(context());
                for (String other : List.of("bob", "nobody", "eve", "root", "manager")) {
                    own.get()
                            .doFilter(
                                    new User(request, other, "manager"), response, (same, answer) -> second.add(other));
                }
                own.get().doFilter(new User(request, "alice", null), response, (same, answer) -> second.add(context()));
            });
            governed(server, Map.of(), RULES);
            own.set(initialised(server));
            assertEquals(403, server.get("/own").statusCode());
            assertEquals(ALICE, first.get());
            assertEquals(WIDE, back.get());
            assertEquals(List.of(ALICE), second);
        }
    }

    @Test
    void mayStandTwiceAndSaysTheSameTwiceOrRefuses() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            filter(server.context, "early", SelinuxFilter.class);
            behindLogin(server.context);
            filter(server.context, "second", SecondLogin.class);
            filter(server.context, "again", SelinuxFilter.class);
            AtomicInteger served = new AtomicInteger();
            ServletsTest.servlet(server.context, "/who", (request, response) -> {
                served.incrementAndGet();
                tell(request, response);
            });
            governed(server, Map.of(), RULES);
            assertEquals(
                    ALICE + " alice",
                    server.get("/who", "X-User", "alice", "X-Second", "alice").body());
            assertEquals(
                    403,
                    server.get("/who", "X-User", "alice", "X-Second", "bob").statusCode());
            assertEquals(403, server.get("/who", as("alice")).statusCode());
            assertEquals(
                    BOB + " bob",
                    server.get("/who", "X-Second", "bob").body(),
                    "the first had nobody to narrow it for");
            assertEquals(2, served.get());
        }
    }

    @Test
    void givesNobodyMoreWhereItStandsBeforeTheLogin() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            filter(server.context, "selinux", SelinuxFilter.class);
            filter(server.context, "login", Login.class);
            ServletsTest.servlet(server.context, "/who", SelinuxFilterTest::tell);
            governed(server, Map.of(), RULES);
            assertEquals(WIDE + " alice", server.get("/who", as("alice")).body());
        }
    }

    @Test
    void refusesWhereNobodyIsLoggedInIfThatIsRequired() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            behindLogin(server.context).addInitParameter("requireUser", "true");
            ServletsTest.servlet(server.context, "/who", SelinuxFilterTest::tell);
            governed(server, Map.of(), RULES);
            assertEquals(403, server.get("/who").statusCode());
            assertEquals(ALICE + " alice", server.get("/who", as("alice")).body());
        }
    }

    @Test
    void refusesForwardsIncludesErrorsAndAsynchronousDispatches() throws Exception {
        try (TestServer server = new TestServer(folder);
                LogLines log = new LogLines()) {
            filter(server.context, "login", Login.class);
            filter(server.context, "selinux", SelinuxFilter.class, "REQUEST", "FORWARD", "INCLUDE", "ERROR", "ASYNC");
            ServletsTest.servlet(
                    server.context,
                    "/forward",
                    (request, response) -> request.getRequestDispatcher("/who").forward(request, response));
            ServletsTest.servlet(
                    server.context,
                    "/include",
                    (request, response) -> request.getRequestDispatcher("/who").include(request, response));
            ServletsTest.servlet(server.context, "/async", (request, response) -> {
                        if (request.getDispatcherType() == DispatcherType.REQUEST) {
                            request.startAsync().dispatch("/who");
                        }
                    })
                    .setAsyncSupported(true);
            ServletsTest.servlet(server.context, "/fail", (request, response) -> response.sendError(418));
            ServletsTest.servlet(server.context, "/who", SelinuxFilterTest::tell);
            ErrorPage page = new ErrorPage();
            page.setErrorCode(418);
            page.setLocation("/who");
            server.context.addErrorPage(page);
            governed(server, Map.of("allowAsync", "true"), RULES);
            for (String path : List.of("/forward", "/include", "/async", "/fail")) {
                String body = server.get(path, as("alice")).body();
                assertFalse(body.contains("alice"), path + ": " + body);
            }
            for (String type : List.of("FORWARD", "INCLUDE", "ASYNC", "ERROR")) {
                Await.until(
                        type,
                        () -> log.with("REQUEST alone", "here came " + type).size() == 1);
            }
        }
    }

    @Test
    void goesOnAsynchronouslyInTheNarrowerContext() throws Exception {
        try (TestServer server = telling()) {
            ServletsTest.servlet(
                            server.context,
                            "/async",
                            (request, response) -> request.startAsync().dispatch("/who"))
                    .setAsyncSupported(true);
            governed(server, Map.of("allowAsync", "true"), RULES);
            assertEquals(ALICE + " null", server.get("/async", as("alice")).body());
        }
    }

    @Test
    void leadsForwardsBehindItThroughTheNarrowerContext() throws Exception {
        try (TestServer server = telling()) {
            server.document("a.txt", "a");
            ServletsTest.servlet(
                    server.context,
                    "/forward",
                    (request, response) ->
                            request.getRequestDispatcher("/a.txt").forward(request, response));
            governed(server, Map.of(), RULES);
            assertEquals("a", server.get("/forward", as("alice")).body());
            assertTrue(server.helperOf("/forward") > 0);
        }
    }

    @Test
    void givesFilesAHelperOfTheNarrowerContextAndNeverTheOneBefore() throws Exception {
        AtomicReference<Object> before = new AtomicReference<>();
        try (TestServer server = new TestServer(folder);
                LogLines log = new LogLines()) {
            behindLogin(server.context);
            server.document("a.txt", "a").document("closed.txt", "closed").forbid("closed.txt");
            BEFORE.set(request -> {
                try (InputStream file = request.getServletContext().getResourceAsStream("/a.txt")) {
                    file.readAllBytes();
                }
                before.set(request.getAttribute(RequestScope.HELPER_ATTRIBUTE));
            });
            governed(server, Map.of(), RULES);
            assertEquals("a", server.get("/a.txt", as("alice")).body());
            assertNotEquals(before.get(), server.helperOf("/a.txt"));
            Await.dead((Long) before.get());
            assertEquals(403, server.get("/closed.txt", as("bob")).statusCode());
            Await.until(
                    "the log does not name user and rule",
                    () -> !log.with("user [bob]", "map:2]", "the kernel refused to open [/closed.txt]")
                            .isEmpty());
            assertEquals(403, server.get("/a.txt", as("eve")).statusCode());
        }
    }

    @Test
    void asksAHelperOfTheNarrowerContextBeforeAFileIsChanged() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            behindLogin(server.context);
            server.document("a.txt", "a");
            ((Wrapper) server.context.findChild("default")).addInitParameter("readonly", "false");
            AtomicReference<Object> before = new AtomicReference<>();
            BEFORE.set(request -> before.set(request.getAttribute(RequestScope.HELPER_ATTRIBUTE)));
            governed(server, Map.of(), RULES);
            assertEquals(204, server.send("DELETE", "/a.txt", as("alice")).statusCode());
            assertNotEquals(before.get(), server.helperOf("/a.txt"));
            assertFalse(Files.exists(server.documents.resolve("a.txt")));
        }
    }

    @Test
    void runsProgramsForWhomTheApplicationHasLoggedIn() throws Exception {
        try (Programs programs = new Programs(folder, Map.of("environment-variable-PATH", "/usr/bin:/bin"))) {
            behindLogin(programs.server.context);
            programs.script("who", "printf 'Content-Type: text/plain\\n\\n%s' \"$REMOTE_USER\"");
            governed(programs.server, Map.of(), RULES);
            assertEquals(
                    "alice", programs.server.get("/app/cgi/who", as("alice")).body());
            assertTrue(programs.server
                    .attribute("/app/cgi/who", RequestScope.RULE_ATTRIBUTE)
                    .orElseThrow()
                    .toString()
                    .endsWith("map:1"));
            assertEquals(403, programs.server.get("/app/cgi/who", as("eve")).statusCode());
        }
    }

    @Test
    void runsErrorPagesInTheNarrowerContext() throws Exception {
        try (TestServer server = telling()) {
            ServletsTest.servlet(server.context, "/fail", (request, response) -> response.sendError(418));
            ServletsTest.servlet(server.context, "/throw", (request, response) -> {
                throw new IllegalStateException("thrown");
            });
            for (int status : new int[] {418, 500}) {
                ErrorPage page = new ErrorPage();
                page.setErrorCode(status);
                page.setLocation("/who");
                server.context.addErrorPage(page);
            }
            governed(server, Map.of(), RULES);
            assertEquals(ALICE + " null", server.get("/fail", as("alice")).body());
            assertEquals(ALICE + " null", server.get("/throw", as("alice")).body());
            assertEquals(WIDE + " null", server.get("/fail").body());
        }
    }

    @Test
    void decidesByTheRulesThatTheRequestCameUnder() throws Exception {
        try (TestServer server = telling()) {
            SelinuxValve valve = TestServer.valve(Map.of("mappingFile", "map"));
            server.mapping("map", RULES).with(server.tomcat.getHost(), valve).start();
            BEFORE.set(request -> {
                server.mapping("map", "alice app_webapp_t:s0:c7", "* app_webapp_t:s0-s0:c0.c9");
                valve.backgroundProcess();
                valve.backgroundProcess();
            });
            assertEquals(ALICE + " alice", server.get("/who", as("alice")).body());
            BEFORE.set(request -> {});
            assertEquals(
                    "system_u:system_r:app_webapp_thread_t:s0:c7 alice",
                    server.get("/who", as("alice")).body());
        }
    }

    @Test
    void needsNoThreadThatARequestWaitingForItCouldHold() throws Exception {
        try (TestServer server =
                governed(telling(), Map.of("maxThreads", "1", "maxThreadsPerContext", "1", "maxQueue", "0"), RULES)) {
            for (int i = 0; i < 3; i++) {
                assertEquals(ALICE + " alice", server.get("/who", as("alice")).body());
            }
        }
    }

    @Test
    void takesAlongWhatTheApplicationHasBoundToItsThreadIfItSaysHow() throws Exception {
        for (String decorator : List.of("none", Carrier.class.getName())) {
            try (TestServer server = new TestServer(Files.createTempDirectory(folder, "carrier"))) {
                behindLogin(server.context).addInitParameter("taskDecorator", decorator);
                ServletsTest.servlet(
                        server.context,
                        "/bound",
                        (request, response) -> response.getWriter().print(BOUND.get()));
                governed(server, Map.of(), RULES);
                String bound = server.get("/bound", as("alice")).body();
                assertEquals(decorator.equals("none") ? "null" : "bound", bound);
            }
        }
    }
}
