// SPDX-License-Identifier: Apache-2.0
// A file or folder of which the server knows no more than that it is there.
package io.github.tomcatselinux.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.apache.catalina.WebResource;
import org.apache.catalina.WebResourceRoot;
import org.apache.catalina.webresources.EmptyResource;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;

/** Enough for the Mapper to choose a welcome file; nothing to read. */
final class ExistingResource extends ForeignResource {
    private static final Log LOG = LogFactory.getLog(ExistingResource.class);

    private final Path path;
    private final boolean directory;

    private ExistingResource(WebResourceRoot root, String webAppPath, Path path, boolean directory) {
        super(root, webAppPath);
        this.path = path;
        this.directory = directory;
    }

    static WebResource lookUp(WebResourceRoot root, Path folder, String webAppPath) {
        try {
            Path path = folder.resolve(webAppPath.substring(1));
            BasicFileAttributes attributes =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            boolean folderAsked = webAppPath.endsWith("/");
            if (attributes.isDirectory()) {
                return new ExistingResource(root, folderAsked ? webAppPath : webAppPath + "/", path, true);
            }
            if (attributes.isRegularFile() && !folderAsked) {
                return new ExistingResource(root, webAppPath, path, false);
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
    public String getName() {
        return path.getFileName() == null ? "" : path.getFileName().toString();
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
        return path.toString();
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
