// SPDX-License-Identifier: Apache-2.0
/** From the events of a dry run to a draft of rules and labels. Only what was seen is in it; nobody is given more. */
package io.github.tomcatselinux.mapping.suggest;
