// SPDX-License-Identifier: Apache-2.0
/** Reads the events that the valve writes (see {@code docs/logging.md}). */
package io.github.tomcatselinux.mapping.events;
