// SPDX-License-Identifier: Apache-2.0
// The SELinux labels of files, as the server sees them.
package io.github.tomcatselinux.kernel;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Where labels are asked for. Safe for use by several threads. */
public interface FileLabels {

    /**
     * The label of what a name stands for; of a symbolic link its own.
     *
     * @throws IOException if there is nothing, it has no label, or the server may not ask
     */
    SecurityContext of(Path file) throws IOException;

    /** {@code lgetfilecon_raw(3)}: as the kernel has it, whatever mcstransd would call it. */
    interface Libselinux extends Library {
        int lgetfilecon_raw(String path, PointerByReference context);

        void freecon(Pointer context);
    }

    /**
     * Those that libselinux reads. To be called by a thread of the server's.
     *
     * @throws IOException if it is not installed, or JNA cannot be loaded
     */
    static FileLabels ofTheSystem() throws IOException {
        Libselinux library;
        try {
            library = NativeLibrary.load(
                    "libselinux.so.1",
                    Libselinux.class,
                    Map.of(Library.OPTION_STRING_ENCODING, StandardCharsets.UTF_8.name()));
        } catch (LinkageError absent) {
            throw new IOException("libselinux or JNA cannot be loaded: " + absent.getMessage(), absent);
        }
        return file -> {
            PointerByReference context = new PointerByReference();
            if (library.lgetfilecon_raw(file.toString(), context) < 0) {
                throw new IOException("the label of [" + file + "] cannot be read: errno " + Native.getLastError());
            }
            try {
                return SecurityContext.parse(context.getValue().getString(0, StandardCharsets.UTF_8.name()));
            } finally {
                library.freecon(context.getValue());
            }
        };
    }
}
