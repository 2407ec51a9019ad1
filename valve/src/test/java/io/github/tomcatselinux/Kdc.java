// SPDX-License-Identifier: Apache-2.0
// A realm of Kerberos of its own.
package io.github.tomcatselinux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Debian's {@code krb5-kdc}: a key distribution centre with the service {@code HTTP/localhost}, on a port that is free. */
final class Kdc implements AutoCloseable {
    static final String REALM = "TEST.EXAMPLE";
    static final String SERVICE = "HTTP/localhost@" + REALM;

    private static final int ATTEMPTS = 5;

    private static final String CLIENTS = """
            [libdefaults]
            default_realm = %1$s
            dns_lookup_kdc = false
            dns_lookup_realm = false
            dns_canonicalize_hostname = false
            rdns = false
            [realms]
            %1$s = {
              kdc = 127.0.0.1:%2$d
            }
            [domain_realm]
            localhost = %1$s
            """;

    private static final String SERVER = """
            [kdcdefaults]
            kdc_listen = 127.0.0.1:%2$d
            kdc_tcp_listen = 127.0.0.1:%2$d
            [realms]
            %1$s = {
              database_name = %3$s/principal
              key_stash_file = %3$s/stash
              supported_enctypes = aes256-cts-hmac-sha1-96:normal
            }
            """;

    private final Path folder;
    private final Process process;

    private Kdc(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    /** Starts one with these users, whose passwords are their names. */
    static Kdc start(Path folder, String... users) throws Exception {
        if (!Files.isExecutable(Path.of("/usr/sbin/krb5kdc"))) {
            throw new IllegalStateException("krb5kdc is missing: run \"scripts/setup\" first");
        }
        Files.createDirectories(folder);
        configure(folder, 0);
        run(folder, "", "/usr/sbin/kdb5_util", "create", "-s", "-r", REALM, "-P", "master");
        for (String user : users) {
            administer(folder, "addprinc -pw " + user + " " + user);
        }
        administer(folder, "addprinc -randkey " + SERVICE);
        administer(folder, "ktadd -k " + folder.resolve("keytab") + " " + SERVICE);
        for (int i = 0; i < ATTEMPTS; i++) {
            // Whoever else takes the port in between keeps it from starting, and it tries another one.
            configure(folder, Ports.free());
            Kdc kdc = new Kdc(folder, process(folder, "/usr/sbin/krb5kdc", "-n").start());
            if (kdc.answers(users[0])) {
                return kdc;
            }
            kdc.close();
        }
        throw new IOException("krb5kdc does not start");
    }

    /** Where Java and MIT's programs read which realm there is. */
    Path configuration() {
        return folder.resolve("krb5.conf");
    }

    Path keytab() {
        return folder.resolve("keytab");
    }

    /** A file with the tickets of somebody who has logged in. */
    Path logIn(String user) throws Exception {
        Path tickets = folder.resolve("tickets-" + user);
        run(folder, user + "\n", "/usr/bin/kinit", "-c", tickets.toString(), user);
        return tickets;
    }

    private boolean answers(String user) throws Exception {
        boolean[] answered = new boolean[1];
        Await.until("the KDC does not answer", () -> {
            try {
                answered[0] = Files.exists(logIn(user));
            } catch (IOException notYet) {
                answered[0] = false;
            }
            return answered[0] || !process.isAlive();
        });
        return answered[0];
    }

    private static void configure(Path folder, int port) throws IOException {
        Files.writeString(folder.resolve("krb5.conf"), CLIENTS.formatted(REALM, port));
        Files.writeString(folder.resolve("kdc.conf"), SERVER.formatted(REALM, port, folder));
    }

    private static void administer(Path folder, String request) throws Exception {
        run(folder, "", "/usr/sbin/kadmin.local", "-r", REALM, "-q", request);
    }

    private static void run(Path folder, String input, String... command) throws Exception {
        Process process = process(folder, command).start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        if (process.waitFor() != 0) {
            throw new IOException(List.of(command) + ": " + Files.readString(folder.resolve("said")));
        }
    }

    private static ProcessBuilder process(Path folder, String... command) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("said").toFile()));
        builder.environment().put("KRB5_CONFIG", folder.resolve("krb5.conf").toString());
        builder.environment().put("KRB5_KDC_PROFILE", folder.resolve("kdc.conf").toString());
        return builder;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
