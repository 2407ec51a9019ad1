// SPDX-License-Identifier: Apache-2.0
// A certificate that a test makes for servers of its own.
package io.github.tomcatselinux;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Collectors;

/** Signed by itself, for some addresses; made by the JDK's {@code keytool}. */
record Certificates(String certificate, String key, Path trustStore) {
    static final String PASSWORD = "changeit";

    static Certificates make(Path folder, String... addresses) throws Exception {
        Files.createDirectories(folder);
        Path keys = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "RSA",
                        "-dname",
                        "CN=test",
                        "-ext",
                        Arrays.stream(addresses).map(ip -> "ip:" + ip).collect(Collectors.joining(",", "san=", "")),
                        "-keystore",
                        keys.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile())
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException(Files.readString(folder.resolve("said")));
        }
        KeyStore made = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            made.load(in, PASSWORD.toCharArray());
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", made.getCertificate("server"));
        Path trustStore = folder.resolve("trusted.p12");
        try (OutputStream out = Files.newOutputStream(trustStore)) {
            trusted.store(out, PASSWORD.toCharArray());
        }
        return new Certificates(
                pem("CERTIFICATE", made.getCertificate("server").getEncoded()),
                pem("PRIVATE KEY", made.getKey("server", PASSWORD.toCharArray()).getEncoded()),
                trustStore);
    }

    private static String pem(String kind, byte[] content) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
                + "\n-----END " + kind + "-----\n";
    }
}
