// SPDX-License-Identifier: Apache-2.0
// What the policy has against something that the kernel has refused.
package io.github.tomcatselinux.report;

import io.github.tomcatselinux.kernel.FileLabels;
import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.tomcat.util.ExceptionUtils;

/**
 * The helper is told no more than EACCES, and the kernel's record is not the server's to read: the policy is asked once
 * more, by the labels that the server sees. No request waits for it. The first refusal loads JNA.
 */
public final class Inquiry implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger("io.github.tomcatselinux.SelinuxValve");

    /** Refusals that may wait; no more than a few are told of each client. */
    private static final int ROOM = 1_000;

    private final Labels source;
    private final Selinux selinux;
    private final SecurityContext server;
    private final Backlog backlog = new Backlog("tomcat-selinux-why", ROOM);

    /** Of the backlog's thread alone, as the next. */
    private boolean opened;

    /** Empty where labels cannot be read. */
    private Optional<Opinion> opinion = Optional.empty();

    /** Where labels come from. */
    interface Labels {
        /** Opens it; called once, by a thread of the server's. */
        FileLabels open() throws IOException;
    }

    /**
     * Begins. To be called by a thread of the server's.
     *
     * @param server the server's own context
     */
    public Inquiry(Selinux selinux, SecurityContext server) {
        this(selinux, server, FileLabels::ofTheSystem);
    }

    Inquiry(Selinux selinux, SecurityContext server, Labels source) {
        this.selinux = selinux;
        this.server = server;
        this.source = source;
    }

    /**
     * Looks into a refusal some time, or returns false if there are too many.
     *
     * @param context whose request was refused
     * @param questions what it may have needed, in the order in which a helper goes about it
     * @param then is told on another thread what the kernel would have named, as far as that can be found out
     */
    public boolean begin(String context, List<Question> questions, Consumer<Optional<Denial>> then) {
        return backlog.add(() -> then.accept(first(context, questions)));
    }

    private Optional<Denial> first(String context, List<Question> questions) {
        try {
            for (Question question : questions) {
                Optional<Opinion> asked = opinion();
                Optional<Denial> denial = asked.isEmpty()
                        ? Optional.empty()
                        : asked.get().first(SecurityContext.parse(context), question);
                if (denial.isPresent()) {
                    return denial;
                }
            }
        } catch (Throwable hidden) {
            // Whatever goes wrong here, the refusal has to be told.
            ExceptionUtils.handleThrowable(hidden);
            LOG.debug("what a request was refused cannot be found out", hidden);
        }
        return Optional.empty();
    }

    private Optional<Opinion> opinion() {
        if (!opened) {
            opened = true;
            try {
                opinion = Optional.of(new Opinion(selinux, source.open(), server));
            } catch (IOException mute) {
                LOG.warn("refusals are logged without the labels of what was refused: {}", mute.getMessage());
            }
        }
        return opinion;
    }

    /** Does what is there, and nothing more. */
    @Override
    public void close() {
        backlog.close();
    }
}
