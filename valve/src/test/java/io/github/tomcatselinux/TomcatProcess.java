// SPDX-License-Identifier: Apache-2.0
// Apache Tomcat as one installs it, in a JVM of its own, with the valve as it was just compiled.
package io.github.tomcatselinux;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One host with one application, whose clients are asked for a name where they offer one. */
final class TomcatProcess implements AutoCloseable {
    private static final Path HOME =
            Path.of("../target/tomcat").toAbsolutePath().normalize();
    private static final Pattern PORT = Pattern.compile("http-nio-127\\.0\\.0\\.1-auto-\\d+-(\\d+)");
    private static final Pattern OURS =
            Pattern.compile(".*/(valve/target/classes|mapping/target/[^/]+|(log4j|jackson-core)[^/]+\\.jar)");

    final Path base;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Process process;
    private final int port;

    /**
     * Starts it and waits until it serves.
     *
     * @param base its {@code CATALINA_BASE}, which may have files already
     * @param host what the {@code <Host>} of its {@code server.xml} holds
     * @param logging lines for the end of its {@code logging.properties}
     * @param java options for the JVM
     */
    TomcatProcess(Path base, String host, String logging, String... java) throws Exception {
        if (!Files.isDirectory(HOME)) {
            throw new IllegalStateException(HOME + " is not there: run scripts/unpack-tomcat first");
        }
        this.base = base;
        configure(host);
        append("conf/logging.properties", logging);
        Path console = base.resolve("console");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                HOME + "/bin/bootstrap.jar:" + HOME + "/bin/tomcat-juli.jar",
                "-Djava.util.logging.manager=org.apache.juli.ClassLoaderLogManager",
                "-Djava.util.logging.config.file=" + base.resolve("conf/logging.properties"),
                "-Dcatalina.home=" + HOME,
                "-Dcatalina.base=" + base,
                "-Djava.io.tmpdir=" + base));
        command.addAll(List.of(java));
        command.addAll(List.of("org.apache.catalina.startup.Bootstrap", "start"));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(console.toFile())
                .start();
        try {
            Await.until(
                    "Tomcat does not start, see " + console,
                    () -> !process.isAlive() || Files.readString(console).contains("Server startup in"));
            Matcher said = PORT.matcher(Files.readString(console));
            if (!said.find()) {
                throw new IllegalStateException(Files.readString(console));
            }
            port = Integer.parseInt(said.group(1));
        } catch (Exception | Error failed) {
            close();
            throw failed;
        }
    }

    private void configure(String host) throws IOException {
        for (String name : new String[] {"logs", "temp", "webapps/ROOT/WEB-INF", "webapps/ROOT/META-INF", "conf"}) {
            Files.createDirectories(base.resolve(name));
        }
        for (String name : new String[] {"web.xml", "context.xml", "logging.properties", "catalina.properties"}) {
            Files.copy(HOME.resolve("conf/" + name), base.resolve("conf/" + name));
        }
        String classes = Arrays.stream(System.getProperty("java.class.path").split(":"))
                .filter(entry -> OURS.matcher(entry).matches())
                .map(entry -> "\"" + entry + "\"")
                .collect(Collectors.joining(","));
        append(
                "conf/catalina.properties",
                "common.loader=\"${catalina.home}/lib\",\"${catalina.home}/lib/*.jar\"," + classes);
        Files.writeString(base.resolve("conf/server.xml"), """
                <Server port="-1">
                  <Service name="Catalina">
                    <Connector port="0" address="127.0.0.1"/>
                    <Engine name="Catalina" defaultHost="localhost">
                      <Realm className="org.apache.catalina.realm.MemoryRealm" pathname="conf/tomcat-users.xml"/>
                      <Host name="localhost" appBase="webapps">%s</Host>
                    </Engine>
                  </Service>
                </Server>
                """.formatted(host));
        if (Files.notExists(base.resolve("conf/tomcat-users.xml"))) {
            Files.writeString(base.resolve("conf/tomcat-users.xml"), "<tomcat-users/>");
        }
        Files.writeString(base.resolve("webapps/ROOT/META-INF/context.xml"), """
                <Context preemptiveAuthentication="true">
                  <Valve className="org.apache.catalina.authenticator.BasicAuthenticator" charset="UTF-8"/>
                </Context>
                """);
        Files.writeString(base.resolve("webapps/ROOT/WEB-INF/web.xml"), """
                <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
                  <login-config><auth-method>BASIC</auth-method></login-config>
                </web-app>
                """);
    }

    /** The valve's element, with attributes that suit this machine and these. */
    static String valve(String attributes) {
        return "<Valve className=\"" + SelinuxValve.class.getName() + "\" launcher=\"" + TestServer.LAUNCHER
                + "\" onNotEnforcing=\"ignore\" " + attributes + "/>";
    }

    private void append(String name, String lines) throws IOException {
        Files.writeString(base.resolve(name), "\n" + lines + "\n", StandardOpenOption.APPEND);
    }

    int port() {
        return port;
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The lines of the one file below {@code logs} whose name begins and ends like this. To be read when Tomcat has stopped. */
    List<String> log(String prefix, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(base.resolve("logs"))) {
            List<Path> found = files.filter(
                            file -> file.getFileName().toString().startsWith(prefix)
                                    && file.toString().endsWith(suffix))
                    .toList();
            if (found.size() != 1) {
                throw new IllegalStateException(prefix + "*" + suffix + ": " + found);
            }
            return Files.readAllLines(found.get(0));
        }
    }

    /** Ends it as systemd would, so that it writes its logs to their end. */
    void stop() throws Exception {
        process.destroy();
        if (!process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("Tomcat does not stop, see " + base.resolve("console"));
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
