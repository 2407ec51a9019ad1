// SPDX-License-Identifier: Apache-2.0
// A mapping file was refused.
package io.github.tomcatselinux.mapping;

import java.util.List;
import java.util.stream.Collectors;

/** A file could not be used; carries every finding, and shows every error, one a line. */
public final class MappingException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<MappingFinding> findings;

    MappingException(List<MappingFinding> findings) {
        super(findings.stream()
                .filter(finding -> finding.severity() == Severity.ERROR)
                .map(MappingFinding::toString)
                .collect(Collectors.joining("\n")));
        this.findings = List.copyOf(findings);
    }

    MappingException(MappingFinding finding, Throwable cause) {
        this(List.of(finding));
        initCause(cause);
    }

    /** All findings in file order, warnings included; at least one is an error. */
    public List<MappingFinding> findings() {
        return findings == null ? List.of() : findings;
    }
}
