// SPDX-License-Identifier: Apache-2.0
// Puts a valve before those that an application has already, which Tomcat's pipelines have no call for.
package io.github.tomcatselinux;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Pipeline;
import org.apache.catalina.Valve;
import org.apache.catalina.core.StandardPipeline;

/**
 * {@link Pipeline#addValve} appends. An administrator's own authenticator, declared in the application's configuration,
 * would stand before whatever is appended when the application starts.
 */
final class PipelineFront {
    private PipelineFront() {}

    /**
     * Makes a valve the first of an application that has not started, or the next to the declared one where that stands
     * in the same pipeline. Where this Tomcat does not let it, the valve is appended.
     *
     * @see #before the check that belongs to it
     */
    static void put(Context context, ErrorPageValve ours) {
        Pipeline pipeline = context.getPipeline();
        List<Valve> there = Arrays.asList(pipeline.getValves());
        SelinuxValve declared = ours.declared();
        if (there.contains(declared)) {
            ours.setNext(declared.getNext());
            declared.setNext(ours);
        } else if (there.size() > 1 && replaceFirst(pipeline, ours)) {
            ours.setNext(there.get(0));
        } else {
            pipeline.addValve(ours);
            return;
        }
        ours.setContainer(context);
        context.fireContainerEvent(Container.ADD_VALVE_EVENT, ours);
    }

    /** A valve that stands before ours though it is neither the declared one nor ours. */
    static Optional<Valve> before(Context context, ErrorPageValve ours) {
        return Arrays.stream(context.getPipeline().getValves())
                .takeWhile(valve -> valve != ours)
                .filter(valve -> valve != ours.declared())
                .findFirst();
    }

    private static boolean replaceFirst(Pipeline pipeline, Valve valve) {
        try {
            Field first = StandardPipeline.class.getDeclaredField("first");
            first.setAccessible(true);
            first.set(pipeline, valve);
            return true;
        } catch (ReflectiveOperationException | RuntimeException otherTomcat) {
            return false;
        }
    }
}
