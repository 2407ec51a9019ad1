// SPDX-License-Identifier: Apache-2.0
// A real Tomcat on a real port, with the valve and the real launcher.
package io.github.tomcatselinux;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.ValveBase;
import org.apache.tomcat.util.descriptor.web.LoginConfig;

/**
 * An embedded Tomcat whose application asks for HTTP authentication where a client offers it. The machine that runs
 * these tests need not have SELinux: helpers are real processes that take no context there.
 */
final class TestServer implements AutoCloseable {
    static final Path LAUNCHER =
            Path.of(System.getProperty("launcher.binary")).toAbsolutePath().normalize();

    final Tomcat tomcat = new Tomcat();
    final Path base;
    final Path documents;
    final Context context;
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger recorded = new AtomicInteger();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    TestServer(Path folder) throws IOException {
        if (!Files.isExecutable(LAUNCHER)) {
            throw new IllegalStateException(LAUNCHER + " is not built: run \"make -C launcher\" first");
        }
        base = Files.createDirectories(folder.resolve("base"));
        documents = Files.createDirectories(folder.resolve("documents"));
        tomcat.setBaseDir(base.toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.addUser("kaigai", "kaigai");
        tomcat.addRole("kaigai", "writer");
        tomcat.addUser("guest", "guest");
        context = tomcat.addContext("", documents.toString());
        context.setPreemptiveAuthentication(true);
        context.setLoginConfig(new LoginConfig("BASIC", "test", null, null));
        context.getPipeline().addValve(new org.apache.catalina.authenticator.BasicAuthenticator());
        Tomcat.addServlet(context, "default", "org.apache.catalina.servlets.DefaultServlet")
                .addInitParameter("listings", "true");
        context.addServletMappingDecoded("/", "default");
        context.addWelcomeFile("index.html");
        context.addMimeMapping("txt", "text/plain");
        tomcat.getEngine().getPipeline().addValve(new Recorder());
    }

    /** A valve with attributes that suit this machine. */
    static SelinuxValve valve(Map<String, String> attributes) {
        SelinuxValve valve = new SelinuxValve();
        Map<String, String> all = new LinkedHashMap<>(
                Map.of("launcher", LAUNCHER.toString(), "onNotEnforcing", "ignore", "defaultContext", "*:s0"));
        all.putAll(attributes);
        all.forEach(valve::setProperty);
        return valve;
    }

    TestServer with(Container container, SelinuxValve valve) {
        container.getPipeline().addValve(valve);
        return this;
    }

    TestServer onHost(Map<String, String> attributes) {
        return with(tomcat.getHost(), valve(attributes));
    }

    TestServer document(String name, String content) throws IOException {
        Path file = documents.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        return this;
    }

    /** Makes a document one that root may read and a helper, which has no capabilities, may not. */
    TestServer forbid(String name) throws IOException {
        forbid(documents.resolve(name));
        return this;
    }

    static void forbid(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        if (!Files.isReadable(file)) {
            throw new IllegalStateException("these tests have to run as root");
        }
    }

    TestServer mapping(String name, String... lines) throws IOException {
        Files.writeString(base.resolve(name), String.join("\n", lines) + "\n");
        return this;
    }

    /** Another application, which has one document: there.txt. */
    Context application(String path) throws IOException {
        Path own = Files.createDirectories(base.resolve("applications" + path));
        Files.writeString(own.resolve("there.txt"), "there");
        Context application = tomcat.addContext(path, own.toString());
        Tomcat.addServlet(application, "default", "org.apache.catalina.servlets.DefaultServlet");
        application.addServletMappingDecoded("/", "default");
        return application;
    }

    TestServer start() throws LifecycleException {
        tomcat.start();
        return this;
    }

    int port() {
        return tomcat.getConnector().getLocalPort();
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return send("GET", path, headers);
    }

    HttpResponse<String> send(String method, String path, String... headers) throws IOException, InterruptedException {
        sent.incrementAndGet();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    static String[] as(String user) {
        String credentials = Base64.getEncoder().encodeToString((user + ":" + user).getBytes(StandardCharsets.UTF_8));
        return new String[] {"Authorization", "Basic " + credentials};
    }

    /** What goes over the wire, byte for byte, until the server closes the connection. */
    String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoTimeout(Math.toIntExact(Await.PATIENCE.toMillis()));
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** Counts a request that another client is about to make, so that {@link #attribute} waits for its end. */
    void asked() {
        sent.incrementAndGet();
    }

    /** A request attribute as an access log would have seen it after the last request for a path. */
    Optional<Object> attribute(String path, String name) throws Exception {
        Await.until("a request does not end", () -> recorded.get() >= sent.get());
        return Optional.ofNullable(seen.get(path)).map(last -> last.attributes().get(name));
    }

    /** The process that served the last request for a path. */
    long helperOf(String path) throws Exception {
        return (Long) attribute(path, RequestScope.HELPER_ATTRIBUTE).orElseThrow();
    }

    @Override
    public void close() {
        try {
            tomcat.stop();
            tomcat.destroy();
        } catch (LifecycleException failed) {
            throw new UncheckedIOException(new IOException(failed));
        }
    }

    /** The attributes of a request at its end, and which one it was to begin. */
    private record Seen(int number, Map<String, Object> attributes) {
        Seen later(Seen other) {
            return other.number > number ? other : this;
        }
    }

    /** Stands where an access log would. */
    private final class Recorder extends ValveBase {
        Recorder() {
            super(true);
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, jakarta.servlet.ServletException {
            int number = begun.incrementAndGet();
            try {
                getNext().invoke(request, response);
            } finally {
                Map<String, Object> attributes = new LinkedHashMap<>();
                for (String name : new String[] {
                    RequestScope.RULE_ATTRIBUTE,
                    RequestScope.HELPER_ATTRIBUTE,
                    RequestScope.CONTEXT_ATTRIBUTE,
                    RequestScope.ID_ATTRIBUTE,
                    RequestScope.REFUSED_BY_ATTRIBUTE,
                    "org.apache.tomcat.sendfile.filename"
                }) {
                    Object value = request.getAttribute(name);
                    if (value != null) {
                        attributes.put(name, value);
                    }
                }
                // A request that was refused for what its path looks like has none.
                String path = String.valueOf(request.getDecodedRequestURI());
                // The client may have its answer, and the next one, before this is reached.
                seen.merge(path, new Seen(number, attributes), Seen::later);
                recorded.incrementAndGet();
            }
        }
    }
}
