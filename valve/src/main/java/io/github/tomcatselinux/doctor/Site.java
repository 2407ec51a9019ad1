// SPDX-License-Identifier: Apache-2.0
// What a server.xml and the files that belong to it declare.
package io.github.tomcatselinux.doctor;

import io.github.tomcatselinux.preflight.Fault;
import io.github.tomcatselinux.preflight.Finding;
import io.github.tomcatselinux.preflight.PipelineCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Elements as Tomcat puts them together (its documentation of {@code Context}): {@code conf/context.xml} goes for each
 * application, then {@code context.xml.default} of its host, then its own descriptor.
 */
final class Site {
    /**
     * A way that requests take: one application, or a host of which none is described.
     *
     * @param valves in the order in which a request passes them
     * @param folder what is served, if it is said where
     */
    record Way(List<Element> valves, Optional<Path> folder) {
        /** The valves of ours among them. */
        List<Element> ours() {
            return valves.stream()
                    .filter(valve -> valve.get("className").equals(PipelineCheck.OURS))
                    .toList();
        }
    }

    private final Path base;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Element> files = new ArrayList<>();
    private final List<Way> ways = new ArrayList<>();

    private Site(Path base) {
        this.base = base;
    }

    /** Reads everything; what cannot be read is a finding. */
    static Site read(Path serverXml, Path base) {
        Site site = new Site(base);
        Optional<Element> server = site.file(serverXml);
        List<Element> everywhere = site.valves(site.present(base.resolve("conf/context.xml")));
        server.ifPresent(root -> root.all()
                .filter(element -> element.name().equals("Engine"))
                .forEach(engine -> site.engine(engine, everywhere)));
        return site;
    }

    List<Finding> findings() {
        return findings;
    }

    /** The root elements of all files. */
    List<Element> files() {
        return files;
    }

    List<Way> ways() {
        return ways;
    }

    private Optional<Element> file(Path file) {
        try {
            Element root = Element.read(file);
            files.add(root);
            return Optional.of(root);
        } catch (IOException wrong) {
            findings.add(Finding.error(Fault.CONFIGURATION, wrong.getMessage()));
            return Optional.empty();
        }
    }

    private Optional<Element> present(Path file) {
        return Files.exists(file) ? file(file) : Optional.empty();
    }

    private List<Element> valves(Optional<Element> container) {
        return container.map(there -> there.children("Valve")).orElseGet(List::of);
    }

    private void engine(Element engine, List<Element> everywhere) {
        for (Element host : engine.children("Host")) {
            List<Element> above = joined(engine.children("Valve"), host.children("Valve"));
            Path folder = base.resolve("conf").resolve(engine.get("name")).resolve(host.get("name"));
            List<Element> all = joined(everywhere, valves(present(folder.resolve("context.xml.default"))));
            Path applications = base.resolve(host.get("appBase").isEmpty() ? "webapps" : host.get("appBase"));
            List<Element> described = new ArrayList<>(host.children("Context"));
            listed(folder, ".xml").forEach(descriptor -> file(descriptor).ifPresent(described::add));
            for (Path application : listed(applications, "")) {
                present(application.resolve("META-INF/context.xml")).ifPresent(described::add);
            }
            for (Element context : described) {
                Optional<Path> served = context.get("docBase").isEmpty()
                        ? Optional.empty()
                        : Optional.of(applications.resolve(context.get("docBase")));
                ways.add(new Way(joined(above, joined(all, context.children("Valve"))), served));
            }
            if (described.isEmpty()) {
                ways.add(new Way(joined(above, all), Optional.of(applications)));
            }
        }
    }

    private List<Path> listed(Path folder, String end) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> there = Files.list(folder)) {
            return there.filter(file -> file.getFileName().toString().endsWith(end))
                    .filter(file -> end.isEmpty() == Files.isDirectory(file))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            findings.add(Finding.error(Fault.CONFIGURATION, folder + ": cannot be read: " + unreadable.getMessage()));
            return List.of();
        }
    }

    private static List<Element> joined(List<Element> first, List<Element> then) {
        return Stream.concat(first.stream(), then.stream()).toList();
    }
}
