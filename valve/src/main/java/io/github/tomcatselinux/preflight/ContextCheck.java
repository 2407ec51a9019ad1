// SPDX-License-Identifier: Apache-2.0
// Whether every context that the rules name can be taken.
package io.github.tomcatselinux.preflight;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.tomcat.util.res.StringManager;

/**
 * Has the first of them taken for real, and asks the policy about the rest. Several at a time, since most of a trial is
 * to wait for processes.
 */
public final class ContextCheck implements Check {
    private static final StringManager SM = StringManager.getManager(ContextCheck.class);

    /** Helpers that try at a time, beside those that serve. */
    private static final int AT_A_TIME = 4;

    /** Ways to find out whether a context can be taken; each says why not. */
    public interface Trial {
        /** Why no helper took it, or it would not confine one. */
        Optional<String> helper(String context);

        /** Why no thread took its twin. */
        Optional<String> thread(String context);

        /** Why neither could, as far as the policy says. */
        Optional<String> policy(String context);
    }

    private final Map<String, String> contexts;
    private final int limit;
    private final Trial trial;

    /**
     * Tries nothing yet.
     *
     * @param contexts each with where it is named
     * @param limit how many of them are tried for real
     */
    public ContextCheck(Map<String, String> contexts, int limit, Trial trial) {
        this.contexts = contexts;
        this.limit = limit;
        this.trial = trial;
    }

    @Override
    public List<Finding> findings() {
        long begin = System.nanoTime();
        List<Finding> findings = new ArrayList<>();
        ExecutorService pool = Executors.newFixedThreadPool(AT_A_TIME, task -> {
            Thread thread = new Thread(task, "selinux-preflight");
            thread.setDaemon(true);
            // It is the server's, and may end a little later than we: no application's that is being started.
            thread.setContextClassLoader(ContextCheck.class.getClassLoader());
            return thread;
        });
        try {
            List<Future<Optional<String>>> tried = new ArrayList<>();
            for (Map.Entry<String, String> context : contexts.entrySet()) {
                boolean real = tried.size() < limit;
                tried.add(pool.submit(() -> objection(context.getKey(), context.getValue(), real)));
            }
            for (Future<Optional<String>> one : tried) {
                one.get().ifPresent(why -> findings.add(Finding.error(Fault.CONTEXT, why)));
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            findings.add(Finding.error(Fault.CONTEXT, SM.getString("contexts.interrupted")));
        } catch (ExecutionException broken) {
            findings.add(Finding.error(Fault.CONTEXT, SM.getString("contexts.broken", broken.getCause())));
        } finally {
            pool.shutdownNow();
        }
        if (findings.isEmpty()) {
            int real = Math.min(limit, contexts.size());
            String others = String.valueOf(contexts.size() - real);
            String millis =
                    String.valueOf(Duration.ofNanos(System.nanoTime() - begin).toMillis());
            findings.add(Finding.ok(
                    Fault.CONTEXT,
                    real == 0
                            ? SM.getString("contexts.asked", others, millis)
                            : SM.getString("contexts.ok", String.valueOf(real), others, millis)));
        }
        return findings;
    }

    private Optional<String> objection(String context, String namedBy, boolean real) {
        if (!real) {
            return trial.policy(context).map(why -> SM.getString("contexts.policy", context, namedBy, why));
        }
        Optional<String> helper = trial.helper(context);
        return helper.isPresent()
                ? helper.map(why -> SM.getString("contexts.helper", context, namedBy, why))
                : trial.thread(context).map(why -> SM.getString("contexts.thread", context, namedBy, why));
    }
}
