// SPDX-License-Identifier: Apache-2.0
// What a server.xml and the files that belong to it declare.
package io.github.tomcatselinux.doctor;

import io.github.tomcatselinux.preflight.Fault;
import io.github.tomcatselinux.preflight.Finding;
import io.github.tomcatselinux.preflight.PipelineCheck;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Elements as Tomcat puts them together (its documentation of {@code Context}): {@code conf/context.xml} goes for each
 * application, then {@code context.xml.default} of its host, then its own descriptor, which is that in {@code conf} or else
 * the one that the application brings along.
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

    /** Their attributes say what is served, and where. */
    private static final Set<String> CONTAINERS = Set.of("Engine", "Host", "Context");

    private static final String WAR = ".war";
    private static final String DESCRIPTOR = "META-INF/context.xml";

    private final Path base;
    private final Placeholders placeholders;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Element> files = new ArrayList<>();
    private final List<Way> ways = new ArrayList<>();

    private Site(Path base, Placeholders placeholders) {
        this.base = base;
        this.placeholders = placeholders;
    }

    /** Reads everything; what cannot be read is a finding. */
    static Site read(Path serverXml, Path base, Placeholders placeholders) {
        Site site = new Site(base, placeholders);
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

    /**
     * The mapping files that the administrator's own files name; an application that brings a valve along might name any file
     * of the machine.
     */
    List<Path> mappings() {
        return files.stream()
                .filter(root -> !root.file().endsWith(DESCRIPTOR))
                .flatMap(Element::all)
                .filter(element -> element.get("className").equals(PipelineCheck.OURS))
                .map(element -> element.get("mappingFile"))
                .filter(name -> !name.isEmpty())
                .map(base::resolve)
                .distinct()
                .toList();
    }

    List<Way> ways() {
        return ways;
    }

    private Optional<Element> file(Path file) {
        try {
            return Optional.of(noted(Element.read(file, placeholders)));
        } catch (IOException wrong) {
            findings.add(Finding.error(Fault.CONFIGURATION, wrong.getMessage()));
            return Optional.empty();
        }
    }

    private Element noted(Element root) {
        files.add(root);
        root.all()
                .filter(element -> CONTAINERS.contains(element.name())
                        || element.get("className").equals(PipelineCheck.OURS))
                .filter(element -> element.attributes().values().stream().anyMatch(Placeholders::isLeft))
                .forEach(element -> findings.add(Finding.warning(
                        Fault.CONFIGURATION,
                        element.place() + ": a property in " + element.name() + " is not in conf/catalina.properties,"
                                + " so what it stands for is not known here")));
        return root;
    }

    private Optional<Element> present(Path file) {
        return Files.exists(file) ? file(file) : Optional.empty();
    }

    /** The descriptor within a packed application. */
    private Optional<Element> packed(Path war) {
        Path descriptor = war.resolve(DESCRIPTOR);
        try (ZipFile zip = new ZipFile(war.toFile())) {
            ZipEntry entry = zip.getEntry(DESCRIPTOR);
            if (entry == null) {
                return Optional.empty();
            }
            try (InputStream in = zip.getInputStream(entry)) {
                return Optional.of(noted(Element.read(descriptor, in, placeholders)));
            }
        } catch (IOException wrong) {
            findings.add(Finding.error(Fault.CONFIGURATION, war + ": cannot be read: " + wrong.getMessage()));
            return Optional.empty();
        }
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
            int before = ways.size();
            List<Element> described = new ArrayList<>(host.children("Context"));
            listed(folder, ".xml").forEach(descriptor -> file(descriptor).ifPresent(described::add));
            for (Element context : described) {
                Optional<Path> served = context.get("docBase").isEmpty()
                        ? Optional.empty()
                        : Optional.of(applications.resolve(context.get("docBase")));
                ways.add(new Way(
                        joined(above, joined(all, context.children("Valve"))), served.filter(Files::isDirectory)));
            }
            for (Path application : listed(applications, "")) {
                if (!Files.exists(folder.resolve(application.getFileName() + ".xml"))) {
                    List<Element> own = valves(present(application.resolve(DESCRIPTOR)));
                    ways.add(new Way(joined(above, joined(all, own)), Optional.of(application)));
                }
            }
            for (Path war : listed(applications, WAR)) {
                String name = war.getFileName().toString().replace(WAR, "");
                if (!Files.exists(folder.resolve(name + ".xml")) && !Files.exists(applications.resolve(name))) {
                    ways.add(new Way(joined(above, joined(all, valves(packed(war)))), Optional.empty()));
                }
            }
            if (ways.size() == before) {
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
