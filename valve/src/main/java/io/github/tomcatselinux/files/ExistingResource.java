// SPDX-License-Identifier: Apache-2.0
// A file or folder of which the server knows no more than that it is there.
package io.github.tomcatselinux.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.apache.catalina.WebResource;
import org.apache.catalina.WebResourceRoot;
import org.apache.catalina.webresources.EmptyResource;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;

/** Enough for the Mapper to choose a welcome file; nothing to read. */
final class ExistingResource extends ForeignResource {
    private static final Log LOG = LogFactory.getLog(ExistingResource.class);

    private final boolean directory;

    private ExistingResource(WebResourceRoot root, String webAppPath, boolean directory) {
        super(root, webAppPath);
        this.directory = directory;
    }

    /** What is there at a path, in any of the places where the application's files come from. */
    static WebResource lookUp(ConfinedRoot root, String webAppPath) {
        for (Granted place : root.granted()) {
            if (place.covers(webAppPath)) {
                WebResource there = place.kind() == Granted.Kind.ARCHIVE
                        ? inside(root, place, webAppPath)
                        : lookUp(root, place, webAppPath);
                if (there.exists()) {
                    return there;
                }
            }
        }
        return new EmptyResource(root, webAppPath);
    }

    private static WebResource inside(WebResourceRoot root, Granted archive, String webAppPath) {
        WebResource there = archive.set().getResource(webAppPath);
        return there.exists()
                ? new ExistingResource(root, there.getWebappPath(), there.isDirectory())
                : new EmptyResource(root, webAppPath);
    }

    private static WebResource lookUp(WebResourceRoot root, Granted place, String webAppPath) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(
                    place.locate(webAppPath), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            boolean folderAsked = webAppPath.endsWith("/");
            if (attributes.isDirectory()) {
                return new ExistingResource(root, folderAsked ? webAppPath : webAppPath + "/", true);
            }
            if (attributes.isRegularFile() && !folderAsked) {
                return new ExistingResource(root, webAppPath, false);
            }
        } catch (IOException | InvalidPathException absent) {
            LOG.trace("[" + webAppPath + "] is not there", absent);
        }
        return new EmptyResource(root, webAppPath);
    }

    @Override
    public boolean canRead() {
        return false;
    }

    @Override
    public boolean isDirectory() {
        return directory;
    }

    @Override
    public boolean isFile() {
        return !directory;
    }

    @Override
    public long getContentLength() {
        return -1;
    }

    @Override
    public long getLastModified() {
        return 0;
    }

    @Override
    public long getCreation() {
        return 0;
    }

    @Override
    public String getCanonicalPath() {
        return null;
    }

    @Override
    protected InputStream doGetInputStream() {
        return null;
    }

    @Override
    public byte[] getContent() {
        return null;
    }
}
