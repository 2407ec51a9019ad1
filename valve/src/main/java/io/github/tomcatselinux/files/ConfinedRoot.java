// SPDX-License-Identifier: Apache-2.0
// The files of one application, seen with the eyes of whoever asks.
package io.github.tomcatselinux.files;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.catalina.Context;
import org.apache.catalina.Host;
import org.apache.catalina.WebResource;
import org.apache.catalina.WebResourceSet;
import org.apache.catalina.webresources.DirResourceSet;
import org.apache.catalina.webresources.EmptyResourceSet;
import org.apache.catalina.webresources.StandardRoot;
import org.apache.tomcat.util.http.RequestUtil;

/**
 * Tomcat's resource root with its main set replaced by {@link ConfinedResourceSet}. Unless the administrator allows
 * caches, Tomcat's resource cache is off and stays off: an answer from it is given without asking the kernel. Where it
 * is allowed, it holds only what helpers could read: what the server reads for itself, and what was refused, is looked
 * up each time.
 *
 * <p>Static resources out of JARs ({@code META-INF/resources}) are not served: the JVM would read them for the client.
 */
public final class ConfinedRoot extends StandardRoot {
    private final BooleanSupplier cachesAllowed;
    private Optional<ConfinedResourceSet> main = Optional.empty();

    /**
     * A root for an application that is about to start.
     *
     * @param cachesAllowed asked at each look-up
     */
    public ConfinedRoot(Context context, BooleanSupplier cachesAllowed) {
        super(context);
        this.cachesAllowed = cachesAllowed;
    }

    /** On only where {@code allowCaches} is, whoever turns it on: JMX does not get past it. */
    @Override
    public boolean isCachingAllowed() {
        return super.isCachingAllowed() && cachesAllowed.getAsBoolean();
    }

    /** The folder that a helper opens as its root; empty for an application without one. */
    public Optional<Path> folder() {
        return main.map(ConfinedResourceSet::folder);
    }

    @Override
    protected WebResourceSet createMainResourceSet() {
        WebResourceSet direct = super.createMainResourceSet();
        main = Optional.empty();
        if (direct instanceof EmptyResourceSet) {
            return direct;
        }
        if (!(direct instanceof DirResourceSet)) {
            throw new IllegalArgumentException("application [" + getContext().getBaseName() + "]: docBase ["
                    + getContext().getDocBase()
                    + "] is a packed archive, which a helper cannot serve: unpack it (unpackWARs=\"true\")");
        }
        main = Optional.of(new ConfinedResourceSet(this, direct, docBase()));
        return main.get();
    }

    @Override
    public void createWebResourceSet(
            ResourceSetType type, String webAppMount, String base, String archivePath, String internalPath) {
        if (type != ResourceSetType.RESOURCE_JAR) {
            super.createWebResourceSet(type, webAppMount, base, archivePath, internalPath);
        }
    }

    @Override
    protected WebResource getResource(String path, boolean validate, boolean useClassLoaderResources) {
        if (main.isEmpty() || !isCachingAllowed() || path == null || View.isServerOnly(path)) {
            return super.getResource(path, validate, useClassLoaderResources);
        }
        if (main.get().view(path) == View.HELPER) {
            WebResource cached = super.getResource(path, validate, useClassLoaderResources);
            if (cached.exists() && cached.canRead()) {
                return cached;
            }
            // What one person may not see must not be remembered for the next.
            return getResourceInternal(cached.getWebappPath(), useClassLoaderResources);
        }
        // What the server reads must not be remembered for clients.
        return getResourceInternal(normalized(path), useClassLoaderResources);
    }

    @Override
    public WebResource[] getResources(String path) {
        return main.isEmpty() || View.isServerOnly(path)
                ? super.getResources(path)
                : new WebResource[] {getResource(path)};
    }

    @Override
    protected WebResource[] listResources(String path, boolean validate) {
        if (main.isPresent() && main.get().view(path) == View.HELPER) {
            return main.get().listResources(validate ? normalized(path) : path);
        }
        return super.listResources(path, validate);
    }

    /** As {@link StandardRoot} validates: absolute, and not above the root. */
    private static String normalized(String path) {
        String result = path.startsWith("/") ? RequestUtil.normalize(path, false) : null;
        if (result == null || !result.startsWith("/")) {
            throw new IllegalArgumentException("the path does not stay within the application");
        }
        return result;
    }

    /** As {@link StandardRoot#createMainResourceSet} finds it, without the links that a helper does not follow. */
    private Path docBase() {
        File folder = new File(getContext().getDocBase());
        if (!folder.isAbsolute()) {
            folder = new File(((Host) getContext().getParent()).getAppBaseFile(), folder.getPath());
        }
        try {
            return folder.toPath().toRealPath();
        } catch (IOException unreachable) {
            throw new UncheckedIOException(unreachable);
        }
    }
}
