// SPDX-License-Identifier: Apache-2.0
// Does in a JVM of the server's domain what the guest's tests ask for, in threads that they name contexts for.
package io.github.tomcatselinux.guest;

import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import io.github.tomcatselinux.kernel.ThreadContext;
import io.github.tomcatselinux.kernel.ThreadContextException;
import io.github.tomcatselinux.threads.InheritedContexts;
import io.github.tomcatselinux.threads.ThreadTrial;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * {@code CONTEXT ACTION... -- CONTEXT ACTION...}: for each context a new thread takes it and does the actions; {@code -} is
 * the server's own, which is not taken. Each action becomes a line: {@code ACTION: ok}, {@code denied}, or what went wrong.
 */
public final class ConfinedJvm {
    private static final ExecutorService SERVER = Executors.newSingleThreadExecutor();

    private ConfinedJvm() {}

    /** Ends with 0 once everything was tried, whatever came out. */
    public static void main(String[] arguments) throws Exception {
        Selinux selinux = new Selinux();
        ThreadContext threads = ThreadContext.at(Path.of("/proc"), selinux);
        SecurityContext server = selinux.ownContext();
        Actions actions = new Actions(threads, new ThreadTrial(threads, selinux, server), server);
        List<String> section = new ArrayList<>();
        for (String argument : arguments) {
            if (argument.equals("--")) {
                run(actions, section);
                section = new ArrayList<>();
            } else {
                section.add(argument);
            }
        }
        run(actions, section);
        System.exit(0);
    }

    /** In a thread that was never confined. */
    static <T> T byServer(Callable<T> work) throws Exception {
        return SERVER.submit(work).get();
    }

    private static void run(Actions actions, List<String> section) throws Exception {
        String context = section.get(0);
        // The server has a thread of its own before a confined one could start it.
        byServer(() -> null);
        List<String> said = new ArrayList<>();
        Thread thread = new Thread(
                () -> {
                    if (context.equals("-")) {
                        each(actions, section, said);
                    } else {
                        actions.join();
                        if (succeeds(actions, "take=" + context, said)) {
                            try (InheritedContexts.Run run = actions.begin(context)) {
                                each(actions, section, said);
                            }
                        }
                    }
                },
                "confined");
        thread.start();
        thread.join();
        // A confined thread may not write to the administrator's terminal.
        said.forEach(System.out::println);
    }

    private static void each(Actions actions, List<String> section, List<String> said) {
        section.subList(1, section.size()).forEach(action -> succeeds(actions, action, said));
    }

    private static boolean succeeds(Actions actions, String action, List<String> said) {
        try {
            int equals = action.indexOf('=');
            String answer = equals < 0
                    ? actions.perform(action, "")
                    : actions.perform(action.substring(0, equals), action.substring(equals + 1));
            said.add(action + ": " + (answer.isEmpty() ? "ok" : answer));
            return true;
        } catch (ThreadContextException refused) {
            said.add(action + ": " + refused.reason());
        } catch (Throwable failed) {
            said.add(action + ": " + (isDenied(failed) ? "denied" : failed));
        }
        return false;
    }

    private static boolean isDenied(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof AccessDeniedException
                    || String.valueOf(cause.getMessage())
                            .toLowerCase(Locale.ROOT)
                            .contains("permission denied")) {
                return true;
            }
        }
        return false;
    }
}
