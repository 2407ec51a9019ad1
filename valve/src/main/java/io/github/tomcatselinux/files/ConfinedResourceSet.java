// SPDX-License-Identifier: Apache-2.0
// The main set of an application: through a helper for clients, directly for the server's own needs.
package io.github.tomcatselinux.files;

import java.io.InputStream;
import java.util.Objects;
import java.util.Set;
import org.apache.catalina.WebResource;
import org.apache.catalina.WebResourceSet;

/**
 * Looks every path up in the way that {@link View} allows to whoever asks: the server in Tomcat's own set behind this
 * one, everybody else in all sets of the application at once.
 */
final class ConfinedResourceSet extends DelegatingResourceSet {
    private final ConfinedRoot root;
    private final HelperFiles helper;

    /**
     * A main set.
     *
     * @param direct Tomcat's own
     */
    ConfinedResourceSet(ConfinedRoot root, WebResourceSet direct) {
        super(direct);
        this.root = root;
        this.helper = new HelperFiles(root);
    }

    @Override
    public WebResource getResource(String path) {
        return switch (root.view(path)) {
            case DIRECT -> direct().getResource(path);
            case EXISTENCE -> ExistingResource.lookUp(root, path);
            case HELPER -> helper.getResource(path);
        };
    }

    @Override
    public String[] list(String path) {
        return switch (root.view(path)) {
            case DIRECT -> direct().list(path);
            case EXISTENCE -> new String[0];
            case HELPER -> helper.names(path).toArray(new String[0]);
        };
    }

    @Override
    public Set<String> listWebAppPaths(String path) {
        return switch (root.view(path)) {
            case DIRECT -> direct().listWebAppPaths(path);
            case EXISTENCE -> Set.of();
            case HELPER -> helper.webAppPaths(path);
        };
    }

    /** The entries of a folder that the request's helper may read. */
    WebResource[] listResources(String path) {
        return helper.listResources(path);
    }

    @Override
    public boolean mkdir(String path) {
        return switch (root.changer()) {
            case DIRECT -> direct().mkdir(path);
            case EXISTENCE -> false;
            case HELPER -> root.changes().makeFolder(path);
        };
    }

    @Override
    public boolean write(String path, InputStream content, boolean overwrite) {
        Objects.requireNonNull(content);
        return switch (root.changer()) {
            case DIRECT -> direct().write(path, content, overwrite);
            case EXISTENCE -> false;
            case HELPER -> root.changes().write(path, content, overwrite);
        };
    }
}
