// SPDX-License-Identifier: Apache-2.0
// Load that lasts while everything goes wrong that may: is any answer ever wrong, does anything leak, how soon is all
// as before?
package io.github.tomcatselinux.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * {@code SECONDS PORT PID MAPPING UPLOADS REPORT}: for so long, a Tomcat on that port of this machine that is the process
 * PID, with that mapping file; UPLOADS is a small disk of its own. Ends with 0 if all was well.
 */
public final class Soak {
    private static final int VISITORS = 6;
    private static final int PAUSE_MILLISECONDS = 500;

    /** Every request within that time has to be served again; on an emulated machine beside other work. */
    private static final int RECOVERY_SECONDS = 60;

    /** Under one policy both of dave's categories exist; each has a document of his. */
    private static final List<String> RULES = List.of(rules("s0:c2"), rules("s0:c3"));

    private final Tally tally = new Tally();
    private final Gate gate = new Gate();
    private final List<String> problems = new ArrayList<>();
    private final Situation situation;
    private final Server server;
    private final Faults faults;
    private final Path uploads;
    private final long seconds;

    private Soak(long seconds, int port, long pid, Path mapping, Path uploads) {
        this.seconds = seconds;
        this.uploads = uploads;
        this.situation = new Situation(port, gate, tally, new Changes(), new Changes());
        this.server = new Server(new Processes(pid), new Jmx(port), uploads);
        this.faults = new Faults(server, situation, mapping, RULES, uploads.resolve("full"));
    }

    public static void main(String[] arguments) throws Exception {
        Soak soak = new Soak(
                Long.parseLong(arguments[0]),
                Integer.parseInt(arguments[1]),
                Long.parseLong(arguments[2]),
                Path.of(arguments[3]),
                Path.of(arguments[4]));
        Map<String, Object> report = soak.run();
        Files.writeString(Path.of(arguments[5]), Json.of(report) + "\n");
        report.forEach((name, value) -> System.out.println(name + ": " + Json.of(value)));
        System.exit(soak.problems.isEmpty() ? 0 : 1);
    }

    private static String rules(String range) {
        return "alice          unpriv_webapp_t:s0:c0\nbob            unpriv_webapp_t:s0:c1\ncarol          staff_webapp_t:s0\n"
                + "dave           unpriv_webapp_t:" + range + "\n__anonymous__  anon_webapp_t:s0\n";
    }

    private Map<String, Object> run() throws IOException, InterruptedException {
        long start = System.nanoTime();
        List<Thread> clients = new ArrayList<>();
        List<Visit> visits = new Site().visits();
        for (int i = 0; i < VISITORS; i++) {
            clients.add(new Thread(new Visitor(situation, visits, i), "visitor-" + i));
        }
        clients.add(new Thread(new Uploader(situation, Site.CHILD, "alice", content("alice")), "uploader-alice"));
        clients.add(new Thread(new Uploader(situation, Site.SERVICE, "bob", content("bob")), "uploader-bob"));
        Deserter deserter = new Deserter(situation);
        clients.add(new Thread(deserter, "deserter"));
        clients.forEach(Thread::start);

        // Everything once, so that what is loaded late or kept for ever is there before it is counted.
        strikeAll();
        gate.shut();
        Leaks leaks = new Leaks(server.measures(Leaks::idle));
        gate.open();
        do {
            strikeAll();
        } while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(seconds));
        gate.end();
        for (Thread client : clients) {
            client.join();
        }
        Map<String, Long> now = server.measures(leaks::none);
        return report(start, deserter.times(), leaks, now);
    }

    private String content(String user) throws IOException {
        return Files.readString(uploads.resolve(user + ".txt"));
    }

    private void strikeAll() throws IOException, InterruptedException {
        for (Map.Entry<String, Faults.Fault> fault : faults.all().entrySet()) {
            long from = System.nanoTime();
            fault.getValue().strike();
            Set<String> missing = tally.recover(fault.getKey(), from, Site.lanes(), RECOVERY_SECONDS);
            if (!missing.isEmpty()) {
                problems.add(fault.getKey() + ": after " + RECOVERY_SECONDS + " s still not served: " + missing);
            }
            Thread.sleep(PAUSE_MILLISECONDS);
        }
    }

    private Map<String, Object> report(long start, long deserted, Leaks leaks, Map<String, Long> now) {
        if (tally.wrong() > 0) {
            problems.add(tally.wrong() + " wrong answers: " + tally.examples());
        }
        List<String> unexplained = tally.unexplained();
        if (!unexplained.isEmpty()) {
            problems.add(unexplained.size() + " errors outside faults: "
                    + unexplained.subList(0, Math.min(unexplained.size(), 10)));
        }
        if (!leaks.none(now)) {
            problems.add("something leaks: " + leaks.report(now));
        }
        if (!server.processes().serverLives()) {
            problems.add("the server is not the one that was started");
        }
        if (!tally.right().keySet().containsAll(Site.lanes())) {
            problems.add("not every way was taken: " + tally.right());
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("seconds", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
        report.put("requests", tally.requests());
        report.put("wrong", tally.wrong());
        report.put("faults", tally.faults());
        report.put("leaks", leaks.report(now));
        report.put("right", tally.right());
        report.put("errors", tally.failed());
        report.put("errorsOutsideFaults", unexplained.size());
        report.put("desertions", deserted);
        report.put("problems", problems);
        return report;
    }
}
