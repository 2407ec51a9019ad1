// SPDX-License-Identifier: Apache-2.0
// A mapping file that is looked at again and again.
package io.github.tomcatselinux.mapping;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rules in force and the file that they came from. {@link #current()} may be called by any thread; whoever keeps its
 * answer sees one rule set from start to end. {@link #poll()} belongs to one background thread.
 *
 * <p>A change is taken once two looks in a row have found the file the same, so that a file written in place is not
 * read half-way. No time is compared with a clock: a file is different if its identity, size or times are not those that
 * were seen last, whether they went forwards or backwards.
 */
public final class MappingFile {
    private final Path file;
    private final String name;
    private volatile RuleSet current;

    private byte[] inForce;
    private Map<String, Object> seen;
    private boolean settled;
    private String reported = "";

    /** Loads the file for the first time; what is wrong with it is the caller's to handle. */
    public MappingFile(Path file, String name) throws MappingException {
        this.file = file;
        this.name = name;
        this.seen = signature();
        this.inForce = Mappings.content(file, name);
        this.current = Mappings.parse(name, inForce);
    }

    /** The rules in force. */
    public RuleSet current() {
        return current;
    }

    /** The file as messages call it. */
    public String name() {
        return name;
    }

    /** Looks at the file, and says so if something has changed for whoever reads the log. Never throws. */
    public Optional<Reload> poll() {
        return poll(rules -> Optional.empty());
    }

    /** The same, but changed rules come into force only if nothing is said against them. */
    public Optional<Reload> poll(Acceptance acceptance) {
        Map<String, Object> now = signature();
        if (!now.equals(seen)) {
            seen = now;
            settled = false;
            return Optional.empty();
        }
        if (settled) {
            return Optional.empty();
        }
        Optional<Reload> news = load(acceptance);
        // If it changed while it was read, the next look reads it again.
        settled = signature().equals(now);
        return news;
    }

    private Optional<Reload> load(Acceptance acceptance) {
        try {
            byte[] content = Mappings.content(file, name);
            if (Arrays.equals(content, inForce)) {
                boolean restored = !reported.isEmpty();
                reported = "";
                return restored ? Optional.of(new Reload.Restored()) : Optional.empty();
            }
            RuleSet rules = Mappings.parse(name, content);
            Optional<String> objection = acceptance.objection(rules);
            if (objection.isPresent()) {
                throw new MappingException(List.of(MappingFinding.aboutFile(name, objection.get(), "")));
            }
            inForce = content;
            current = rules;
            reported = "";
            return Optional.of(new Reload.Accepted(rules));
        } catch (MappingException e) {
            if (e.getMessage().equals(reported)) {
                return Optional.empty();
            }
            reported = e.getMessage();
            return Optional.of(new Reload.Rejected(e));
        }
    }

    /** What tells one state of the file from another; follows symbolic links, so that a switched one is a change. */
    private Map<String, Object> signature() {
        try {
            return Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime,mode,uid,gid");
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return Map.of("unreadable", String.valueOf(e));
        }
    }
}
