// SPDX-License-Identifier: Apache-2.0
// A connector that gives each request a virtual thread, on a Java that has them.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.tomcatselinux.kernel.VirtualThreads;
import io.github.tomcatselinux.threads.ConfinedThreads;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.StandardVirtualThreadExecutor;
import org.apache.catalina.valves.ValveBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VirtualThreadsTest {
    /** The first release that has them. */
    private static final int RELEASE = 21;

    @TempDir
    Path folder;

    /** In a JVM of its own, since that which runs the tests is older. */
    @Test
    void runsServletsOnPlatformThreadsWhereRequestsComeOnVirtualOnes() throws Exception {
        List<Path> javas = Javas.from(RELEASE);
        assumeFalse(javas.isEmpty(), "SKIPPED: no Java " + RELEASE + " or newer in /usr/lib/jvm: install one");
        Process process = new ProcessBuilder(
                        javas.get(0).resolve("bin/java").toString(),
                        "-Dlauncher.binary=" + System.getProperty("launcher.binary"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Server.class.getName(),
                        folder.toString())
                .redirectError(folder.resolve("errors").toFile())
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS), "it does not end");
        assertEquals("[confined true, virtual, virtual false]\n", said, Files.readString(folder.resolve("errors")));
    }

    /** Tells on what kinds of threads requests came and servlets ran. */
    static final class Server {
        private static final int REQUESTS = 400;
        private static final int CLIENTS = 8;

        private Server() {}

        public static void main(String[] arguments) throws Exception {
            Set<String> seen = ConcurrentHashMap.newKeySet();
            ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
            try (TestServer server = new TestServer(Path.of(arguments[0]))) {
                StandardVirtualThreadExecutor executor = new StandardVirtualThreadExecutor();
                executor.setName("virtual");
                server.tomcat.getService().addExecutor(executor);
                server.tomcat.getConnector().getProtocolHandler().setExecutor(executor);
                server.tomcat.getEngine().getPipeline().addValve(new ValveBase(true) {
                    @Override
                    public void invoke(Request request, Response response) throws IOException, ServletException {
                        if (VirtualThreads.isVirtual(Thread.currentThread())) {
                            seen.add("virtual");
                        }
                        getNext().invoke(request, response);
                    }
                });
                ServletsTest.servlet(server.context, "/thread", (request, response) -> {
                    seen.add("confined " + ConfinedThreads.isCurrent());
                    seen.add("virtual " + VirtualThreads.isVirtual(Thread.currentThread()));
                });
                server.mapping("map", "kaigai a_webapp_t:s0", "* b_webapp_t:s0")
                        .onHost(Map.of("mappingFile", "map"))
                        .start();
                List<Callable<Integer>> requests = IntStream.range(0, REQUESTS)
                        .<Callable<Integer>>mapToObj(n -> () -> (n % 2 == 0
                                        ? server.get("/thread", TestServer.as("kaigai"))
                                        : server.get("/thread"))
                                .statusCode())
                        .toList();
                for (Future<Integer> status : clients.invokeAll(requests)) {
                    if (status.get() != 200) {
                        seen.add("status " + status.get());
                    }
                }
            }
            clients.shutdownNow();
            System.out.println(seen.stream().sorted().toList());
            System.exit(0);
        }
    }
}
