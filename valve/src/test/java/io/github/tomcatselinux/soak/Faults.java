// SPDX-License-Identifier: Apache-2.0
// What goes wrong on a server, on purpose.
package io.github.tomcatselinux.soak;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Each returns when what causes it is over; what has to recover then is not waited for. */
final class Faults {
    private static final int HELPERS_KILLED = 5;
    private static final int LONG_MILLISECONDS = 1500;
    private static final int SHORT_MILLISECONDS = 100;

    /** One kind. */
    interface Fault {
        void strike() throws IOException, InterruptedException;
    }

    private final Server server;
    private final Situation situation;
    private final Path mapping;
    private final List<String> rules;
    private final Path full;
    private final Random random = new Random(7);
    private int inForce;

    /**
     * @param mapping the mapping file
     * @param rules what takes turns in it
     * @param full a file to be made on the disk that is to be full
     */
    Faults(Server server, Situation situation, Path mapping, List<String> rules, Path full) {
        this.server = server;
        this.situation = situation;
        this.mapping = mapping;
        this.rules = rules;
        this.full = full;
    }

    /** By name; the first is none, and says what the measurement itself takes. */
    Map<String, Fault> all() {
        Map<String, Fault> all = new LinkedHashMap<>();
        all.put("none", () -> Thread.sleep(SHORT_MILLISECONDS));
        all.put("mapping-reloaded", this::changeRules);
        all.put("mapping-broken", this::breakRules);
        all.put("helpers-killed", this::killHelpers);
        all.put("launcher-killed-child", () -> killOne(server.processes().launchers(true)));
        all.put("launcher-killed-service", () -> killOne(server.processes().launchers(false)));
        all.put("disk-full", this::fillDisk);
        all.put("policy-reloaded", () -> run("load_policy"));
        all.put("boolean-programs", this::forbidPrograms);
        all.put("boolean-threads", Faults::forbidThreads);
        return all;
    }

    private void changeRules() throws IOException {
        situation.rules().begin();
        inForce = (inForce + 1) % rules.size();
        Files.writeString(mapping, rules.get(inForce));
        for (String host : Site.HOSTS) {
            String said = server.jmx().reload(host);
            if (!said.contains("in force")) {
                throw new IOException("the mapping was not taken: " + said);
            }
        }
        situation.rules().end();
    }

    private void breakRules() throws IOException, InterruptedException {
        Files.writeString(mapping, "nonsense\n");
        for (String host : Site.HOSTS) {
            String said = server.jmx().reload(host);
            if (!said.contains(mapping.getFileName() + ":1")) {
                throw new IOException("a broken mapping was taken: " + said);
            }
        }
        Thread.sleep(LONG_MILLISECONDS);
        Files.writeString(mapping, rules.get(inForce));
        for (String host : Site.HOSTS) {
            server.jmx().reload(host);
        }
    }

    private void killHelpers() throws IOException, InterruptedException {
        for (int i = 0; i < HELPERS_KILLED; i++) {
            killOne(server.processes().helpers());
            Thread.sleep(random.nextInt(SHORT_MILLISECONDS));
        }
    }

    private void killOne(List<Long> pids) throws IOException {
        if (pids.isEmpty()) {
            throw new IOException("there is nothing to be killed");
        }
        ProcessHandle.of(pids.get(random.nextInt(pids.size()))).ifPresent(ProcessHandle::destroyForcibly);
    }

    private void fillDisk() throws IOException, InterruptedException {
        try (OutputStream out = Files.newOutputStream(full, StandardOpenOption.CREATE_NEW)) {
            for (int size = 64 * 1024; size >= 1024; size /= 64) {
                fill(out, new byte[size]);
            }
            Thread.sleep(LONG_MILLISECONDS);
        } finally {
            Files.delete(full);
        }
    }

    private static void fill(OutputStream out, byte[] octets) {
        try {
            while (true) {
                out.write(octets);
            }
        } catch (IOException noRoom) {
            return;
        }
    }

    /** While nobody may run a program none runs. */
    private void forbidPrograms() throws IOException, InterruptedException {
        situation.programs().begin();
        run("setsebool", "unpriv_webapp_run_programs", "off");
        situation.programs().end();
        Thread.sleep(LONG_MILLISECONDS);
        situation.programs().begin();
        run("setsebool", "unpriv_webapp_run_programs", "on");
        situation.programs().end();
    }

    private static void forbidThreads() throws IOException, InterruptedException {
        run("setsebool", "tomcat_confine_threads", "off");
        Thread.sleep(LONG_MILLISECONDS);
        run("setsebool", "tomcat_confine_threads", "on");
    }

    private static void run(String... command) throws IOException, InterruptedException {
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + status);
        }
    }
}
