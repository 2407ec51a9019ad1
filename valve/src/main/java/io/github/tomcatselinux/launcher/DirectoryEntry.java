// SPDX-License-Identifier: Apache-2.0
// One name in a folder, as a helper lists it.
package io.github.tomcatselinux.launcher;

/**
 * An entry of a folder that the helper's context may read.
 *
 * @param name file name, without a path
 * @param attributes kind, size and times; {@code errno} is 0
 */
public record DirectoryEntry(String name, Attributes attributes) {}
