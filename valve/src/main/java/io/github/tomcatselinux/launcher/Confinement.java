// SPDX-License-Identifier: Apache-2.0
// What a helper proved about itself.
package io.github.tomcatselinux.launcher;

/**
 * The helper's answer once it is confined.
 *
 * @param pid its process id
 * @param measures what was in force, as a bit set (see {@code docs/protocol.md})
 * @param context what the kernel said when the helper read its own context back; empty where the kernel has no SELinux
 */
public record Confinement(long pid, int measures, String context) {}
