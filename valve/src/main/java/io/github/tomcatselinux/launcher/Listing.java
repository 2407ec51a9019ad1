// SPDX-License-Identifier: Apache-2.0
// The readable names of a folder.
package io.github.tomcatselinux.launcher;

import java.util.List;

/**
 * What a helper lists.
 *
 * @param errno 0, or why the folder cannot be listed
 * @param entries in no order
 */
public record Listing(int errno, List<DirectoryEntry> entries) {}
