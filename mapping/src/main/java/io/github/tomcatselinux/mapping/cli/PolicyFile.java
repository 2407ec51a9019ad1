// SPDX-License-Identifier: Apache-2.0
// A binary policy in a file, asked through setools.
package io.github.tomcatselinux.mapping.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Knows what can be seen from outside the kernel; constraints of {@code dyntransition} are not evaluated. */
final class PolicyFile implements Policy {
    private final Setools setools;

    PolicyFile(Path file) throws PolicyException {
        if (!Files.isReadable(file)) {
            throw new PolicyException("--policy: " + file + " cannot be read");
        }
        setools = new Setools(Optional.of(file));
    }

    @Override
    public boolean hasType(String type) throws PolicyException {
        return setools.seinfo("-t").contains(type);
    }

    /** Type, user, role, sensitivities and categories must be there, and the role must have the type. */
    @Override
    public boolean isValid(String context) throws PolicyException {
        String[] parts = context.split(":", 4);
        if (setools.seinfo("-u", parts[0]).isEmpty()
                || !setools.seinfo("-x", "-r", parts[1]).toString().matches("(?s).*\\b" + parts[2] + "\\b.*")) {
            return false;
        }
        List<String> sensitivities = setools.seinfo("--sensitivity");
        List<String> categories = setools.seinfo("--category");
        for (String level : parts[3].split("-", -1)) {
            String[] pieces = level.split("[:,.]", -1);
            List<String> rest = new ArrayList<>(List.of(pieces).subList(1, pieces.length));
            if (!sensitivities.contains(pieces[0]) || !categories.containsAll(rest)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean isMcsConstrained(String type) throws PolicyException {
        return setools.seinfo("-x", "-a", "mcs_constrained_type").contains(type);
    }

    @Override
    public boolean mayEnter(String from, String to) throws PolicyException {
        return setools.allows(from.split(":", 4)[2], to.split(":", 4)[2], "process", "dyntransition");
    }

    @Override
    public boolean isBoundedBy(String type, String bound) throws PolicyException {
        return setools.seinfo("--typebounds").contains("typebounds " + bound + " " + type + ";");
    }
}
