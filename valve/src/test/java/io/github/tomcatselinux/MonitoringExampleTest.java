// SPDX-License-Identifier: Apache-2.0
// What Prometheus gets with the example's configuration, and whether the example's dashboard asks for that.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MonitoringExampleTest {
    private static final Path EXAMPLES = Path.of("../examples/monitoring").toAbsolutePath();
    private static final Pattern METRIC = Pattern.compile("\\btomcat_selinux_\\w+");
    private static final int ATTEMPTS = 5;

    @TempDir
    Path folder;

    private int port;

    private static String agent() {
        return Arrays.stream(System.getProperty("java.class.path").split(":", -1))
                .filter(entry -> entry.contains("jmx_prometheus_javaagent"))
                .findFirst()
                .orElseThrow();
    }

    /** With the exporter at a port that was free a moment ago; should it be somebody else's by now, at another. */
    private TomcatProcess monitored(int attempt) throws Exception {
        port = Ports.free();
        Path base = Files.createDirectories(folder.resolve("base" + attempt));
        Files.createDirectories(base.resolve("conf"));
        Files.createDirectories(base.resolve("webapps/ROOT"));
        Files.writeString(base.resolve("conf/selinux.map"), "10.0.0.1 @deny\n* a_webapp_t:s0\n");
        Files.writeString(base.resolve("webapps/ROOT/open.txt"), "open");
        TestServer.forbid(Files.writeString(base.resolve("webapps/ROOT/denied.txt"), "denied"));
        Files.writeString(base.resolve("webapps/ROOT/large.bin"), SlowClient.LARGE);
        Files.writeString(base.resolve("webapps/ROOT/code.jsp"), "code");
        try {
            return new TomcatProcess(
                    base,
                    TomcatProcess.valve("mappingFile=\"conf/selinux.map\" maxHelpers=\"7\""),
                    "",
                    "-javaagent:" + agent() + "=127.0.0.1:" + port + ":" + EXAMPLES.resolve("jmx_exporter.yaml"));
        } catch (IllegalStateException taken) {
            if (attempt == ATTEMPTS) {
                throw taken;
            }
            return monitored(attempt + 1);
        }
    }

    private List<String> scrape() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .toList();
    }

    private static double value(List<String> metrics, String name) {
        List<String> lines =
                metrics.stream().filter(line -> line.startsWith(name + " ")).toList();
        assertEquals(1, lines.size(), () -> name + " in " + String.join("\n", metrics));
        return Double.parseDouble(lines.get(0).substring(name.length() + 1));
    }

    @Test
    void givesPrometheusWhatTheDashboardAsksFor() throws Exception {
        try (TomcatProcess tomcat = monitored(1);
                SlowClient slow = SlowClient.begun(tomcat.port(), "/large.bin")) {
            assertTrue(slow.head().contains(" 200"));
            long before = System.currentTimeMillis() / 1000;
            assertEquals(200, tomcat.get("/open.txt").statusCode());
            assertEquals(403, tomcat.get("/denied.txt").statusCode());
            assertEquals(200, tomcat.get("/code.jsp").statusCode());
            List<String> metrics = scrape();
            assertEquals(
                    4,
                    value(metrics, "tomcat_selinux_rule_hits_total{host=\"localhost\",rule=\"conf/selinux.map:2\"}"));
            assertTrue(value(
                            metrics,
                            "tomcat_selinux_rule_last_hit_seconds{host=\"localhost\",rule=\"conf/selinux.map:2\"}")
                    >= before);
            assertEquals(1, value(metrics, "tomcat_selinux_refusals_total{by=\"permissions\",host=\"localhost\"}"));
            assertEquals(3, value(metrics, "tomcat_selinux_helper_fates_total{fate=\"taken\",host=\"localhost\"}"));
            assertEquals(3, value(metrics, "tomcat_selinux_latency_count_total{host=\"localhost\",part=\"start\"}"));
            assertTrue(value(
                            metrics,
                            "tomcat_selinux_latency_seconds{host=\"localhost\",part=\"start\",quantile=\"0.50\"}")
                    > 0);
            assertEquals(7, value(metrics, "tomcat_selinux_maxHelpers{host=\"localhost\"}"));
            assertEquals(2, value(metrics, "tomcat_selinux_rules{host=\"localhost\"}"));
            assertEquals(0, value(metrics, "tomcat_selinux_enforcing{host=\"localhost\"}"));
            assertEquals(
                    1,
                    value(
                            metrics,
                            "tomcat_selinux_context_threads{context=\"system_u:system_r:a_webapp_thread_t:s0\",host=\"localhost\"}"));

            assertEquals(
                    1,
                    value(
                            metrics,
                            "tomcat_selinux_context_helpers{context=\"system_u:system_r:a_webapp_t:s0\",host=\"localhost\"}"));

            TreeSet<String> asked = new TreeSet<>(METRIC.matcher(Files.readString(EXAMPLES.resolve("dashboard.json")))
                    .results()
                    .map(MatchResult::group)
                    .toList());
            asked.addAll(METRIC.matcher(Files.readString(Path.of("../docs/monitoring.md")))
                    .results()
                    .map(MatchResult::group)
                    .filter(name -> !name.equals("tomcat_selinux_"))
                    .toList());
            assertFalse(asked.isEmpty());
            TreeSet<String> missing = new TreeSet<>(asked);
            metrics.stream()
                    .filter(line -> line.startsWith("tomcat_selinux_"))
                    .forEach(line -> missing.remove(line.split("[{ ]", 2)[0]));
            assertEquals(new TreeSet<>(), missing, "dashboard or page name them, and nobody has them");
        }
    }
}
