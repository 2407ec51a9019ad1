// SPDX-License-Identifier: Apache-2.0
// What a thread is asked to do for another.
package io.github.tomcatselinux.threads;

import jakarta.servlet.ServletException;
import java.io.IOException;

/** The rest of a request's pipeline, or a part of it. */
@FunctionalInterface
public interface Task {
    /** Does it. What is thrown reaches whoever asked, unchanged. */
    void run() throws IOException, ServletException;
}
