// SPDX-License-Identifier: Apache-2.0
// What the policy was asked of a refusal without an answer, and how many may wait for one. Answers only the guest has.
package io.github.tomcatselinux.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.Selinux;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InquiryTest {
    private static final SecurityContext SERVER = new SecurityContext("system_u", "system_r", "tomcat_t", "s0");
    private static final String CONTEXT = "system_u:system_r:base_webapp_t:s0";
    private static final List<Question> FILE =
            List.of(new Question.Files(Path.of("/srv"), Path.of("/srv/a"), "GET", false, true));

    @TempDir
    private Path nothing;

    private final List<Optional<Denial>> told = new CopyOnWriteArrayList<>();

    private Inquiry inquiry(Inquiry.Labels labels) {
        return new Inquiry(new Selinux(nothing, nothing), SERVER, labels);
    }

    @Test
    void tellsOfARefusalAlsoWhereNothingCanBeFoundOut() {
        AtomicInteger opened = new AtomicInteger();
        try (Inquiry noLabels = inquiry(() -> {
                    opened.incrementAndGet();
                    throw new IOException("no JNA, as the test wants it");
                });
                Inquiry noClass = inquiry(() -> {
                    throw new NoClassDefFoundError("no JNA, in other words");
                });
                Inquiry noKernel = inquiry(() -> file -> SERVER)) {
            assertTrue(noLabels.begin(CONTEXT, FILE, told::add));
            assertTrue(noLabels.begin(CONTEXT, FILE, told::add));
            assertTrue(noClass.begin(CONTEXT, FILE, told::add));
            assertTrue(noClass.begin(CONTEXT, FILE, told::add));
            assertTrue(noKernel.begin(CONTEXT, FILE, told::add));
            assertTrue(noKernel.begin(CONTEXT, List.of(), told::add));
        }
        assertEquals(Collections.nCopies(6, Optional.empty()), told);
        assertEquals(1, opened.get(), "it is tried once");
    }

    @Test
    void takesNoMoreThanAThousandThatWait() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (Inquiry inquiry = inquiry(() -> file -> SERVER)) {
            inquiry.begin(CONTEXT, List.of(), found -> {
                begun.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException interrupted) {
                    throw new IllegalStateException(interrupted);
                }
            });
            begun.await();
            for (int i = 0; i < 1_000; i++) {
                assertTrue(inquiry.begin(CONTEXT, FILE, told::add));
            }
            assertFalse(inquiry.begin(CONTEXT, FILE, told::add));
            goOn.countDown();
        }
        assertEquals(1_000, told.size());
    }
}
