// SPDX-License-Identifier: Apache-2.0
// The readable names of a folder.
package io.github.tomcatselinux.launcher;

import java.util.List;

/**
 * What a helper lists.
 *
 * @param outcome whether the folder can be listed
 * @param entries in no order
 */
public record Listing(Outcome outcome, List<DirectoryEntry> entries) {}
