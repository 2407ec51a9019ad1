// SPDX-License-Identifier: Apache-2.0
// Apache httpd over a folder of programs, to compare with, or before Tomcat as a proxy.
package io.github.tomcatselinux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/** Debian's {@code apache2-bin}, with a configuration of its own: the same URLs lead to the same programs. */
final class Apache implements AutoCloseable {
    private static final Path BINARY = Path.of("/usr/sbin/apache2");
    private static final int ATTEMPTS = 5;

    private static final String COMMON = """
            ServerRoot %1$s
            PidFile %1$s/pid
            DefaultRuntimeDir %1$s
            ErrorLog %1$s/error.log
            Listen 127.0.0.1:%2$d
            ServerName 127.0.0.1
            User nobody
            Group nogroup
            LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
            LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
            """;

    private static final String PROGRAMS = COMMON + """
            LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so
            LoadModule authn_file_module /usr/lib/apache2/modules/mod_authn_file.so
            LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
            LoadModule auth_basic_module /usr/lib/apache2/modules/mod_auth_basic.so
            LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
            LoadModule cgid_module /usr/lib/apache2/modules/mod_cgid.so
            ScriptSock %1$s/cgid.sock
            DocumentRoot %3$s
            ScriptAlias /app/cgi/ %3$s/WEB-INF/cgi/
            Alias /app/ %3$s/
            <Location /app/cgi/env/authenticated>
                AuthType Basic
                AuthName test
                AuthUserFile %1$s/users
                Require valid-user
            </Location>
            """;

    /** One process with one connection to the server behind it. */
    private static final String PROXY = COMMON + """
            LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
            LoadModule proxy_ajp_module /usr/lib/apache2/modules/mod_proxy_ajp.so
            StartServers 1
            ServerLimit 1
            ThreadsPerChild 4
            MaxRequestWorkers 4
            ProxyPass / ajp://127.0.0.1:%3$s/ max=1
            """;

    private static final String AUTHENTICATING_PROXY = PROXY + """
            LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so
            LoadModule authn_file_module /usr/lib/apache2/modules/mod_authn_file.so
            LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
            LoadModule auth_basic_module /usr/lib/apache2/modules/mod_auth_basic.so
            <Location />
                AuthType Basic
                AuthName test
                AuthUserFile %1$s/users
                Require valid-user
            </Location>
            """;

    private final Process process;
    private final int port;

    private Apache(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts it over a folder.
     *
     * @param folder for its own files
     * @param documents of the application, with the programs in {@code WEB-INF/cgi}
     */
    static Apache start(Path folder, Path documents) throws Exception {
        return start(folder, PROGRAMS, documents);
    }

    /**
     * Starts it as a proxy.
     *
     * @param folder for its own files
     * @param server the port that speaks AJP
     */
    static Apache proxy(Path folder, int server) throws Exception {
        return start(folder, PROXY, server);
    }

    /** Starts it as a proxy that lets nobody through whom it does not know, and says who it is. */
    static Apache authenticatingProxy(Path folder, int server) throws Exception {
        return start(folder, AUTHENTICATING_PROXY, server);
    }

    private static Apache start(Path folder, String configuration, Object behind) throws Exception {
        if (!Files.isExecutable(BINARY)) {
            throw new IllegalStateException(BINARY + " is missing: run \"scripts/setup\" first");
        }
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("users"), "kaigai:{SHA}%s%n".formatted(sha("kaigai")));
        for (int i = 0; i < ATTEMPTS; i++) {
            // Whoever else takes the port in between keeps it from starting, and it tries another one.
            int port = Ports.free();
            Path file = folder.resolve("apache.conf");
            Files.writeString(file, configuration.formatted(folder, port, behind));
            Process process = new ProcessBuilder(BINARY.toString(), "-D", "FOREGROUND", "-f", file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("said").toFile())
                    .start();
            Apache apache = new Apache(process, port);
            if (apache.listens(folder.resolve("pid"))) {
                return apache;
            }
            apache.close();
        }
        throw new IOException("Apache does not start: " + Files.readString(folder.resolve("said")));
    }

    int port() {
        return port;
    }

    /** Says so itself when the port is its own: somebody else may listen there while it finds that out. */
    private boolean listens(Path pid) throws IOException, InterruptedException {
        for (int i = 0; i < 3_000 && process.isAlive(); i++) {
            if (Files.exists(pid) && Files.readString(pid).strip().equals(Long.toString(process.pid()))) {
                return true;
            }
            Thread.sleep(20);
        }
        return false;
    }

    private static String sha(String password) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-1").digest(password.getBytes(StandardCharsets.US_ASCII));
        return Base64.getEncoder().encodeToString(digest);
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
