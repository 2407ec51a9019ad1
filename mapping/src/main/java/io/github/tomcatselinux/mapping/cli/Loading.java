// SPDX-License-Identifier: Apache-2.0
// A file as a command sees it: its rules, or why there are none, and all findings.
package io.github.tomcatselinux.mapping.cli;

import io.github.tomcatselinux.mapping.MappingException;
import io.github.tomcatselinux.mapping.MappingFinding;
import io.github.tomcatselinux.mapping.Mappings;
import io.github.tomcatselinux.mapping.RuleSet;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What came of reading a file; the rules are there unless a finding is an error. */
record Loading(Path file, Optional<RuleSet> rules, List<MappingFinding> findings) {
    static Loading of(Path file) {
        try {
            RuleSet rules = Mappings.read(file);
            return new Loading(file, Optional.of(rules), rules.warnings());
        } catch (MappingException e) {
            return new Loading(file, Optional.empty(), e.findings());
        }
    }
}
