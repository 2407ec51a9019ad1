// SPDX-License-Identifier: Apache-2.0
// A resource set beside the main one.
package io.github.tomcatselinux.files;

import java.io.InputStream;
import java.util.Set;
import org.apache.catalina.WebResource;
import org.apache.catalina.WebResourceSet;
import org.apache.catalina.webresources.EmptyResource;

/**
 * Holds something for the server only. For clients the main set answers for all sets in their order, in one round trip
 * to a helper; so to them there is nothing here.
 */
final class ServerOnlySet extends DelegatingResourceSet {
    private final ConfinedRoot root;

    ServerOnlySet(ConfinedRoot root, WebResourceSet direct) {
        super(direct);
        this.root = root;
    }

    private boolean isServer(String path) {
        return root.view(path) == View.DIRECT;
    }

    @Override
    public WebResource getResource(String path) {
        return isServer(path) ? direct().getResource(path) : new EmptyResource(root, path);
    }

    @Override
    public String[] list(String path) {
        return isServer(path) ? direct().list(path) : new String[0];
    }

    @Override
    public Set<String> listWebAppPaths(String path) {
        return isServer(path) ? direct().listWebAppPaths(path) : Set.of();
    }

    @Override
    public boolean mkdir(String path) {
        return isServer(path) && direct().mkdir(path);
    }

    @Override
    public boolean write(String path, InputStream content, boolean overwrite) {
        return isServer(path) && direct().write(path, content, overwrite);
    }
}
