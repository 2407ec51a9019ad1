// SPDX-License-Identifier: Apache-2.0
// Whatever of Java's own starts threads for each who uses it, so that nobody can have started them before.
package io.github.tomcatselinux.guest;

import java.lang.ref.Cleaner;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;

/** Does it in the calling thread, and keeps it: what nobody has any more may end its threads. */
final class ThreadStarters {
    private static final List<Object> KEPT = new ArrayList<>();

    private ThreadStarters() {}

    static void client() {
        KEPT.add(HttpClient.newHttpClient());
    }

    static void cleaner() {
        KEPT.add(Cleaner.create());
    }
}
