// SPDX-License-Identifier: Apache-2.0
// What the first frame asks of a helper.
package io.github.tomcatselinux.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The one frame that a helper reads before it confines itself.
 *
 * @param context the whole context to take
 * @param requestId what log lines call this request: 1 to 64 of {@code [A-Za-z0-9._-]}
 * @param identity as whom, to Unix, the helper works
 * @param ceilings how much of the machine it may use
 * @param roots what it serves, the first that has a path wins: at most 64; none only to see whether there can be such a helper
 * @param progressTimeout time without progress after which the helper leaves
 * @param totalTimeout time after which it leaves whatever it does; zero for none
 * @param selinux whether the kernel has SELinux: then a helper without a context is no helper
 * @param way what the helper is to do
 */
public record ConfineRequest(
        String context,
        String requestId,
        Identity identity,
        Ceilings ceilings,
        List<Root> roots,
        Duration progressTimeout,
        Duration totalTimeout,
        boolean selinux,
        Way way) {
    private static final int VERSION = 1;

    /** What the numbers and the lengths of the strings take; each root has one more such share. */
    private static final int FIXED = 64;

    private static final int MAX_OCTETS_OF_A_CHAR = 3;

    /** What a helper can do; each launcher was started for one of these. */
    public enum Way {
        /** Serves files. */
        FILES(1),
        /** Runs one program. */
        PROGRAMS(2);

        private final int number;

        Way(int number) {
            this.number = number;
        }
    }

    public ConfineRequest {
        roots = List.copyOf(roots);
    }

    /** The same for another request. */
    public ConfineRequest forRequest(String id) {
        return new ConfineRequest(context, id, identity, ceilings, roots, progressTimeout, totalTimeout, selinux, way);
    }

    /**
     * As whom a helper works.
     *
     * @param user name or number; empty for the launcher's own
     * @param group name or number; empty for the launcher's own
     * @param capabilities names such as {@code CAP_DAC_READ_SEARCH}; normally none
     */
    public record Identity(String user, String group, List<String> capabilities) {
        /** The launcher's own. */
        public static final Identity OWN = new Identity("", "", List.of());

        public Identity {
            capabilities = List.copyOf(capabilities);
        }
    }

    /**
     * What a helper may use at most; 0 is the launcher's default, and more than that default changes nothing.
     *
     * @param memory octets of address space
     * @param cpuSeconds seconds of processor time
     * @param fileSize octets of the longest file it may write
     * @param openFiles descriptors
     * @param processes processes and threads of a program, with all that it starts; 0 for a helper that runs none
     */
    public record Ceilings(long memory, int cpuSeconds, long fileSize, int openFiles, int processes) {
        /** The launcher's defaults. */
        public static final Ceilings DEFAULT = new Ceilings(0, 0, 0, 0, 0);

        /** The launcher has no default for the memory of programs: four gibibytes of addresses, unless asked for otherwise. */
        private static final long MEMORY_OF_PROGRAMS = 4L << 30;

        /** For a helper that runs no program. */
        public Ceilings forFiles() {
            return new Ceilings(memory, cpuSeconds, fileSize, openFiles, 0);
        }

        /** For a helper that runs one. */
        public Ceilings forPrograms() {
            return new Ceilings(memory == 0 ? MEMORY_OF_PROGRAMS : memory, cpuSeconds, fileSize, openFiles, processes);
        }
    }

    /**
     * One folder or archive that the helper opens.
     *
     * @param mount where in the application it appears, such as {@code /a/b}; empty for the whole of it
     * @param folder absolute, without a symbolic link on the way to it
     * @param readOnly whether nothing may be written there
     * @param archive whether it is one regular file
     */
    public record Root(String mount, Path folder, boolean readOnly, boolean archive) {
        private static final int READ_ONLY = 1;
        private static final int ARCHIVE = 1 << 1;

        /** A folder that is the whole application. */
        public static Root readOnly(Path folder) {
            return new Root("", folder, true, false);
        }

        private int flags() {
            return (readOnly ? READ_ONLY : 0) | (archive ? ARCHIVE : 0);
        }
    }

    ByteBuffer frame() throws IOException {
        ByteBuffer frame = Frame.begin(Frame.CONFINE, capacity());
        frame.putShort((short) VERSION).putShort((short) way.number);
        frame.putInt(Math.toIntExact(progressTimeout.toMillis()));
        frame.putInt(Math.toIntExact(totalTimeout.toMillis()));
        Frame.putString(frame, context);
        Frame.putString(frame, requestId);
        Frame.putString(frame, identity.user());
        Frame.putString(frame, identity.group());
        frame.putShort((short) identity.capabilities().size());
        for (String capability : identity.capabilities()) {
            Frame.putString(frame, capability);
        }
        frame.putLong(ceilings.memory()).putInt(ceilings.cpuSeconds());
        frame.putLong(ceilings.fileSize()).putShort((short) ceilings.openFiles());
        frame.putShort((short) ceilings.processes());
        frame.putShort((short) roots.size());
        for (Root root : roots) {
            Frame.putString(frame, root.mount());
            Frame.putString(frame, root.folder().toString());
            frame.putShort((short) root.flags());
        }
        return Frame.end(frame);
    }

    private int capacity() {
        int chars = context.length()
                + requestId.length()
                + identity.user().length()
                + identity.group().length();
        int parts = 1;
        for (String capability : identity.capabilities()) {
            chars += capability.length();
            parts++;
        }
        for (Root root : roots) {
            chars += root.mount().length() + root.folder().toString().length();
            parts++;
        }
        return parts * FIXED + chars * MAX_OCTETS_OF_A_CHAR;
    }
}
