// SPDX-License-Identifier: Apache-2.0
// Nothing of a request is left on its thread, nor a helper of it, whatever fails at its end.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.github.tomcatselinux.files.ConfinedRoot;
import io.github.tomcatselinux.files.RequestFiles;
import io.github.tomcatselinux.launcher.ConfineRequest;
import io.github.tomcatselinux.launcher.Confinement;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.ProgramConnection;
import io.github.tomcatselinux.metrics.HelperNumbers;
import io.github.tomcatselinux.programs.ProgramFolder;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mockito.Answers;

class RequestScopeTest {
    private static final Confinement CONFINEMENT = new Confinement(1, 0, "");

    @TempDir
    Path folder;

    private final Governor governor = mock(Governor.class);
    private final Helpers helpers = mock(Helpers.class);
    private final HelperConnection helper = mock(HelperConnection.class);
    private final ProgramConnection program = mock(ProgramConnection.class);
    private final Admission.Permit permit = mock(Admission.Permit.class);
    private final ConfinedRoot root = mock(ConfinedRoot.class);
    private final KeptHelpers.Held held = new KeptHelpers.Held(null, permit, helper);

    @AfterEach
    void unbind() {
        RequestFiles.bind(Optional.empty());
    }

    private Request request() {
        Context context = mock(Context.class);
        when(context.getResources()).thenReturn(root);
        when(root.getContext()).thenReturn(context);
        Request request = mock(Request.class, Answers.RETURNS_DEEP_STUBS);
        when(request.getContext()).thenReturn(context);
        when(request.getHost().getName()).thenReturn("localhost");
        when(request.getMethod()).thenReturn("GET");
        when(request.getDecodedRequestURI()).thenReturn("/");
        return request;
    }

    /** A request with a helper for its files and one that runs a program. */
    private RequestScope opened(Request request) throws HelperException {
        ConfineRequest.Root place = ConfineRequest.Root.readOnly(folder);
        when(root.roots(false)).thenReturn(List.of(place));
        when(helper.confinement()).thenReturn(CONFINEMENT);
        when(program.confinement()).thenReturn(CONFINEMENT);
        when(governor.helpers()).thenReturn(helpers);
        when(governor.decide(any(), any(), any())).thenReturn(new Verdict.Confine("u:r:t:s0", "rule"));
        when(helpers.take(any(), any(), any(), any(), any(), any())).thenReturn(held);
        when(helpers.numbers()).thenReturn(new HelperNumbers());
        when(helpers.program(any(), any(), any(), any(), any())).thenReturn(new Helpers.Running(permit, program));
        RequestScope scope = RequestScope.open(governor, request);
        assertSame(helper, scope.helper(root));
        assertSame(program, scope.program(new ProgramFolder("", folder), "", ""));
        assertSame(scope, RequestFiles.current().orElseThrow());
        return scope;
    }

    private void assertNothingLeft(Request request) {
        verify(program).close();
        verify(helpers).release(held, Optional.empty());
        verify(request).removeNote(RequestScope.class.getName());
        assertEquals(Optional.empty(), RequestFiles.current());
    }

    @Test
    void givesEverythingBackAtTheEnd() throws Exception {
        Request request = request();
        opened(request).close();
        verify(permit).close();
        assertNothingLeft(request);
    }

    @Test
    void givesTheRestBackWhereTheProgramCannotBeEnded() throws Exception {
        Request request = request();
        RequestScope scope = opened(request);
        IllegalStateException failure = new IllegalStateException();
        doThrow(failure).when(program).close();
        assertSame(failure, assertThrows(IllegalStateException.class, scope::close));
        verify(permit).close();
        assertNothingLeft(request);
    }

    @Test
    void givesTheThreadBackWhereTheHelperCannotBeGivenBack() throws Exception {
        Request request = request();
        RequestScope scope = opened(request);
        StackOverflowError failure = new StackOverflowError();
        doThrow(failure).when(helpers).release(any(), any());
        assertSame(failure, assertThrows(StackOverflowError.class, scope::close));
        assertNothingLeft(request);
    }

    @Test
    void givesTheThreadBackToTheRequestAround() {
        RequestScope outer = RequestScope.open(governor, request());
        RequestScope.open(governor, request()).close();
        assertSame(outer, RequestFiles.current().orElseThrow());
        outer.close();
        assertEquals(Optional.empty(), RequestFiles.current());
    }

    @Test
    void leavesNothingOnTheThreadsOfTomcat() throws Exception {
        ConcurrentLinkedQueue<Optional<RequestFiles>> left = new ConcurrentLinkedQueue<>();
        Path socket = folder.resolve("socket");
        try (Launchers.Service service = new Launchers.Service(socket, "--child");
                TestServer server = new TestServer(folder)) {
            server.document("a.txt", "a").document("denied.txt", "x").forbid("denied.txt");
            server.mapping("map", "guest @deny", "kaigai @unchanged", "* a_webapp_t:s0");
            server.tomcat.getEngine().getPipeline().addValve(new ValveBase(true) {
                @Override
                public void invoke(Request request, Response response) throws IOException, ServletException {
                    try {
                        getNext().invoke(request, response);
                    } finally {
                        left.add(RequestFiles.current());
                    }
                }
            });
            server.onHost(Map.of("mappingFile", "map", "launcher", "unix:" + socket))
                    .start();
            assertEquals(200, server.get("/a.txt").statusCode());
            Await.dead(server.helperOf("/a.txt"));
            assertEquals(403, server.get("/denied.txt").statusCode());
            Await.dead(server.helperOf("/denied.txt"));
            assertEquals(403, server.get("/a.txt", TestServer.as("guest")).statusCode());
            assertEquals(200, server.get("/a.txt", TestServer.as("kaigai")).statusCode());
            service.kill();
            assertEquals(503, server.get("/a.txt").statusCode());
            Await.until("a request does not end", () -> left.size() == 5);
            assertTrue(left.stream().allMatch(Optional::isEmpty), left::toString);
        }
    }
}
