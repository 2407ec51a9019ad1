// SPDX-License-Identifier: Apache-2.0
// The classes of faults.
package io.github.tomcatselinux.preflight;

/** What a finding is about, in the order in which faults are mended: the earlier ones bring later ones about. */
public enum Fault {
    /** {@code server.xml} and its like: elements and attributes. */
    CONFIGURATION(3),
    /** Rules that cannot be read. */
    MAPPING(4),
    /** SELinux itself: its mode, its policy, the server's own domain. */
    SYSTEM(5),
    /** The launcher is not there, or does not answer. */
    LAUNCHER(6),
    /** A context that a rule names cannot be taken. */
    CONTEXT(7),
    /** Labels of programs and folders. */
    LABEL(8),
    /** What stands around the valve in Tomcat: connectors, other valves, logins. */
    SERVER(9);

    private final int exitStatus;

    Fault(int exitStatus) {
        this.exitStatus = exitStatus;
    }

    /** The exit status of a command that found nothing worse. */
    public int exitStatus() {
        return exitStatus;
    }
}
