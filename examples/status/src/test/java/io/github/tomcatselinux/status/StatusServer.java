// SPDX-License-Identifier: Apache-2.0
// A real Tomcat with the valve, the launcher, an application with files, and the page.
package io.github.tomcatselinux.status;

import io.github.tomcatselinux.SelinuxValve;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.authenticator.BasicAuthenticator;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.LoginConfig;

/** Everybody's password is {@code secret}. The machine need not have SELinux: then no context is taken. */
final class StatusServer implements AutoCloseable {
    static final String ADMIN = "admin";
    static final String PASSWORD = "secret";
    private static final String ROLE = "manager-gui";

    private final Tomcat tomcat = new Tomcat();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** As the next, of the name that Tomcat has by itself. */
    StatusServer(Path folder, List<String> rules, String... users) throws IOException, LifecycleException {
        this("Tomcat", "on", folder, rules, users);
    }

    /** With these rules, a file that everybody may read and one that no helper may, and these users beside {@link #ADMIN}. */
    StatusServer(String name, String enforcement, Path folder, List<String> rules, String... users)
            throws IOException, LifecycleException {
        tomcat.getEngine().setName(name);
        Path documents = Files.createDirectories(folder.resolve("documents"));
        Files.writeString(documents.resolve("open.txt"), "open");
        Path denied = Files.writeString(documents.resolve("denied.txt"), "denied");
        Files.setPosixFilePermissions(denied, PosixFilePermissions.fromString("---------"));
        Path map = Files.write(folder.resolve("selinux.map"), rules);
        tomcat.setBaseDir(folder.resolve("base").toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.addUser(ADMIN, PASSWORD);
        tomcat.addRole(ADMIN, ROLE);
        for (String user : users) {
            tomcat.addUser(user, PASSWORD);
        }
        SelinuxValve valve = new SelinuxValve();
        Map.of(
                        "launcher",
                        Path.of(System.getProperty("launcher.binary"))
                                .toRealPath()
                                .toString(),
                        "onNotEnforcing",
                        "ignore",
                        "enforcement",
                        enforcement,
                        "onNoMatch",
                        "deny",
                        "mappingFile",
                        map.toString())
                .forEach(valve::setProperty);
        tomcat.getHost().getPipeline().addValve(valve);
        Context files = tomcat.addContext("", documents.toString());
        files.setPreemptiveAuthentication(true);
        files.setLoginConfig(new LoginConfig("BASIC", "test", null, null));
        BasicAuthenticator authenticator = new BasicAuthenticator();
        authenticator.setCharset("UTF-8");
        files.getPipeline().addValve(authenticator);
        Tomcat.addServlet(files, "default", "org.apache.catalina.servlets.DefaultServlet");
        files.addServletMappingDecoded("/", "default");
        tomcat.addWebapp(
                "/selinux-status", Path.of("src/main/webapp").toAbsolutePath().toString());
        tomcat.start();
    }

    int port() {
        return tomcat.getConnector().getLocalPort();
    }

    URI page(String query) {
        return URI.create("http://127.0.0.1:" + port() + "/selinux-status/" + query);
    }

    /** Nobody asks if the user is empty. */
    HttpResponse<String> send(String method, String path, String user) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (!user.isEmpty()) {
            request.header("Authorization", credentials(user));
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    static String credentials(String user) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
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
}
