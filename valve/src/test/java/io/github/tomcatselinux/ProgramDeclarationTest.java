// SPDX-License-Identifier: Apache-2.0
// However and whenever an application declares Tomcat's CGIServlet, ours stands there, and where it cannot, nothing
// runs.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgramDeclarationTest {
    private static final String TOMCATS = "org.apache.catalina.servlets.CGIServlet";

    @TempDir
    Path folder;

    private Programs programs;
    private Path ran;

    @BeforeEach
    void declare() throws Exception {
        programs = new Programs(folder, Map.of());
        ran = folder.resolve("ran");
        programs.script("who", "touch " + ran, "printf 'Content-Type: text/plain\\n\\n'; echo $PPID");
    }

    @AfterEach
    void stop() {
        programs.close();
    }

    /** A helper's program is a child of that helper; what {@code Runtime.exec} starts would be one of this JVM. */
    private void assertRunByAHelper(String path) throws Exception {
        long parent = Long.parseLong(programs.server.get(path).body().strip());
        assertNotEquals(ProcessHandle.current().pid(), parent);
        assertEquals(programs.server.helperOf(path), parent);
    }

    private Wrapper wrapper(String name) {
        Wrapper wrapper = programs.server.context.createWrapper();
        wrapper.setName(name);
        wrapper.addInitParameter("cgiPathPrefix", "WEB-INF/cgi");
        wrapper.addInitParameter("executable", "");
        return wrapper;
    }

    @Test
    void takesAServletThatAnInitializerAdds() throws Exception {
        programs.server.context.addServletContainerInitializer(
                (classes, application) -> {
                    ServletRegistration.Dynamic late = application.addServlet("late", TOMCATS);
                    late.setInitParameter("cgiPathPrefix", "WEB-INF/cgi");
                    late.setInitParameter("executable", "");
                    late.setLoadOnStartup(1);
                    late.addMapping("/late/*");
                },
                Set.of());
        programs.start(Map.of());
        assertRunByAHelper("/app/late/who");
        assertRunByAHelper("/app/cgi/who");
    }

    @Test
    void takesAServletThatComesAfterTheStart() throws Exception {
        programs.start(Map.of());
        Wrapper after = wrapper("after");
        after.setServletClass(TOMCATS);
        programs.server.context.addChild(after);
        programs.server.context.addServletMappingDecoded("/after/*", "after");
        assertRunByAHelper("/app/after/who");
    }

    @Test
    void runsNothingOfAServletThatBecomesOneUnseen() throws Exception {
        programs.start(Map.of());
        Wrapper unseen = wrapper("unseen");
        unseen.setServletClass("org.apache.catalina.servlets.DefaultServlet");
        programs.server.context.addChild(unseen);
        programs.server.context.addServletMappingDecoded("/unseen/*", "unseen");
        unseen.setServletClass(TOMCATS);
        assertEquals(403, programs.server.get("/app/unseen/who").statusCode());
        assertFalse(Files.exists(ran));
    }

    /** Tomcat's own would run it, in the server's own domain or a thread's. */
    @ParameterizedTest
    @ValueSource(strings = {"thread", "unchanged"})
    void runsNothingThatIsDispatchedToWhereProgramsAreOff(String servlets) throws Exception {
        Tomcat.addServlet(programs.server.context, "dispatching", new HttpServlet() {
            private static final long serialVersionUID = 1L;

            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response)
                    throws ServletException, IOException {
                if (request.getServletPath().equals("/forward")) {
                    request.getRequestDispatcher("/cgi/who").forward(request, response);
                } else {
                    request.getRequestDispatcher("/cgi/who").include(request, response);
                    response.getWriter().write("included");
                }
            }
        });
        programs.server.context.addServletMappingDecoded("/forward", "dispatching");
        programs.server.context.addServletMappingDecoded("/include", "dispatching");
        programs.start(Map.of("programs", "off", "servlets", servlets));
        assertEquals(403, programs.server.get("/app/cgi/who").statusCode());
        assertEquals(403, programs.server.get("/app/forward").statusCode());
        programs.server.get("/app/include");
        assertFalse(Files.exists(ran));
    }

    @Test
    void runsNothingInAnApplicationThatIsNotPrivileged() throws Exception {
        programs.server.context.setPrivileged(false);
        programs.start(Map.of());
        assertEquals(403, programs.server.get("/app/cgi/who").statusCode());
        Wrapper after = wrapper("after");
        after.setServletClass(TOMCATS);
        programs.server.context.addChild(after);
        programs.server.context.addServletMappingDecoded("/after/*", "after");
        assertEquals(403, programs.server.get("/app/after/who").statusCode());
        assertFalse(Files.exists(ran));
    }
}
