// SPDX-License-Identifier: Apache-2.0
// All files of an application as the helper of the request on this thread sees them.
package io.github.tomcatselinux.files;

import io.github.tomcatselinux.launcher.Attributes;
import io.github.tomcatselinux.launcher.Attributes.Kind;
import io.github.tomcatselinux.launcher.DirectoryEntry;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.HelperException.Reason;
import io.github.tomcatselinux.launcher.Listing;
import io.github.tomcatselinux.launcher.Opened;
import io.github.tomcatselinux.launcher.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.catalina.WebResource;
import org.apache.catalina.webresources.EmptyResource;

/**
 * One round trip for a path or a folder, however many places the application's files come from: the helper looks into
 * them in Tomcat's order. A failure of the helper is thrown as {@link UncheckedIOException} around a
 * {@link HelperException}, since Tomcat's methods know no other way to say that there is no answer; the valve turns it
 * into a refused request.
 */
final class HelperFiles {
    private static final int NOWHERE = Integer.MAX_VALUE;

    private final ConfinedRoot root;
    private final Archives archives;

    HelperFiles(ConfinedRoot root) {
        this.root = root;
        this.archives = new Archives(root);
    }

    WebResource getResource(String path) {
        Optional<byte[]> octets = HelperPath.of(path);
        if (octets.isEmpty()) {
            return absent(path);
        }
        try {
            Attributes attributes = root.helper().stat(octets.get());
            boolean there = !attributes.outcome().isAbsent() && !(path.endsWith("/") && attributes.kind() == Kind.FILE);
            Optional<WebResource> packed = archives.before(there ? attributes.root() : NOWHERE, path);
            if (packed.isPresent()) {
                return packed.get();
            }
            if (!there) {
                return absent(path);
            }
            return root.keeps(attributes) ? whole(path, octets.get()) : present(path, attributes);
        } catch (HelperException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A file for the cache: what is told of it and what is in it are of one open file, whatever takes its place. */
    private WebResource whole(String path, byte[] octets) throws HelperException {
        HelperConnection helper = root.helper();
        Opened file = helper.open(octets);
        Attributes attributes = file.attributes();
        if (attributes.errno() != 0) {
            return attributes.outcome().isAbsent() ? absent(path) : present(path, attributes);
        }
        try (InputStream content = HelperInputStream.of(helper, file)) {
            return root.keeps(attributes)
                    ? new HelperResource(root, path, attributes, Optional.of(content.readAllBytes()))
                    : present(path, attributes);
        } catch (HelperException failed) {
            throw failed;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The entries of a folder. What there is to tell about them has come with their names. */
    WebResource[] listResources(String path) {
        try {
            String parent = path.endsWith("/") ? path : path + "/";
            Set<String> packed = archives.names(path);
            List<WebResource> resources = new ArrayList<>();
            for (DirectoryEntry entry : entries(path)) {
                if (!packed.contains(entry.name())) {
                    resources.add(present(parent + entry.name(), entry.attributes()));
                }
            }
            packed.forEach(name -> resources.add(getResource(parent + name)));
            return resources.toArray(new WebResource[0]);
        } catch (HelperException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    Set<String> names(String path) {
        try {
            Set<String> names = new LinkedHashSet<>(archives.names(path));
            entries(path).forEach(entry -> names.add(entry.name()));
            return names;
        } catch (HelperException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    Set<String> webAppPaths(String path) {
        Set<String> paths = new LinkedHashSet<>();
        for (WebResource resource : listResources(path)) {
            paths.add(resource.exists() ? resource.getWebappPath() : resource.getWebappPath() + "/");
        }
        return paths;
    }

    private WebResource present(String path, Attributes attributes) throws HelperException {
        if (attributes.errno() != 0 && !attributes.outcome().isDenied()) {
            throw new HelperException(Reason.REFUSED, "a file cannot be looked at: errno " + attributes.errno());
        }
        if (attributes.outcome().isDenied() && hides(path, attributes.outcome())) {
            return absent(path);
        }
        if (attributes.kind() == Kind.WAY) {
            // To Tomcat, too, the folders above a mount have a name in a list and nothing else.
            return absent(path);
        }
        boolean folder = attributes.kind() == Kind.DIRECTORY;
        return new HelperResource(root, folder && !path.endsWith("/") ? path + "/" : path, attributes);
    }

    private List<DirectoryEntry> entries(String path) throws HelperException {
        Optional<byte[]> octets = HelperPath.of(path);
        if (octets.isEmpty()) {
            return List.of();
        }
        Listing listing = root.helper().list(octets.get());
        Outcome outcome = listing.outcome();
        if (outcome.isDenied()) {
            hides(path, outcome);
        } else if (outcome.errno() != 0 && !outcome.isAbsent()) {
            throw new HelperException(Reason.REFUSED, "a folder cannot be listed: errno " + outcome.errno());
        }
        // What the server reads itself is not the helper's to name: Tomcat's WebDAV would walk into it as the server.
        boolean top = path.isEmpty() || path.equals("/");
        return listing.entries().stream()
                .filter(entry -> !top || !View.isServerOnly("/" + entry.name()))
                .toList();
    }

    /** Tells the request of a refusal, and returns whether the client must not learn of it. */
    static boolean hides(String path, Outcome outcome) {
        Optional<RequestFiles> request = RequestFiles.current();
        request.ifPresent(files -> files.refusedByKernel(path, outcome));
        return request.map(RequestFiles::hidesDenied).orElse(true);
    }

    private WebResource absent(String path) {
        return new EmptyResource(root, path);
    }
}
