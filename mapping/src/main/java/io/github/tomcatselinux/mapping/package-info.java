// SPDX-License-Identifier: Apache-2.0
/**
 * Rules from the identity of a request to the SELinux context it runs under.
 *
 * <p>{@link io.github.tomcatselinux.mapping.Mappings} reads a file, {@link io.github.tomcatselinux.mapping.RuleSet}
 * decides, {@link io.github.tomcatselinux.mapping.MappingFile} reloads. Nothing here knows Tomcat, asks a name server or
 * touches SELinux; {@code null} neither goes in nor comes out.
 */
package io.github.tomcatselinux.mapping;
