// SPDX-License-Identifier: Apache-2.0
// The main folder of an application: through a helper for clients, directly for the server's own needs.
package io.github.tomcatselinux.files;

import io.github.tomcatselinux.launcher.Attributes;
import io.github.tomcatselinux.launcher.DirectoryEntry;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.launcher.Listing;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.WebResource;
import org.apache.catalina.WebResourceRoot;
import org.apache.catalina.WebResourceSet;
import org.apache.catalina.util.LifecycleBase;
import org.apache.catalina.webresources.EmptyResource;

/**
 * Looks every path up in the way that {@link View} allows to whoever asks. A failure of the helper is thrown as
 * {@link UncheckedIOException} around a {@link HelperException}, since these methods know no other way to say that there
 * is no answer; the valve turns it into a refused request.
 */
final class ConfinedResourceSet extends LifecycleBase implements WebResourceSet {
    private final ConfinedRoot root;
    private final WebResourceSet direct;
    private final Path folder;

    /**
     * A set for a folder.
     *
     * @param direct Tomcat's own set for the same folder
     */
    ConfinedResourceSet(ConfinedRoot root, WebResourceSet direct, Path folder) {
        this.root = root;
        this.direct = direct;
        this.folder = folder;
    }

    Path folder() {
        return folder;
    }

    View view(String path) {
        return View.of(path, root.getContext().getState().isAvailable(), RequestFiles.current());
    }

    @Override
    public WebResource getResource(String path) {
        return switch (view(path)) {
            case DIRECT -> direct.getResource(path);
            case EXISTENCE -> ExistingResource.lookUp(root, folder, path);
            case HELPER -> fromHelper(path);
        };
    }

    @Override
    public String[] list(String path) {
        return switch (view(path)) {
            case DIRECT -> direct.list(path);
            case EXISTENCE -> new String[0];
            case HELPER -> names(path).toArray(new String[0]);
        };
    }

    @Override
    public Set<String> listWebAppPaths(String path) {
        return switch (view(path)) {
            case DIRECT -> direct.listWebAppPaths(path);
            case EXISTENCE -> Set.of();
            case HELPER -> webAppPaths(path);
        };
    }

    @Override
    public boolean mkdir(String path) {
        return view(path) == View.DIRECT && direct.mkdir(path);
    }

    @Override
    public boolean write(String path, InputStream content, boolean overwrite) {
        return view(path) == View.DIRECT && direct.write(path, content, overwrite);
    }

    @Override
    public void setRoot(WebResourceRoot webResourceRoot) {
        direct.setRoot(webResourceRoot);
    }

    @Override
    public boolean getClassLoaderOnly() {
        return direct.getClassLoaderOnly();
    }

    @Override
    public void setClassLoaderOnly(boolean classLoaderOnly) {
        direct.setClassLoaderOnly(classLoaderOnly);
    }

    @Override
    public boolean getStaticOnly() {
        return direct.getStaticOnly();
    }

    @Override
    public void setStaticOnly(boolean staticOnly) {
        direct.setStaticOnly(staticOnly);
    }

    @Override
    public URL getBaseUrl() {
        return direct.getBaseUrl();
    }

    @Override
    public void setReadOnly(boolean readOnly) {
        direct.setReadOnly(readOnly);
    }

    @Override
    public boolean isReadOnly() {
        return direct.isReadOnly();
    }

    @Override
    public void gc() {
        direct.gc();
    }

    @Override
    public void setAllowLinking(boolean allowLinking) {
        direct.setAllowLinking(allowLinking);
    }

    @Override
    public boolean getAllowLinking() {
        return direct.getAllowLinking();
    }

    @Override
    protected void initInternal() throws LifecycleException {
        direct.init();
    }

    @Override
    protected void startInternal() throws LifecycleException {
        direct.start();
        setState(LifecycleState.STARTING);
    }

    @Override
    protected void stopInternal() throws LifecycleException {
        setState(LifecycleState.STOPPING);
        direct.stop();
    }

    @Override
    protected void destroyInternal() throws LifecycleException {
        direct.destroy();
    }

    private WebResource fromHelper(String path) {
        Optional<byte[]> octets = octets(path);
        if (octets.isEmpty()) {
            return absent(path);
        }
        try {
            Attributes attributes = helper().stat(octets.get());
            boolean folderAsked = path.endsWith("/");
            boolean fileThere = attributes.kind() == Attributes.Kind.FILE;
            if (attributes.isAbsent() || (folderAsked && fileThere)) {
                return absent(path);
            }
            if (attributes.errno() != 0 && !attributes.isDenied()) {
                throw new HelperException(
                        HelperException.Reason.REFUSED, "a file cannot be looked at: errno " + attributes.errno());
            }
            if (attributes.isDenied() && refused(path, attributes.errno())) {
                return absent(path);
            }
            boolean folderThere = attributes.kind() == Attributes.Kind.DIRECTORY;
            return new HelperResource(this, folderThere && !folderAsked ? path + "/" : path, attributes);
        } catch (HelperException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The entries of a folder in one round trip. */
    WebResource[] listResources(String path) {
        String parent = path.endsWith("/") ? path : path + "/";
        return entries(path).stream()
                .map(entry -> new HelperResource(
                        this,
                        parent + entry.name() + (entry.attributes().kind() == Attributes.Kind.DIRECTORY ? "/" : ""),
                        entry.attributes()))
                .toArray(WebResource[]::new);
    }

    private Set<String> names(String path) {
        return entries(path).stream().map(DirectoryEntry::name).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private List<DirectoryEntry> entries(String path) {
        Optional<byte[]> octets = octets(path);
        if (octets.isEmpty()) {
            return List.of();
        }
        try {
            Listing listing = helper().list(octets.get());
            Attributes refusal = new Attributes(listing.errno(), Attributes.Kind.NONE, 0, 0, 0, 0);
            if (refusal.isDenied()) {
                refused(path, listing.errno());
            } else if (listing.errno() != 0 && !refusal.isAbsent()) {
                throw new HelperException(
                        HelperException.Reason.REFUSED, "a folder cannot be listed: errno " + listing.errno());
            }
            return listing.entries();
        } catch (HelperException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Tells the request of a refusal, and returns whether the client must not learn of it. */
    private static boolean refused(String path, int errno) {
        Optional<RequestFiles> request = RequestFiles.current();
        request.ifPresent(files -> files.refusedByKernel(path, errno));
        return request.map(RequestFiles::hidesDenied).orElse(true);
    }

    private Set<String> webAppPaths(String path) {
        String parent = path.endsWith("/") ? path : path + "/";
        Set<String> paths = new LinkedHashSet<>();
        for (String name : names(path)) {
            WebResource resource = getResource(parent + name);
            if (resource.exists()) {
                paths.add(resource.getWebappPath());
            }
        }
        return paths;
    }

    /**
     * The helper of the request on this thread.
     *
     * @throws HelperException if there is none
     */
    HelperConnection helper() throws HelperException {
        return RequestFiles.current()
                .orElseThrow(() -> new HelperException(
                        HelperException.Reason.REFUSED, "a file is asked for outside of the request that it was for"))
                .helper(root);
    }

    ConfinedRoot root() {
        return root;
    }

    /** The path as the helper wants it: relative, and in the octets of the file system; empty if it has none. */
    static Optional<byte[]> octets(String path) {
        String relative =
                path.substring(1, path.length() > 1 && path.endsWith("/") ? path.length() - 1 : path.length());
        if (relative.indexOf('\0') >= 0) {
            return Optional.empty();
        }
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(relative));
            byte[] octets = new byte[encoded.remaining()];
            encoded.get(octets);
            return octets.length > 4095 ? Optional.empty() : Optional.of(octets);
        } catch (CharacterCodingException notText) {
            return Optional.empty();
        }
    }

    private WebResource absent(String path) {
        return new EmptyResource(root, path);
    }
}
