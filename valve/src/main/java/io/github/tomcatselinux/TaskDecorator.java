// SPDX-License-Identifier: Apache-2.0
// Takes what the application's filters have bound to their thread to the one on which the rest of the chain runs.
package io.github.tomcatselinux;

import io.github.tomcatselinux.threads.Task;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.tomcat.util.res.StringManager;

/**
 * A class of the application's: a {@link Callable} with a public constructor that takes another. It is made on the one
 * thread, where it may look around, and called on the other. Code of the application like any filter.
 */
final class TaskDecorator {
    /** Spring Security keeps in a thread-local variable who is logged in. */
    private static final String SPRING_SECURITY =
            "org.springframework.security.concurrent.DelegatingSecurityContextCallable";

    private static final String NONE = "none";

    private static final StringManager SM = StringManager.getManager(TaskDecorator.class);

    private final Optional<Constructor<?>> constructor;

    private TaskDecorator(Optional<Constructor<?>> constructor) {
        this.constructor = constructor;
    }

    /** Runs something on the other thread. */
    interface Elsewhere {
        /** Runs it and waits for it. */
        void run(Task task) throws IOException, ServletException;
    }

    /**
     * The class of that name, {@code none}, or by default Spring Security's own where the application has it.
     *
     * @throws ServletException if it is not there or not of that kind
     */
    static TaskDecorator of(Optional<String> named, ClassLoader application) throws ServletException {
        String name = named.orElse(SPRING_SECURITY);
        if (name.equals(NONE)) {
            return new TaskDecorator(Optional.empty());
        }
        try {
            Class<?> found = Class.forName(name, false, application);
            if (!Callable.class.isAssignableFrom(found)) {
                throw new ServletException(SM.getString("taskDecorator.kind", name));
            }
            return new TaskDecorator(Optional.of(found.getConstructor(Callable.class)));
        } catch (ClassNotFoundException absent) {
            if (named.isEmpty()) {
                return new TaskDecorator(Optional.empty());
            }
            throw new ServletException(SM.getString("taskDecorator.absent", name), absent);
        } catch (NoSuchMethodException | LinkageError wrong) {
            throw new ServletException(SM.getString("taskDecorator.kind", name), wrong);
        }
    }

    /** Runs a task on the other thread, decorated. */
    void run(Task task, Elsewhere elsewhere) throws IOException, ServletException {
        if (constructor.isEmpty()) {
            elsewhere.run(task);
            return;
        }
        Callable<?> decorated = decorate(() -> {
            task.run();
            return null;
        });
        elsewhere.run(() -> call(decorated));
    }

    private Callable<?> decorate(Callable<Object> task) throws ServletException {
        try {
            return (Callable<?>) constructor.get().newInstance(task);
        } catch (InvocationTargetException failed) {
            throw new ServletException(failed.getCause());
        } catch (ReflectiveOperationException failed) {
            throw new ServletException(failed);
        }
    }

    private static void call(Callable<?> decorated) throws IOException, ServletException {
        try {
            decorated.call();
        } catch (IOException | ServletException | RuntimeException unchanged) {
            throw unchanged;
        } catch (Exception other) {
            throw new ServletException(other);
        }
    }
}
