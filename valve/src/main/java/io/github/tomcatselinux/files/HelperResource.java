// SPDX-License-Identifier: Apache-2.0
// A file or folder as a helper sees it.
package io.github.tomcatselinux.files;

import io.github.tomcatselinux.launcher.Attributes;
import io.github.tomcatselinux.launcher.HelperException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * What the helper of the request could open, or was refused. A refused object "exists and cannot be read", which
 * {@code DefaultServlet} answers with 403; of such an object nothing else is known.
 *
 * <p>Content is always asked of the helper of the request that the thread serves <em>now</em>, so that an object of
 * this class in Tomcat's cache opens nothing for somebody else.
 */
final class HelperResource extends ForeignResource {
    private final ConfinedRoot root;
    private final Attributes attributes;
    private final Optional<byte[]> content;

    HelperResource(ConfinedRoot root, String webAppPath, Attributes attributes) {
        this(root, webAppPath, attributes, Optional.empty());
    }

    /**
     * A resource.
     *
     * @param content all of the file, read along with its attributes, for a cache; normally not
     */
    HelperResource(ConfinedRoot root, String webAppPath, Attributes attributes, Optional<byte[]> content) {
        super(root, webAppPath);
        this.root = root;
        this.attributes = attributes;
        this.content = content;
    }

    @Override
    public boolean canRead() {
        return attributes.errno() == 0;
    }

    @Override
    public boolean isDirectory() {
        return attributes.kind() == Attributes.Kind.DIRECTORY;
    }

    @Override
    public boolean isFile() {
        return attributes.kind() == Attributes.Kind.FILE;
    }

    @Override
    public long getContentLength() {
        return isFile() ? attributes.size() : -1;
    }

    @Override
    public long getLastModified() {
        return attributes.modified();
    }

    @Override
    public long getCreation() {
        return attributes.created();
    }

    /** The path below the folder that has it, not resolved further: links are not followed anyway. */
    @Override
    public String getCanonicalPath() {
        return root.granted().get(attributes.root()).locate(getWebappPath()).toString();
    }

    @Override
    public boolean delete() {
        return root.changes().delete(getWebappPath());
    }

    @Override
    protected InputStream doGetInputStream() {
        if (!isFile()) {
            return null;
        }
        try {
            RequestFiles.current().ifPresent(request -> request.reading(attributes.size()));
            return HelperInputStream.open(
                    root.helper(),
                    HelperPath.of(getWebappPath())
                            .orElseThrow(() -> new HelperException(HelperException.Reason.REFUSED, "not a path")),
                    attributes);
        } catch (HelperException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public byte[] getContent() {
        if (content.isPresent()) {
            return content.get();
        }
        InputStream stream = doGetInputStream();
        if (stream == null) {
            return null;
        }
        try (stream) {
            return stream.readAllBytes();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
