// SPDX-License-Identifier: Apache-2.0
// A directory of a test's own.
package io.github.tomcatselinux;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/** Debian's {@code slapd}, with people below {@code ou=people,dc=example}; their contexts are in {@code description}. */
final class Slapd implements AutoCloseable {
    static final String BASE = "ou=people,dc=example";
    static final String ADMINISTRATOR = "cn=admin,dc=example";
    static final String PASSWORD = "secret";

    private static final int PORT = 13890;
    private static final int TLS_PORT = 16360;

    private static final String CONFIGURATION = """
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            include /etc/ldap/schema/inetorgperson.schema
            modulepath /usr/lib/ldap
            moduleload back_mdb
            pidfile %1$s/pid
            disallow bind_anon
            require authc
            TLSCertificateFile %1$s/certificate.pem
            TLSCertificateKeyFile %1$s/key.pem
            database mdb
            directory %1$s/data
            suffix "dc=example"
            rootdn "%2$s"
            rootpw %3$s
            """;

    private static final String TREE = """
            dn: dc=example
            objectClass: dcObject
            objectClass: organization
            o: example
            dc: example

            dn: ou=people,dc=example
            objectClass: organizationalUnit
            ou: people
            """;

    private final Path folder;
    private final Path slapd = Unprivileged.program("/usr/sbin/slapd");
    private final String address;
    private Process process;

    /** One person; several with one name are several entries. */
    record Person(String name, List<String> contexts) {
        Person(String name, String... contexts) {
            this(name, List.of(contexts));
        }

        String ldif(int number) {
            StringBuilder text =
                    new StringBuilder("\ndn: cn=%d,%s\nobjectClass: inetOrgPerson\ncn: %d\nsn: %s\nuid: %s\n"
                            .formatted(number, BASE, number, name, name));
            for (String context : contexts) {
                text.append("description:: ")
                        .append(Base64.getEncoder().encodeToString(context.getBytes(StandardCharsets.UTF_8)))
                        .append('\n');
            }
            return text.toString();
        }
    }

    /** Fills a directory and starts it. */
    Slapd(Path folder, Certificates certificates, String address, List<Person> people) throws Exception {
        this.folder = Unprivileged.folder(folder);
        this.address = address;
        Unprivileged.folder(folder.resolve("data"));
        Files.writeString(folder.resolve("certificate.pem"), certificates.certificate());
        Files.writeString(folder.resolve("key.pem"), certificates.key());
        Files.writeString(folder.resolve("slapd.conf"), CONFIGURATION.formatted(folder, ADMINISTRATOR, PASSWORD));
        StringBuilder entries = new StringBuilder(TREE);
        for (int i = 0; i < people.size(); i++) {
            entries.append(people.get(i).ldif(i));
        }
        Files.writeString(folder.resolve("people.ldif"), entries);
        Unprivileged.run(
                said(),
                Unprivileged.program("/usr/sbin/slapadd"),
                "-f",
                folder.resolve("slapd.conf"),
                "-l",
                folder.resolve("people.ldif"));
        start();
    }

    private Path said() {
        return folder.resolve("said");
    }

    void start() throws Exception {
        process = Unprivileged.start(
                said(), slapd, "-d", "0", "-f", folder.resolve("slapd.conf"), "-h", url() + "/ " + tlsUrl() + "/");
        Await.until("slapd does not start: " + Files.readString(said()), this::answers);
    }

    private boolean answers() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("slapd ended: " + Files.readString(said()));
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, PORT), 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    String url() {
        return "ldap://" + address + ":" + PORT;
    }

    String tlsUrl() {
        return "ldaps://" + address + ":" + TLS_PORT;
    }

    /** It keeps its connections, takes new ones, and says nothing. */
    void freeze() throws Exception {
        Unprivileged.signal(process, "STOP");
    }

    void kill() throws Exception {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws Exception {
        kill();
    }
}
