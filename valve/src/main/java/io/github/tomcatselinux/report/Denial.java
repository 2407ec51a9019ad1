// SPDX-License-Identifier: Apache-2.0
// Something that the loaded policy does not let a context do.
package io.github.tomcatselinux.report;

import java.util.List;

/**
 * As the kernel would name it in its record.
 *
 * @param object the file or folder, by its whole path; what else it is about, in words
 * @param label the object's context
 * @param objectClass such as {@code file}
 * @param permissions those that are missing
 */
public record Denial(String object, String label, String objectClass, List<String> permissions) {}
