// SPDX-License-Identifier: Apache-2.0
// Contexts that do not come from the rules.
package io.github.tomcatselinux;

import io.github.tomcatselinux.mapping.AllowedContexts;
import java.util.Optional;

/**
 * The attributes that concern {@code @principal} and {@code @login}.
 *
 * @param allowed which contexts they may yield
 * @param attribute the request attribute that holds a context for {@code @principal}
 */
record OutsideSettings(AllowedContexts allowed, Optional<String> attribute) {}
