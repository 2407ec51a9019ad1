// SPDX-License-Identifier: Apache-2.0
// How much of the launcher the requests of one valve may use.
package io.github.tomcatselinux;

import java.time.Duration;

/**
 * Ceilings, all finite but the total time.
 *
 * @param maxHelpers helpers at a time
 * @param maxPerContext helpers at a time in one SELinux context, so that one context cannot starve the others
 * @param maxQueue requests that may wait for a helper; what comes beyond is answered with 503
 * @param requestTimeout time without progress after which a helper leaves, and the longest that a request waits for one
 * @param maxRequestTime time after which a helper leaves whatever it does; zero for none
 */
record Limits(int maxHelpers, int maxPerContext, int maxQueue, Duration requestTimeout, Duration maxRequestTime) {}
