// SPDX-License-Identifier: Apache-2.0
// What is served, and who may see what of it.
package io.github.tomcatselinux.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The table against which every answer is checked; what is in the files is read from them. */
final class Site {
    /** The launcher is a child of Tomcat's, connections are kept and threads are. */
    static final String CHILD = "child";
    /** The launcher is a service, connections are closed and threads serve one request. */
    static final String SERVICE = "service";

    static final List<String> HOSTS = List.of(CHILD, SERVICE);
    static final List<String> WAYS = List.of("files", "dav", "programs", "servlets");

    private static final Path DOCUMENTS = Path.of("/srv/tomcat/soak");
    private static final Path DATA = Path.of("/srv/tomcat/data");
    private static final int OK = 200;
    private static final int FORBIDDEN = 403;

    /** What the kernel hides is answered so; what a program or servlet was refused, these say themselves. */
    private static final Map<String, Integer> DENIED = Map.of(CHILD, FORBIDDEN, SERVICE, 404);

    /** Everybody's context; dave's rule takes turns between two. */
    private static final Map<String, List<String>> CONTEXTS = Map.of(
            "alice", List.of("unpriv_webapp", "s0:c0"),
            "bob", List.of("unpriv_webapp", "s0:c1"),
            "carol", List.of("staff_webapp", "s0"),
            "dave", List.of("unpriv_webapp", "s0:c2", "s0:c3"),
            "-", List.of("anon_webapp", "s0"));

    private final List<Visit> visits = new ArrayList<>();

    Site() throws IOException {
        for (String host : HOSTS) {
            for (String user : CONTEXTS.keySet()) {
                for (String whose : List.of("alice", "bob", "carol", "dave0", "dave1")) {
                    documents(host, user, whose);
                }
                add(host, "files", user, "/common.txt", document("common.txt"), document("common.txt"));
            }
        }
        add(SERVICE, "dav", "alice", "/dav/bob.txt", denied(SERVICE), denied(SERVICE));
        add(CHILD, "dav", "bob", "/dav/alice.txt", denied(CHILD), denied(CHILD));
    }

    /** All of them, each user as often after others' documents as after his own. */
    List<Visit> visits() {
        return List.copyOf(visits);
    }

    static List<String> lanes() {
        return HOSTS.stream()
                .flatMap(host -> WAYS.stream().map(way -> host + " " + way))
                .toList();
    }

    /** Every visitor's own, and two that are others', in each way. */
    private void documents(String host, String user, String whose) throws IOException {
        boolean own = whose.startsWith(user);
        boolean next = whose.equals(user.equals("alice") ? "bob" : "alice");
        if (!own && !next) {
            return;
        }
        for (String name : List.of(whose + ".txt", whose + "-large.txt")) {
            add(host, "files", user, "/" + name, file(host, user, whose, name, 0), file(host, user, whose, name, 1));
        }
        String data = DATA.resolve(whose).resolve("file").toString();
        add(host, "servlets", user, "/read?file=" + data, servlet(user, whose, 0), servlet(user, whose, 1));
        if (CONTEXTS.get(user).get(0).equals("unpriv_webapp")) {
            add(host, "programs", user, "/cgi/show?" + whose, program(user, whose, 0), program(user, whose, 1));
        } else {
            add(host, "programs", user, "/cgi/show?" + whose, denied(host), denied(host));
        }
    }

    private void add(String host, String way, String user, String path, Answerable first, Answerable second) {
        Set<String> owners = user.equals("dave") ? Set.of("dave0", "dave1", "all") : Set.of(user, "all");
        Expectation under = new Expectation(first.status(), first.body(), owners);
        visits.add(new Visit(
                host,
                way,
                user,
                path,
                user.equals("dave")
                        ? List.of(under, new Expectation(second.status(), second.body(), owners))
                        : List.of(under)));
    }

    private record Answerable(int status, Optional<String> body) {}

    private static boolean may(String user, String whose, int rules) {
        return whose.equals(user) || whose.equals(user + rules);
    }

    private static String context(String user, String twin, int rules) {
        List<String> parts = CONTEXTS.get(user);
        return "system_u:system_r:" + parts.get(0) + twin + ":" + parts.get(Math.min(1 + rules, parts.size() - 1));
    }

    private static Answerable denied(String host) {
        return new Answerable(DENIED.get(host), Optional.empty());
    }

    private static Answerable document(String name) throws IOException {
        return new Answerable(OK, Optional.of(Files.readString(DOCUMENTS.resolve(name))));
    }

    private static Answerable file(String host, String user, String whose, String name, int rules) throws IOException {
        return may(user, whose, rules) ? document(name) : denied(host);
    }

    private static Answerable said(String context, boolean may, String content) {
        return new Answerable(may ? OK : FORBIDDEN, Optional.of((context + " " + (may ? content : "denied") + "\n")));
    }

    private static Answerable servlet(String user, String whose, int rules) throws IOException {
        String content = Files.readString(DATA.resolve(whose).resolve("file")).strip();
        return said(context(user, "_thread_t", rules), may(user, whose, rules), content);
    }

    private static Answerable program(String user, String whose, int rules) throws IOException {
        String line = Files.readAllLines(DOCUMENTS.resolve(whose + ".txt")).get(0);
        return said(context(user, "_t", rules), may(user, whose, rules), line);
    }
}
