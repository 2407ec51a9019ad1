// SPDX-License-Identifier: Apache-2.0
// What everybody who takes part has to know.
package io.github.tomcatselinux.soak;

/**
 * One run.
 *
 * @param rules which of dave's two rules is in force
 * @param programs 1 while no program may run
 */
record Situation(int port, Gate gate, Tally tally, Changes rules, Changes programs) {}
