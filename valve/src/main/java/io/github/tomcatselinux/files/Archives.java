// SPDX-License-Identifier: Apache-2.0
// Files inside of JARs, and of a WAR that was not unpacked.
package io.github.tomcatselinux.files;

import io.github.tomcatselinux.files.Granted.Kind;
import io.github.tomcatselinux.launcher.Attributes;
import io.github.tomcatselinux.launcher.HelperException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.catalina.WebResource;
import org.apache.catalina.webresources.EmptyResource;

/**
 * An archive has one label for all that is in it. So its files are served, and are there, only if the request's helper
 * may open the archive; what is in it then the server reads, which has it open for the application's classes.
 */
final class Archives {
    private final ConfinedRoot root;

    Archives(ConfinedRoot root) {
        this.root = root;
    }

    /**
     * What an archive has at a path.
     *
     * @param number only archives that are looked into before this one of the granted places
     */
    Optional<WebResource> before(int number, String path) throws HelperException {
        List<Granted> granted = root.granted();
        for (int i = 0; i < Math.min(number, granted.size()); i++) {
            if (isIn(granted.get(i), path)) {
                WebResource inside = granted.get(i).set().getResource(path);
                if (inside.exists()) {
                    return Optional.of(ask(i, path, inside));
                }
            }
        }
        return Optional.empty();
    }

    /** The names in a folder, of all archives that may be opened. */
    Set<String> names(String path) throws HelperException {
        Set<String> names = new LinkedHashSet<>();
        List<Granted> granted = root.granted();
        for (int i = 0; i < granted.size(); i++) {
            if (isIn(granted.get(i), path)) {
                String[] inside = granted.get(i).set().list(path);
                if (inside.length > 0 && attributes(i).errno() == 0) {
                    names.addAll(Arrays.asList(inside));
                }
            }
        }
        return names;
    }

    private static boolean isIn(Granted place, String path) {
        return place.kind() == Kind.ARCHIVE && place.covers(path);
    }

    private WebResource ask(int number, String path, WebResource inside) throws HelperException {
        Attributes attributes = attributes(number);
        if (attributes.errno() == 0) {
            return new ArchiveResource(root, inside);
        }
        if (attributes.outcome().isAbsent() || HelperFiles.hides(path, attributes.outcome())) {
            return new EmptyResource(root, path);
        }
        return new HelperResource(root, inside.getWebappPath(), attributes);
    }

    private Attributes attributes(int number) throws HelperException {
        return root.helper().stat(HelperPath.of(Granted.archive(number)).orElseThrow());
    }
}
