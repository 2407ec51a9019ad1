// SPDX-License-Identifier: Apache-2.0
// A file or folder inside of an archive that the request's helper may open.
package io.github.tomcatselinux.files;

import java.io.InputStream;
import org.apache.catalina.WebResource;
import org.apache.catalina.WebResourceRoot;

/** What Tomcat's own resource says of itself, without a name by which the archive could be opened again. */
final class ArchiveResource extends ForeignResource {
    private final WebResource inside;

    ArchiveResource(WebResourceRoot root, WebResource inside) {
        super(root, inside.getWebappPath());
        this.inside = inside;
    }

    @Override
    public boolean canRead() {
        return inside.canRead();
    }

    @Override
    public boolean isDirectory() {
        return inside.isDirectory();
    }

    @Override
    public boolean isFile() {
        return inside.isFile();
    }

    @Override
    public long getContentLength() {
        return inside.getContentLength();
    }

    @Override
    public long getLastModified() {
        return inside.getLastModified();
    }

    @Override
    public long getCreation() {
        return inside.getCreation();
    }

    /** Tomcat has none for what is in an archive either. */
    @Override
    public String getCanonicalPath() {
        return null;
    }

    @Override
    protected InputStream doGetInputStream() {
        return inside.getInputStream();
    }

    @Override
    public byte[] getContent() {
        return inside.getContent();
    }
}
