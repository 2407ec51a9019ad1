// SPDX-License-Identifier: Apache-2.0
// One place where an application's files come from, as a helper is granted it.
package io.github.tomcatselinux.files;

import io.github.tomcatselinux.launcher.ConfineRequest;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.catalina.WebResourceSet;
import org.apache.catalina.webresources.AbstractResourceSet;
import org.apache.catalina.webresources.DirResourceSet;
import org.apache.catalina.webresources.EmptyResourceSet;
import org.apache.catalina.webresources.FileResourceSet;
import org.apache.catalina.webresources.JarResourceSet;
import org.apache.catalina.webresources.JarWarResourceSet;
import org.apache.catalina.webresources.WarResourceSet;

/**
 * A resource set of Tomcat's and what a helper opens for it. A folder or a single file the helper serves itself. Of an
 * archive it says whether it may be opened: what is in it is read by the server, which has it open for its classes.
 *
 * @param set Tomcat's own
 * @param kind what it is
 * @param mount where in the application it appears: {@code ""} or such as {@code /a/b}
 * @param place absolute, without a symbolic link on the way to it
 */
record Granted(WebResourceSet set, Kind kind, String mount, Path place) {

    /** What a resource set is made of. */
    enum Kind {
        /** A folder. */
        FOLDER,
        /** One regular file. */
        FILE,
        /** A JAR or a WAR. */
        ARCHIVE
    }

    /** Archives are asked for below a name that no client can say. */
    private static final String ARCHIVES = "/META-INF/tomcat-selinux/";

    /**
     * What to grant for these sets, in their order; nothing for those that only the server may look into.
     *
     * @throws IllegalArgumentException if one of them is of a kind that a helper cannot serve
     */
    static List<Granted> of(List<WebResourceSet> sets) {
        List<Granted> granted = new ArrayList<>();
        for (WebResourceSet set : sets) {
            if (set instanceof EmptyResourceSet || set.getClassLoaderOnly()) {
                continue;
            }
            String mount = mountOf(set);
            if (!View.isServerOnly(mount)) {
                granted.add(new Granted(set, kindOf(set), mount, placeOf(set)));
            }
        }
        return List.copyOf(granted);
    }

    /** The folders among these sets, in their order, also where only the server may look: programs lie there. */
    static List<Granted> folders(List<WebResourceSet> sets) {
        return sets.stream()
                .filter(set -> set.getClass() == DirResourceSet.class && !set.getClassLoaderOnly())
                .map(set -> new Granted(set, Kind.FOLDER, mountOf(set), placeOf(set)))
                .toList();
    }

    private static Kind kindOf(WebResourceSet set) {
        if (set.getClass() == DirResourceSet.class) {
            return Kind.FOLDER;
        }
        if (set.getClass() == FileResourceSet.class) {
            return Kind.FILE;
        }
        if (set.getClass() == JarResourceSet.class
                || set.getClass() == JarWarResourceSet.class
                || set.getClass() == WarResourceSet.class) {
            return Kind.ARCHIVE;
        }
        throw new IllegalArgumentException(
                "a resource set of class [" + set.getClass().getName() + "]");
    }

    /** Tomcat tells nobody but subclasses in its own package where a set is mounted. */
    private static String mountOf(WebResourceSet set) {
        try {
            Method mount = AbstractResourceSet.class.getDeclaredMethod("getWebAppMount");
            mount.setAccessible(true);
            return (String) mount.invoke(set);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException unknown) {
            throw new IllegalArgumentException("a resource set that does not say where it is mounted", unknown);
        }
    }

    private static Path placeOf(WebResourceSet set) {
        URL base = set.getBaseUrl();
        try {
            return Path.of(base.toURI()).toRealPath();
        } catch (URISyntaxException | IOException unreachable) {
            throw new IllegalArgumentException("a resource set at [" + base + "]: " + unreachable, unreachable);
        }
    }

    /** What the helper is told, for the n-th of them. */
    ConfineRequest.Root root(int number, boolean writable) {
        return switch (kind) {
            case FOLDER -> new ConfineRequest.Root(mount, place, !writable, false);
            case FILE -> new ConfineRequest.Root(mount, place, true, true);
            case ARCHIVE -> new ConfineRequest.Root(archive(number), place, true, true);
        };
    }

    /** Under which name the helper is asked for the n-th, which is an archive. */
    static String archive(int number) {
        return ARCHIVES + String.format(Locale.ROOT, "%02d", number);
    }

    /** Whether a path is at its mount or below it. */
    boolean covers(String path) {
        return mount.isEmpty() || path.equals(mount) || path.startsWith(mount + "/");
    }

    /** Where in the file system a path of the application would be, by its name alone. */
    Path locate(String path) {
        String below = path.substring(mount.length());
        return below.isEmpty() || below.equals("/") ? place : place.resolve(below.substring(1));
    }
}
