// SPDX-License-Identifier: Apache-2.0
// What the doctor finds in files, and that it carries no secret away.
package io.github.tomcatselinux.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.mapping.cli.Examination;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExaminerTest {
    private static final String VALVE = "<Valve className=\"io.github.tomcatselinux.SelinuxValve\" %s/>\n";

    @TempDir
    Path folder;

    private Path base;
    private final StringWriter out = new StringWriter();

    @BeforeEach
    void layOut() throws Exception {
        base = Files.createDirectories(folder.resolve("base"));
        Files.createDirectories(base.resolve("conf/Catalina/localhost"));
        Files.createDirectories(base.resolve("webapps/one/META-INF"));
        Files.writeString(base.resolve("conf/good.map"), "kaigai a_webapp_t:s0\n* @deny\n");
    }

    private void server(String connector, String engine, String host) throws Exception {
        Files.writeString(
                base.resolve("conf/server.xml"),
                "<Server>\n<Service name=\"Catalina\">\n" + connector + "\n<Engine name=\"Catalina\">\n" + engine
                        + "<Host name=\"localhost\">\n" + host + "</Host></Engine></Service></Server>\n");
    }

    private int examine(Optional<Path> bundle) {
        out.getBuffer().setLength(0);
        // This machine has no SELinux; a line says so, and is not what these tests are about.
        return new Examiner(new Selinux(folder.resolve("none"), folder))
                .examine(
                        new Examination.Request(
                                Optional.of(base.resolve("conf/server.xml")),
                                Optional.empty(),
                                "system_u:system_r:tomcat_t:s0",
                                bundle),
                        new PrintWriter(out, true));
    }

    /** Each entry's text below its name. */
    private static String content(Path zip) throws Exception {
        StringBuilder all = new StringBuilder();
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                all.append(entry.getName()).append('\n').append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return all.toString();
    }

    private void assertFound(String severity, String... parts) {
        assertTrue(
                out.toString()
                        .lines()
                        .anyMatch(line -> line.startsWith(severity + ": ")
                                && java.util.Arrays.stream(parts).allMatch(line::contains)),
                () -> String.join(" ", parts) + " is missing in:\n" + out);
    }

    private static String good() {
        return VALVE.formatted("mappingFile=\"conf/good.map\" launcher=\"/absent/launcher\"");
    }

    @Test
    void isContentWithARightConfigurationButForWhatTheSystemLacks() throws Exception {
        server("<Connector port=\"8080\"/>", "", good());
        assertEquals(5, examine(Optional.empty()), out::toString);
        assertFound("ok", "server.xml:6: the valve's attributes are right");
        assertFound("ok", "2 rules");
        assertFound("ok", "server.xml:3", "sendfile is on");
        assertFound("error", "SELinux is disabled");
        assertEquals(
                1,
                out.toString().lines().filter(line -> line.startsWith("error")).count(),
                out::toString);
    }

    @Test
    void namesFileAndLineOfWrongAttributesWhereverTheValveIsDeclared() throws Exception {
        server("<Connector port=\"8080\"/>", "", "");
        Files.writeString(
                base.resolve("conf/Catalina/localhost/two.xml"),
                "<Context>\n\n" + VALVE.formatted("mappingFile=\"conf/good.map\" onNoMatsch=\"deny\"") + "</Context>");
        Files.writeString(
                base.resolve("webapps/one/META-INF/context.xml"),
                "<Context>\n" + VALVE.formatted("defaultContext=\"*:s0\" maxHelpers=\"many\"") + "</Context>");
        assertEquals(3, examine(Optional.empty()), out::toString);
        assertFound("error", "two.xml:3", "onNoMatsch is unknown");
        assertFound("error", "META-INF/context.xml:2", "maxHelpers", "[many]");
        Files.delete(base.resolve("conf/Catalina/localhost/two.xml"));
        Files.delete(base.resolve("webapps/one/META-INF/context.xml"));
        Files.writeString(
                base.resolve("conf/context.xml"),
                "<Context>\n" + VALVE.formatted("servlets=\"denied\"") + "</Context>");
        assertEquals(3, examine(Optional.empty()), out::toString);
        assertFound("error", "conf/context.xml:2", "[denied]", "neither mappingFile nor defaultContext");
    }

    @Test
    void namesLinesOfMappingFiles() throws Exception {
        server("<Connector port=\"8080\"/>", "", good());
        Files.writeString(base.resolve("conf/good.map"), "kaigai a_webapp_t:s0\nnonsense\n");
        assertEquals(4, examine(Optional.empty()), out::toString);
        assertFound("error", "server.xml:6", "conf/good.map:2:");
        Files.delete(base.resolve("conf/good.map"));
        assertEquals(4, examine(Optional.empty()), out::toString);
    }

    @Test
    void findsWhatStandsInTheWay() throws Exception {
        server(
                "<Connector port=\"8443\">\n<UpgradeProtocol className=\"org.apache.coyote.http2.Http2Protocol\"/></Connector>",
                good(),
                "<Valve className=\"org.apache.catalina.valves.RemoteIpValve\"/>\n" + good());
        assertEquals(5, examine(Optional.empty()), out::toString);
        assertFound("error", "server.xml:3", "HTTP/2");
        assertFound("error", "two SelinuxValves", "server.xml:6", "server.xml:9");
        assertFound("warning", "RemoteIpValve", "server.xml:8", "server.xml:6");
    }

    @Test
    void namesTheSocketOfALauncherThatIsDown() throws Exception {
        server(
                "<Connector port=\"8080\"/>",
                "",
                VALVE.formatted("defaultContext=\"*:s0\" launcher=\"unix:/absent/sock\""));
        examine(Optional.empty());
        assertFound("error", "/absent/sock", "systemctl restart tomcat-selinux-launcher.socket");
    }

    @Test
    void readsNothingOutsideTheFile() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "s3cr3t-of-another-file");
        Files.writeString(
                base.resolve("conf/server.xml"),
                "<!DOCTYPE Server [<!ENTITY x SYSTEM \"" + secret.toUri() + "\">]>\n<Server port=\"&x;\">&x;</Server>");
        assertEquals(3, examine(Optional.empty()), out::toString);
        assertFound("error", "server.xml:1", "DOCTYPE");
        assertFalse(out.toString().contains("s3cr3t"), out::toString);
        Files.writeString(base.resolve("conf/server.xml"), "<Server>\n<Service>\n</Server>");
        assertEquals(3, examine(Optional.empty()), out::toString);
        assertFound("error", "server.xml:3");
    }

    @Test
    void carriesNoSecretAway() throws Exception {
        server(
                "<Connector port=\"8443\" keystorePass=\"s3cr3t-1\"/>",
                "<Realm className=\"org.apache.catalina.realm.JNDIRealm\" connectionName=\"cn=s3cr3t-2\""
                        + " connectionPassword=\"s3cr3t-3\" connectionURL=\"ldap://s3cr3t-4\"/>\n",
                VALVE.formatted("mappingFile=\"conf/good.map\" onNoMatsch=\"deny\"") + "<Context docBase=\"x\">"
                        + "<Resource name=\"jdbc/x\" username=\"s3cr3t-5\" password=\"s3cr3t-6\" url=\"jdbc:s3cr3t-7\"/>"
                        + "</Context>");
        Path zip = folder.resolve("bundle.zip");
        examine(Optional.of(zip));
        assertFound("written", zip.toString());
        String all = content(zip);
        assertFalse(all.contains("s3cr3t"), all);
        assertTrue(all.contains("onNoMatsch=\"deny\""), all);
        assertTrue(all.contains("Realm className=\"org.apache.catalina.realm.JNDIRealm\""), all);
        assertTrue(all.contains("java " + Runtime.version()), all);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(zip)));
        // Nothing is written over.
        examine(Optional.of(zip));
        assertFound("error", zip.toString(), "cannot be written");
    }

    @Test
    void strikesOutOfOtherTextWhatIsASecretInAFile() throws Exception {
        server("<Connector port=\"8443\" keystorePass=\"s3cr3t-1\"/>", "", VALVE.formatted("mappingFile=\"s3cr3t-1\""));
        Path zip = folder.resolve("bundle.zip");
        examine(Optional.of(zip));
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            in.getNextEntry();
            String findings = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertFalse(findings.contains("s3cr3t"), findings);
            assertTrue(findings.contains("[removed]"), findings);
        }
    }

    @Test
    void bringsTheRulesThatTheAdministratorNamesAndNoFileThatAnApplicationDoes() throws Exception {
        Files.writeString(base.resolve("conf/good.map"), "# the password is s3cr3t-1\nkaigai a_webapp_t:s0\n");
        Files.writeString(base.resolve("shadow"), "root:of-the-system\n");
        server("<Connector port=\"8443\" keystorePass=\"s3cr3t-1\"/>", "", good());
        Files.writeString(
                base.resolve("webapps/one/META-INF/context.xml"),
                "<Context>" + VALVE.formatted("mappingFile=\"shadow\"") + "</Context>");
        Path zip = folder.resolve("bundle.zip");
        examine(Optional.of(zip));
        String all = content(zip);
        assertTrue(
                all.contains(
                        "mapping-1.txt\n" + base.resolve("conf/good.map") + "\n# the password is [removed]\nkaigai"),
                all);
        assertFalse(all.contains("mapping-2.txt"), all);
    }

    @Test
    void looksIntoPackedApplicationsUnlessADescriptorGoesBefore() throws Exception {
        server("<Connector port=\"8080\"/>", "", "");
        try (ZipOutputStream war = new ZipOutputStream(Files.newOutputStream(base.resolve("webapps/two.war")))) {
            war.putNextEntry(new ZipEntry("META-INF/context.xml"));
            war.write(("<Context>\n" + VALVE.formatted("mappingFile=\"conf/good.map\" onNoMatsch=\"deny\"")
                            + "</Context>")
                    .getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(3, examine(Optional.empty()), out::toString);
        assertFound("error", "two.war/META-INF/context.xml:2", "onNoMatsch is unknown");
        Files.writeString(base.resolve("conf/Catalina/localhost/two.xml"), "<Context>\n" + good() + "</Context>");
        assertEquals(5, examine(Optional.empty()), out::toString);
        assertFound("ok", "two.xml:2: the valve's attributes are right");
        Files.writeString(base.resolve("webapps/three.war"), "no archive");
        assertEquals(3, examine(Optional.empty()), out::toString);
        assertFound("error", "three.war", "cannot be read");
    }

    @Test
    void putsInThePropertiesThatTomcatDoes() throws Exception {
        Files.writeString(base.resolve("conf/catalina.properties"), "rules=good\nlimit = 7\n");
        server(
                "<Connector port=\"8080\"/>",
                "",
                VALVE.formatted("mappingFile=\"${catalina.base}/conf/${rules}.map\" launcher=\"/absent/launcher\""
                        + " preflightLimit=\"${limit}\" onNoMatch=\"${action:-deny}\""));
        assertEquals(5, examine(Optional.empty()), out::toString);
        assertFound("ok", "server.xml:6: the valve's attributes are right");
        assertFound("ok", "2 rules");
        Files.delete(base.resolve("conf/catalina.properties"));
        assertEquals(3, examine(Optional.empty()), out::toString);
        assertFound("warning", "server.xml:6", "a property in Valve", "conf/catalina.properties");
        assertFound("error", "server.xml:6", "preflightLimit", "${limit}");
    }

    @Test
    void namesTheSocketOfAProgramLauncherThatIsDown() throws Exception {
        server(
                "<Connector port=\"8080\"/>",
                "",
                VALVE.formatted(
                        "defaultContext=\"*:s0\" launcher=\"/absent/launcher\" programLauncher=\"unix:/absent/sock\""));
        examine(Optional.empty());
        assertFound("error", "/absent/sock", "systemctl restart tomcat-selinux-programs.socket");
        server(
                "<Connector port=\"8080\"/>",
                "",
                VALVE.formatted("defaultContext=\"*:s0\" launcher=\"/absent/launcher\" programs=\"off\""
                        + " programLauncher=\"unix:/absent/sock\""));
        examine(Optional.empty());
        assertFalse(out.toString().contains("/absent/sock"), out::toString);
    }

    @Test
    void isWhatTheCommandFinds() {
        assertTrue(ServiceLoader.load(Examination.class).findFirst().orElseThrow() instanceof Examiner);
    }
}
