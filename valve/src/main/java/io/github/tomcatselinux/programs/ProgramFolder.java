// SPDX-License-Identifier: Apache-2.0
// A folder that programs may lie in.
package io.github.tomcatselinux.programs;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A part of an application that is a folder.
 *
 * @param mount where in the application it appears: {@code ""} or such as {@code /a/b}
 * @param place absolute, without a symbolic link on the way to it
 */
public record ProgramFolder(String mount, Path place) {

    /**
     * The part of a script's way that lies in one folder.
     *
     * @param prefix folder to begin in, without slashes around it
     * @param path what is looked for there, segment by segment
     */
    record Part(String prefix, String path) {}

    /** What is to be looked for here; empty if the way does not lead here. */
    Optional<Part> part(Script script) {
        String start = script.prefix().isEmpty() ? "" : "/" + script.prefix();
        if ((start + "/").startsWith(mount + "/")) {
            String below = start.substring(mount.length());
            return Optional.of(new Part(below.isEmpty() ? "" : below.substring(1), script.path()));
        }
        String way = start + "/" + script.path();
        return way.startsWith(mount + "/")
                ? Optional.of(new Part("", way.substring(mount.length() + 1)))
                : Optional.empty();
    }

    /** The file of a program that was found here, by its place in the application. */
    String file(String placeInApplication) {
        return place.resolve(placeInApplication.substring(mount.length() + 1)).toString();
    }
}
