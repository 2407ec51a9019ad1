// SPDX-License-Identifier: Apache-2.0
/**
 * The command {@code selinux-mapping}. The only part of this module that needs picocli; the valve does not use it.
 */
package io.github.tomcatselinux.mapping.cli;
