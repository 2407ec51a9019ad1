// SPDX-License-Identifier: Apache-2.0
// Which files of the system an application's own root would serve.
package io.github.tomcatselinux.files;

import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.catalina.WebResourceRoot;
import org.apache.catalina.WebResourceSet;
import org.apache.catalina.webresources.StandardRoot;

/** Of a root that is left as it is: what {@link ConfinedRoot} would have a helper open. Fixed as the application starts. */
public final class ServedFolders {
    private final List<Granted> folders;

    private ServedFolders(List<Granted> folders) {
        this.folders = folders;
    }

    /**
     * A file by its place.
     *
     * @param root the folder that it would be opened in
     * @param place where it is, or would be
     */
    public record Located(Path root, Path place) {}

    /**
     * Those of one application.
     *
     * @throws IllegalArgumentException naming what a helper cannot serve
     */
    public static ServedFolders of(WebResourceRoot root) {
        if (root == null || root.getClass() != StandardRoot.class) {
            throw new IllegalArgumentException("the files of the application come from "
                    + (root == null
                            ? "nowhere"
                            : "a root of class [" + root.getClass().getName() + "]"));
        }
        List<WebResourceSet> sets = Stream.of(
                        Stream.of(root.getPreResources()), Stream.of(main(root)), Stream.of(root.getPostResources()))
                .flatMap(some -> some)
                .toList();
        return of(Granted.of(sets));
    }

    static ServedFolders of(List<Granted> granted) {
        return new ServedFolders(granted.stream()
                .filter(place -> place.kind() != Granted.Kind.ARCHIVE)
                .toList());
    }

    /** Tomcat tells nobody but subclasses. */
    private static WebResourceSet main(WebResourceRoot root) {
        try {
            Field main = StandardRoot.class.getDeclaredField("main");
            main.setAccessible(true);
            return (WebResourceSet) main.get(root);
        } catch (NoSuchFieldException | IllegalAccessException hidden) {
            throw new IllegalArgumentException("a root that does not say what is in it", hidden);
        }
    }

    /** The first that has such a file, or else where it would be made; empty where the path is none, or leads elsewhere. */
    public Optional<Located> locate(String path) {
        List<Located> places = places(path);
        return places.stream()
                .filter(place -> Files.exists(place.place(), LinkOption.NOFOLLOW_LINKS))
                .findFirst()
                .or(() -> places.stream().findFirst());
    }

    /** All places of a path, without looking whether there is anything. */
    List<Located> places(String path) {
        return folders.stream()
                .filter(folder -> folder.covers(path))
                .flatMap(folder -> located(folder, path).stream())
                .toList();
    }

    private static Optional<Located> located(Granted folder, String path) {
        if (path.indexOf('\0') >= 0) {
            return Optional.empty();
        }
        Path place = folder.locate(path).normalize();
        return place.startsWith(folder.place()) ? Optional.of(new Located(folder.place(), place)) : Optional.empty();
    }

    /** The first folder, where programs are looked for. */
    public Optional<Path> first() {
        return folders.stream()
                .filter(folder -> folder.kind() == Granted.Kind.FOLDER)
                .map(Granted::place)
                .findFirst();
    }
}
