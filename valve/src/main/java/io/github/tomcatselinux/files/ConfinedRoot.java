// SPDX-License-Identifier: Apache-2.0
// The files of one application, seen with the eyes of whoever asks.
package io.github.tomcatselinux.files;

import java.io.File;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.Host;
import org.apache.catalina.WebResource;
import org.apache.catalina.WebResourceSet;
import org.apache.catalina.webresources.DirResourceSet;
import org.apache.catalina.webresources.EmptyResourceSet;
import org.apache.catalina.webresources.StandardRoot;

/**
 * Tomcat's resource root with its main set replaced by {@link ConfinedResourceSet}. Unless the administrator allows
 * caches, Tomcat's resource cache is off and stays off: an answer from it is given without asking the kernel.
 *
 * <p>Static resources out of JARs ({@code META-INF/resources}) are not served: the JVM would read them for the client.
 */
public final class ConfinedRoot extends StandardRoot {
    private boolean cachesAllowed;
    private ConfinedResourceSet main;

    /** A root for an application that is about to start, without caches. */
    public ConfinedRoot(Context context) {
        super(context);
        allowCaches(false);
    }

    /** Whether Tomcat's cache may be used; called before the first request. */
    public void allowCaches(boolean allowed) {
        cachesAllowed = allowed;
        setCachingAllowed(allowed);
    }

    /** Turned on only where {@code allowCaches} is, whoever asks: JMX does not get past it. */
    @Override
    public void setCachingAllowed(boolean cachingAllowed) {
        super.setCachingAllowed(cachingAllowed && cachesAllowed);
    }

    /** The folder that a helper opens as its root. */
    public Path folder() {
        return main.folder();
    }

    @Override
    protected WebResourceSet createMainResourceSet() {
        WebResourceSet direct = super.createMainResourceSet();
        if (direct instanceof EmptyResourceSet) {
            return direct;
        }
        if (!(direct instanceof DirResourceSet)) {
            throw new IllegalArgumentException("application [" + getContext().getName() + "]: docBase ["
                    + getContext().getDocBase()
                    + "] is a packed archive, which a helper cannot serve: unpack it (unpackWARs=\"true\")");
        }
        main = new ConfinedResourceSet(this, direct, docBase());
        return main;
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
        if (!isCachingAllowed() || !isConfined(path)) {
            return super.getResource(path, validate, useClassLoaderResources);
        }
        WebResource cached = super.getResource(path, validate, useClassLoaderResources);
        if (cached.exists() && cached.canRead()) {
            return cached;
        }
        // What one person may not see must not be remembered for the next.
        return main.getResource(cached.getWebappPath());
    }

    private boolean isConfined(String path) {
        return main != null && path != null && main.view(path) != View.DIRECT;
    }

    /** As {@link StandardRoot#createMainResourceSet} finds it. */
    private Path docBase() {
        File folder = new File(getContext().getDocBase());
        if (!folder.isAbsolute()) {
            folder = new File(((Host) getContext().getParent()).getAppBaseFile(), folder.getPath());
        }
        return folder.toPath().toAbsolutePath();
    }
}
