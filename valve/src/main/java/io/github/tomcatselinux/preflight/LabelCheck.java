// SPDX-License-Identifier: Apache-2.0
// Whether folders and programs have labels with which they can be used.
package io.github.tomcatselinux.preflight;

import io.github.tomcatselinux.kernel.FileLabels;
import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.tomcat.util.res.StringManager;

/** The root folders of applications, which those whom the rules name have to enter, and the launcher's binary. */
public final class LabelCheck implements Check {
    private static final StringManager SM = StringManager.getManager(LabelCheck.class);
    private static final String LAUNCHER_TYPE = "tomcat_launcher_exec_t";

    private final Selinux selinux;
    private final Function<Path, Optional<SecurityContext>> expected;
    private final Collection<String> contexts;
    private final List<Path> folders;
    private final Optional<Path> launcher;

    /**
     * Looks at nothing yet.
     *
     * @param expected the label that the policy has for a name; empty where that is not known
     * @param contexts that the rules name
     * @param folders that applications are served from
     * @param launcher the binary, where it is ours to run
     */
    public LabelCheck(
            Selinux selinux,
            Function<Path, Optional<SecurityContext>> expected,
            Collection<String> contexts,
            List<Path> folders,
            Optional<Path> launcher) {
        this.selinux = selinux;
        this.expected = expected;
        this.contexts = List.copyOf(contexts);
        this.folders = List.copyOf(folders);
        this.launcher = launcher;
    }

    @Override
    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        launcher.flatMap(this::ofLauncher).ifPresent(findings::add);
        for (Path folder : folders) {
            label(folder).ifPresent(label -> findings.add(ofFolder(folder, label)));
        }
        return findings;
    }

    private Optional<Finding> ofLauncher(Path binary) {
        Optional<SecurityContext> label = label(binary);
        if (label.isEmpty() || label.get().type().equals(LAUNCHER_TYPE)) {
            return label.map(there -> Finding.ok(Fault.LABEL, SM.getString("label.ok", binary, there)));
        }
        boolean known = expected.apply(binary)
                .filter(should -> should.type().equals(LAUNCHER_TYPE))
                .isPresent();
        String mending = known ? "restorecon -F " + binary : "chcon -t " + LAUNCHER_TYPE + " " + binary;
        return Optional.of(Finding.error(
                Fault.LABEL, SM.getString("label.launcher", binary, label.get(), LAUNCHER_TYPE, mending)));
    }

    private Finding ofFolder(Path folder, SecurityContext label) {
        List<String> outside =
                contexts.stream().filter(context -> !mayEnter(context, label)).toList();
        if (contexts.isEmpty() || outside.size() < contexts.size()) {
            return Finding.ok(Fault.LABEL, SM.getString("label.ok", folder, label));
        }
        return Finding.error(
                Fault.LABEL, mended(SM.getString("label.folder", folder, label, outside.get(0)), folder, label));
    }

    /** Of the file itself: what applications are served from has no symbolic link on the way. */
    private static Optional<SecurityContext> label(Path file) {
        try {
            return Optional.of(FileLabels.ofTheSystem().of(file));
        } catch (IOException unknown) {
            return Optional.empty();
        }
    }

    /** Back to what the policy has for it; where it has that already, to what everybody may read. */
    private String mended(String wrong, Path folder, SecurityContext label) {
        String back = "restorecon -R -F " + folder;
        String other = "semanage fcontext -a -t tomcat_content_t '" + folder + "(/.*)?'";
        Optional<SecurityContext> should = expected.apply(folder);
        if (should.isEmpty()) {
            return SM.getString("label.folder.unknown", wrong, other, back);
        }
        boolean there =
                should.get().type().equals(label.type()) && should.get().range().equals(label.range());
        return SM.getString("label.folder.known", wrong, there ? other + " && " + back : back);
    }

    /** What cannot be asked is left to the helper that will try. */
    private boolean mayEnter(String context, SecurityContext label) {
        try {
            return selinux.missing(SecurityContext.parse(context), label, "dir", List.of("search"))
                    .isEmpty();
        } catch (IOException unknown) {
            return true;
        }
    }
}
