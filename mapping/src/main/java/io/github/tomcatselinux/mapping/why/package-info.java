// SPDX-License-Identifier: Apache-2.0
/** Joins a refusal that the valve has logged to what the kernel has, and says in plain words why. Knows no Tomcat. */
package io.github.tomcatselinux.mapping.why;
