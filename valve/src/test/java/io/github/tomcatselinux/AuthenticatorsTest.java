// SPDX-License-Identifier: Apache-2.0
// Tomcat's authenticators before the valve: whom each of them knows is that person for the rules.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.security.auth.message.AuthStatus;
import jakarta.security.auth.message.MessageInfo;
import jakarta.security.auth.message.MessagePolicy;
import jakarta.security.auth.message.callback.CallerPrincipalCallback;
import jakarta.security.auth.message.callback.GroupPrincipalCallback;
import jakarta.security.auth.message.config.AuthConfigFactory;
import jakarta.security.auth.message.module.ServerAuthModule;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import org.apache.catalina.Context;
import org.apache.catalina.Valve;
import org.apache.catalina.authenticator.BasicAuthenticator;
import org.apache.catalina.authenticator.DigestAuthenticator;
import org.apache.catalina.authenticator.NonLoginAuthenticator;
import org.apache.catalina.authenticator.SSLAuthenticator;
import org.apache.catalina.authenticator.SpnegoAuthenticator;
import org.apache.catalina.authenticator.jaspic.SimpleAuthConfigProvider;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.ajp.AbstractAjpProtocol;
import org.apache.tomcat.util.descriptor.web.LoginConfig;
import org.apache.tomcat.util.descriptor.web.SecurityCollection;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthenticatorsTest {
    private static final String PASSWORD = "changeit";
    private static final String KRB5_CONF = "java.security.krb5.conf";

    @TempDir
    Path folder;

    /** An application that lets in whoever its authenticator knows, and tells who that is. */
    private static Context application(TestServer server, String method, Valve authenticator) throws IOException {
        Context application = server.application("/guarded");
        application.setLoginConfig(new LoginConfig(method, "test", null, null));
        application.getPipeline().addValve(authenticator);
        SecurityCollection all = new SecurityCollection();
        all.addPatternDecoded("/*");
        SecurityConstraint constraint = new SecurityConstraint();
        constraint.addCollection(all);
        constraint.setAuthConstraint(true);
        constraint.addAuthRole(SecurityConstraint.ROLE_ALL_AUTHENTICATED_USERS);
        application.addConstraint(constraint);
        ServletsTest.servlet(application, "/who", AuthenticatorsTest::tell);
        return application;
    }

    private static void tell(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.getWriter().print(request.getRemoteUser());
    }

    private static void govern(TestServer server, String user) throws Exception {
        server.mapping("map", "guest @deny", user + " a_webapp_t:s0", "* b_webapp_t:s0")
                .onHost(Map.of("mappingFile", "map"))
                .start();
    }

    /** Waits, since a client that is none of the server's may make more than one request. */
    private static void assertDecidedBy(String rule, TestServer server, String path) throws Exception {
        Await.until(
                "not decided by " + rule,
                () -> server.attribute(path, RequestScope.RULE_ATTRIBUTE)
                        .filter(decided -> decided.toString().endsWith(rule))
                        .isPresent());
    }

    @Test
    void decidesForWhomBasicAuthenticationKnows() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            application(server, "BASIC", new BasicAuthenticator());
            govern(server, "kaigai");
            assertEquals(401, server.get("/guarded/who").statusCode());
            assertEquals(
                    "kaigai",
                    server.get("/guarded/who", TestServer.as("kaigai")).body());
            assertDecidedBy("map:2", server, "/guarded/who");
            assertEquals(403, server.get("/guarded/who", TestServer.as("guest")).statusCode());
        }
    }

    @Test
    void decidesForWhomDigestAuthenticationKnows() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            application(server, "DIGEST", new DigestAuthenticator());
            govern(server, "kaigai");
            assertEquals("kaigai 200", curl(server, "--digest", "-u", "kaigai:kaigai"));
            assertDecidedBy("map:2", server, "/guarded/who");
            assertTrue(curl(server, "--digest", "-u", "guest:guest").endsWith(" 403"));
            assertTrue(curl(server, "--digest", "-u", "kaigai:wrong").endsWith(" 401"));
        }
    }

    /** What curl says of the servlet: its answer and the status. */
    private static String curl(TestServer server, String... options) throws Exception {
        List<String> command = Stream.of(
                        Stream.of("curl", "-s", "-w", " %{http_code}"),
                        Stream.of(options),
                        Stream.of("http://127.0.0.1:" + server.port() + "/guarded/who"))
                .flatMap(words -> words)
                .toList();
        return say(new ProcessBuilder(command));
    }

    private static String say(ProcessBuilder command) throws Exception {
        Process process = command.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), command.command() + ": " + said);
        return said;
    }

    @Test
    void decidesForWhomKerberosKnows() throws Exception {
        String file = System.getProperty(KRB5_CONF);
        try (TestServer server = new TestServer(folder);
                Kdc kdc = Kdc.start(folder.resolve("kdc"), "kaigai", "guest")) {
            System.setProperty(KRB5_CONF, kdc.configuration().toString());
            Configuration.setConfiguration(new Accepting(kdc.keytab()));
            application(server, "SPNEGO", new SpnegoAuthenticator());
            govern(server, "kaigai");
            assertEquals(401, server.get("/guarded/who").statusCode());
            assertEquals("kaigai 200", negotiate(server, kdc, "kaigai"));
            assertDecidedBy("map:2", server, "/guarded/who");
            assertTrue(negotiate(server, kdc, "guest").endsWith(" 403"));
        } finally {
            Configuration.setConfiguration(null);
            if (file == null) {
                System.clearProperty(KRB5_CONF);
            } else {
                System.setProperty(KRB5_CONF, file);
            }
        }
    }

    private static String negotiate(TestServer server, Kdc kdc, String user) throws Exception {
        ProcessBuilder curl = new ProcessBuilder(
                "curl",
                "-s",
                "-4",
                "-w",
                " %{http_code}",
                "--negotiate",
                "-u",
                ":",
                "http://localhost:" + server.port() + "/guarded/who");
        curl.environment().put("KRB5_CONFIG", kdc.configuration().toString());
        curl.environment().put("KRB5CCNAME", kdc.logIn(user).toString());
        return say(curl);
    }

    /** Which keys the server has (what {@code jaas.conf} says elsewhere). */
    private static final class Accepting extends Configuration {
        private final Path keytab;

        Accepting(Path keytab) {
            this.keytab = keytab;
        }

        @Override
        public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
            Map<String, String> options = Map.of(
                    "principal", Kdc.SERVICE,
                    "keyTab", keytab.toString(),
                    "useKeyTab", "true",
                    "storeKey", "true",
                    "doNotPrompt", "true",
                    "isInitiator", "false");
            return new AppConfigurationEntry[] {
                new AppConfigurationEntry(
                        "com.sun.security.auth.module.Krb5LoginModule",
                        AppConfigurationEntry.LoginModuleControlFlag.REQUIRED,
                        options)
            };
        }
    }

    @Test
    void decidesForWhomACertificateNames() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            for (String name : List.of("server", "kaigai", "guest")) {
                makeKey(name);
            }
            server.tomcat.addUser("CN=kaigai", "");
            server.tomcat.addUser("CN=guest", "");
            application(server, "CLIENT-CERT", new SSLAuthenticator());
            Connector connector = tls();
            server.tomcat.getService().addConnector(connector);
            server.mapping("map", "\"CN=guest\" @deny", "\"CN=kaigai\" a_webapp_t:s0", "* b_webapp_t:s0")
                    .onHost(Map.of("mappingFile", "map"))
                    .start();
            assertEquals("CN=kaigai", getAs(connector, "kaigai").body());
            assertDecidedBy("map:2", server, "/guarded/who");
            assertEquals(403, getAs(connector, "guest").statusCode());
        }
    }

    /** A key and a certificate that everybody here trusts. */
    private void makeKey(String name) throws Exception {
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        List<String> store = List.of("-storepass", PASSWORD, "-alias", name);
        run(
                keytool,
                store,
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=ip:127.0.0.1",
                "-keystore",
                file(name));
        run(keytool, store, "-exportcert", "-keystore", file(name), "-file", file(name + ".cer"));
        run(keytool, store, "-importcert", "-noprompt", "-keystore", file("trusted"), "-file", file(name + ".cer"));
    }

    private static void run(String keytool, List<String> store, String... options) throws Exception {
        say(new ProcessBuilder(Stream.of(Stream.of(keytool), Stream.of(options), store.stream())
                .flatMap(words -> words)
                .toList()));
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private Connector tls() {
        Connector connector = new Connector();
        connector.setPort(0);
        connector.setSecure(true);
        connector.setScheme("https");
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("SSLEnabled", "true");
        SSLHostConfig host = new SSLHostConfig();
        host.setCertificateVerification("required");
        host.setTruststoreFile(file("trusted"));
        host.setTruststorePassword(PASSWORD);
        SSLHostConfigCertificate certificate =
                new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setCertificateKeystoreFile(file("server"));
        certificate.setCertificateKeystorePassword(PASSWORD);
        host.addCertificate(certificate);
        connector.addSslHostConfig(host);
        return connector;
    }

    private HttpResponse<String> getAs(Connector connector, String name) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store(name), PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store("trusted"));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .sslContext(context)
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create("https://127.0.0.1:" + connector.getLocalPort() + "/guarded/who"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private KeyStore store(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve(name))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    /** Believes a header. */
    public static final class HeaderModule implements ServerAuthModule {
        private CallbackHandler handler;

        @Override
        public void initialize(
                MessagePolicy request, MessagePolicy response, CallbackHandler given, Map<String, Object> options) {
            handler = given;
        }

        @Override
        public Class<?>[] getSupportedMessageTypes() {
            return new Class<?>[] {HttpServletRequest.class, HttpServletResponse.class};
        }

        @Override
        public AuthStatus validateRequest(MessageInfo message, Subject client, Subject service) {
            String name = ((HttpServletRequest) message.getRequestMessage()).getHeader("X-User");
            try {
                if (name == null) {
                    ((HttpServletResponse) message.getResponseMessage()).sendError(401);
                    return AuthStatus.SEND_FAILURE;
                }
                handler.handle(new Callback[] {
                    new CallerPrincipalCallback(client, name),
                    new GroupPrincipalCallback(client, new String[] {"writer"})
                });
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            } catch (UnsupportedCallbackException impossible) {
                throw new IllegalStateException(impossible);
            }
            return AuthStatus.SUCCESS;
        }

        @Override
        public AuthStatus secureResponse(MessageInfo message, Subject service) {
            return AuthStatus.SEND_SUCCESS;
        }

        @Override
        public void cleanSubject(MessageInfo message, Subject subject) {
            // Keeps nothing.
        }
    }

    @Test
    void decidesForWhomAJaspicModuleKnows() throws Exception {
        AuthConfigFactory factory = AuthConfigFactory.getFactory();
        String module = "org.apache.catalina.authenticator.jaspic.ServerAuthModule.1";
        try (TestServer server = new TestServer(folder)) {
            Context application = application(server, "NONE", new NonLoginAuthenticator());
            String id = factory.registerConfigProvider(
                    new SimpleAuthConfigProvider(Map.of(module, HeaderModule.class.getName()), null),
                    "HttpServlet",
                    application.getServletContext().getVirtualServerName() + " /guarded",
                    "");
            try {
                govern(server, "@writer");
                assertEquals(401, server.get("/guarded/who").statusCode());
                assertEquals(
                        "kaigai", server.get("/guarded/who", "X-User", "kaigai").body());
                assertDecidedBy("map:2", server, "/guarded/who");
                assertEquals(403, server.get("/guarded/who", "X-User", "guest").statusCode());
            } finally {
                factory.removeRegistration(id);
            }
        }
    }

    @Test
    void decidesForWhomAProxyHasAuthenticated() throws Exception {
        // Apache's workers are nobody.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (TestServer server = new TestServer(folder)) {
            ServletsTest.servlet(server.context, "/who", AuthenticatorsTest::tell);
            Connector connector = new Connector("AJP/1.3");
            connector.setPort(0);
            connector.setProperty("address", "127.0.0.1");
            AbstractAjpProtocol<?> protocol = (AbstractAjpProtocol<?>) connector.getProtocolHandler();
            protocol.setSecretRequired(false);
            protocol.setTomcatAuthentication(false);
            server.tomcat.getService().addConnector(connector);
            govern(server, "kaigai");
            try (Apache proxy = Apache.authenticatingProxy(folder.resolve("apache"), connector.getLocalPort())) {
                URI who = URI.create("http://127.0.0.1:" + proxy.port() + "/who");
                HttpClient client = HttpClient.newHttpClient();
                assertEquals(
                        401,
                        client.send(HttpRequest.newBuilder(who).build(), HttpResponse.BodyHandlers.ofString())
                                .statusCode(),
                        "by the proxy");
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(who)
                                .headers(TestServer.as("kaigai"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertEquals("kaigai", answer.body());
                assertDecidedBy("map:2", server, "/who");
            }
        }
    }
}
