// SPDX-License-Identifier: Apache-2.0
// What programs may do, and where their helpers come from.
package io.github.tomcatselinux;

import io.github.tomcatselinux.Configuration.LauncherChoice;
import java.time.Duration;

/**
 * The attributes that concern programs only.
 *
 * @param mode whether they are run, and in which domain
 * @param launcher where their helpers come from
 * @param maxTime how long one may run; zero for ever
 * @param maxOutput how many octets its answer may have; 0 for any number
 */
record ProgramSettings(Mode mode, LauncherChoice launcher, Duration maxTime, long maxOutput) {

    /** The value of {@code programs}. */
    enum Mode {
        /** In the context of the request, or whatever domain the policy takes them to. */
        ON,
        /** Not at all. */
        OFF,
        /** Only where the policy takes them to another domain. */
        SECURE
    }
}
