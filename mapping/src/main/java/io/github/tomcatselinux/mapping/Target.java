// SPDX-License-Identifier: Apache-2.0
// What a rule says is to be done with a request.
package io.github.tomcatselinux.mapping;

/** The right-hand side of a rule: a context, or one of the special terms. */
public sealed interface Target permits ContextTemplate, SpecialTerm {}
