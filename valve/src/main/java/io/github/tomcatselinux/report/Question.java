// SPDX-License-Identifier: Apache-2.0
// What a request would need of the kernel, were it confined.
package io.github.tomcatselinux.report;

import java.nio.file.Path;
import java.util.Optional;

/** One for each way of dispatch. */
public sealed interface Question {

    /**
     * A helper serves a file or a folder.
     *
     * @param root the folder that the application's files come from
     * @param file what the request names, in it
     * @param method of HTTP
     * @param changes whether the servlet takes methods that change something
     * @param lists whether it lists folders
     */
    record Files(Path root, Path file, String method, boolean changes, boolean lists) implements Question {}

    /**
     * A helper runs a program.
     *
     * @param root the folder that the application's files come from
     * @param prefix the folder in it that programs are looked for in
     * @param path where they are looked for there; the first part of it that is a file is the program
     * @param mustLeave whether the program has to enter another domain
     */
    record Program(Path root, String prefix, String path, boolean mustLeave) implements Question {}

    /**
     * A thread of the server's takes the context's twin.
     *
     * @param files what the servlet behind the application's code would ask for, if that is one for files
     */
    record Twin(Optional<Files> files) implements Question {}
}
