// SPDX-License-Identifier: Apache-2.0
// A valve that a declared one has put into an application's pipeline.
package io.github.tomcatselinux;

import org.apache.catalina.Valve;

/** Belongs to the declared valve that installed it, and stays when the application is reloaded. */
sealed interface Installed extends Valve permits ConfinementValve, ErrorPageValve, ReportValve {

    /** Which valve installed it. */
    SelinuxValve declared();
}
