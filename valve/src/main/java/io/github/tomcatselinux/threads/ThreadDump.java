// SPDX-License-Identifier: Apache-2.0
// What the JVM's threads are doing, by the kernel's number of each.
package io.github.tomcatselinux.threads;

import java.lang.management.ManagementFactory;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/** As {@code jcmd Thread.print} has it: the one place where Java tells a thread's number. */
final class ThreadDump {
    private ThreadDump() {}

    /** All threads; empty if the JVM does not say. */
    static String text() {
        try {
            return (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "threadPrint",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
        } catch (JMException silent) {
            return "";
        }
    }

    /** One thread of these, its name first; empty if it is not there. */
    static String entry(String text, long number) {
        // Hexadecimal up to Java 20, decimal since.
        Pattern nid = Pattern.compile("nid=(0x" + Long.toHexString(number) + "|" + number + ")\\b");
        for (String entry : text.split("\n\n", -1)) {
            int line = entry.indexOf('\n');
            if (nid.matcher(line < 0 ? entry : entry.substring(0, line)).find()) {
                return entry.strip();
            }
        }
        return "";
    }
}
