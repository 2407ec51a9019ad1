// SPDX-License-Identifier: Apache-2.0
// A real Tomcat with programs behind CGIServlet's declaration.
package io.github.tomcatselinux;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;

/** One servlet at {@code /cgi/*} for shell scripts that run by themselves, in the application {@code /app}. */
final class Programs implements AutoCloseable {
    final TestServer server;
    final Wrapper servlet;
    private final Path folder;

    Programs(Path folder, Map<String, String> parameters) throws IOException {
        server = new TestServer(folder);
        server.context.setPath("/app");
        server.context.setPrivileged(true);
        this.folder = Files.createDirectories(server.documents.resolve("WEB-INF/cgi"));
        servlet = Tomcat.addServlet(server.context, "programs", "org.apache.catalina.servlets.CGIServlet");
        Map<String, String> all = new LinkedHashMap<>(Map.of("cgiPathPrefix", "WEB-INF/cgi", "executable", ""));
        all.putAll(parameters);
        all.forEach(servlet::addInitParameter);
        server.context.addServletMappingDecoded("/cgi/*", "programs");
    }

    /** An executable shell script. */
    Programs script(String name, String... lines) throws IOException {
        return program(name, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    }

    Programs program(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return this;
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    Programs start(Map<String, String> attributes) throws LifecycleException {
        server.onHost(attributes).start();
        return this;
    }

    /** A connection on which a request has been written. */
    Socket open(String request) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(Math.toIntExact(Await.PATIENCE.toMillis()));
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** Reads until the words have come. */
    static String readUntil(InputStream in, String words) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(words) < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("the end came before [" + words + "]: " + read);
            }
            read.append((char) octet);
        }
        return read.toString();
    }

    @Override
    public void close() {
        server.close();
    }
}
