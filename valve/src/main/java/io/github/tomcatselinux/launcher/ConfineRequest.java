// SPDX-License-Identifier: Apache-2.0
// What the first frame asks of a helper.
package io.github.tomcatselinux.launcher;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The one frame that a helper reads before it confines itself.
 *
 * @param context the whole context to take
 * @param requestId what log lines call this request: 1 to 64 of {@code [A-Za-z0-9._-]}
 * @param root absolute folder below which every path is resolved
 * @param progressTimeout time without progress after which the helper leaves
 * @param totalTimeout time after which it leaves whatever it does; zero for none
 * @param selinux whether the kernel has SELinux: then a helper without a context is no helper
 */
public record ConfineRequest(
        String context,
        String requestId,
        Path root,
        Duration progressTimeout,
        Duration totalTimeout,
        boolean selinux) {}
