// SPDX-License-Identifier: Apache-2.0
// What the loaded policy lets one context do with another, as the kernel computes it.
package io.github.tomcatselinux.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The answer of selinuxfs's {@code access} about one class of objects: rules, constraints, bounds and booleans of this
 * moment are in it. Asking leaves no audit record.
 *
 * @param allowed one bit for each permission that is granted, numbered as in {@code class/CLASS/perms}
 * @param permissive whether the source's domain is one that the policy makes permissive
 */
record AccessVector(int allowed, boolean permissive) {
    /** Fields of an answer: allowed, decided, audited if allowed, audited if denied, sequence, flags. */
    private static final int FIELDS = 6;

    private static final int FLAGS_FIELD = 5;
    private static final int PERMISSIVE_FLAG = 1;

    /** Longer than any answer: the kernel's are at most a page. */
    private static final int LONGEST = 4_096;

    /**
     * Asks the kernel.
     *
     * @param selinuxfs where selinuxfs is mounted
     * @param objectClass such as {@code process}
     * @throws IOException if the kernel cannot be asked, or knows one of the contexts or the class not
     */
    static AccessVector ask(Path selinuxfs, SecurityContext source, SecurityContext target, String objectClass)
            throws IOException {
        String[] fields = transaction(selinuxfs, "access", source + " " + target, objectClass)
                .split(" ", -1);
        if (fields.length < FIELDS) {
            throw new IOException(selinuxfs.resolve("access") + ": answer without flags");
        }
        return new AccessVector(
                Integer.parseUnsignedInt(fields[0], 16),
                (Integer.parseUnsignedInt(fields[FLAGS_FIELD], 16) & PERMISSIVE_FLAG) != 0);
    }

    /**
     * Asks one of selinuxfs's files that answer what is written to them.
     *
     * @param name the file's
     * @param contexts of both sides, with a space between them
     */
    static String transaction(Path selinuxfs, String name, String contexts, String objectClass) throws IOException {
        String index = Files.readString(classFolder(selinuxfs, objectClass).resolve("index"))
                .trim();
        try (FileChannel channel =
                FileChannel.open(selinuxfs.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap((contexts + " " + index).getBytes(StandardCharsets.UTF_8)));
            ByteBuffer answer = ByteBuffer.allocate(LONGEST);
            channel.read(answer, 0);
            return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII)
                    .replace("\0", "")
                    .trim();
        }
    }

    /**
     * Which of these permissions are not granted.
     *
     * @throws IOException if the loaded policy does not know one of them
     */
    List<String> missing(Path selinuxfs, String objectClass, List<String> permissions) throws IOException {
        List<String> missing = new ArrayList<>();
        for (String permission : permissions) {
            Path number = classFolder(selinuxfs, objectClass).resolve("perms").resolve(permission);
            int bit = Integer.parseInt(Files.readString(number).trim());
            if ((allowed & (1 << (bit - 1))) == 0) {
                missing.add(permission);
            }
        }
        return missing;
    }

    private static Path classFolder(Path selinuxfs, String objectClass) {
        return selinuxfs.resolve("class").resolve(objectClass);
    }
}
