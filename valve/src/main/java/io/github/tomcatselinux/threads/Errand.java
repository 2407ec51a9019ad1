// SPDX-License-Identifier: Apache-2.0
// What a confined thread has a thread of the server's do for it.
package io.github.tomcatselinux.threads;

import jakarta.servlet.ServletException;
import java.io.IOException;

/** Something that only the server may do, such as to connect to the launcher or to write the work folder. */
@FunctionalInterface
public interface Errand<T> {
    /** Does it. What is thrown reaches whoever asked, unchanged. */
    T run() throws IOException, ServletException;
}
