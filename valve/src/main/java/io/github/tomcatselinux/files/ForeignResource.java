// SPDX-License-Identifier: Apache-2.0
// A file or folder that the server does not open itself.
package io.github.tomcatselinux.files;

import java.net.URL;
import java.security.cert.Certificate;
import java.util.jar.Manifest;
import org.apache.catalina.WebResourceRoot;
import org.apache.catalina.webresources.AbstractResource;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;

/** Has nothing by which the JVM could get at the file past the helper, a {@code file:} URL above all, and no way to change it. */
abstract class ForeignResource extends AbstractResource {
    private static final Log LOG = LogFactory.getLog(ForeignResource.class);

    ForeignResource(WebResourceRoot root, String webAppPath) {
        super(root, webAppPath);
    }

    @Override
    public final boolean exists() {
        return true;
    }

    @Override
    public final String getName() {
        return lastName(getWebappPath());
    }

    static String lastName(String path) {
        int end = path.endsWith("/") ? path.length() - 1 : path.length();
        return end <= 0 ? "" : path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    }

    @Override
    public final boolean isVirtual() {
        return false;
    }

    @Override
    public boolean delete() {
        return false;
    }

    @Override
    public final URL getURL() {
        return null;
    }

    @Override
    public final URL getCodeBase() {
        return null;
    }

    @Override
    public final Certificate[] getCertificates() {
        return null;
    }

    @Override
    public final Manifest getManifest() {
        return null;
    }

    @Override
    protected final Log getLog() {
        return LOG;
    }
}
