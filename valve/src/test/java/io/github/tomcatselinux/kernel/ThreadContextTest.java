// SPDX-License-Identifier: Apache-2.0
// A context that cannot be taken is refused with a reason; that one is taken needs a kernel that enforces (guest).
package io.github.tomcatselinux.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.kernel.ThreadContextException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreadContextTest {
    private static final SecurityContext NAMED =
            new SecurityContext("system_u", "system_r", "unpriv_webapp_t", "s0:c1,c2");
    private static final Path PROC = Path.of("/proc");

    @TempDir
    Path folder;

    @Test
    void theTwinDiffersInItsDomainAlone() throws Exception {
        assertEquals(
                "system_u:system_r:unpriv_webapp_thread_t:s0:c1,c2",
                ThreadContext.twin(NAMED).toString());
    }

    @Test
    void aDomainOfAnotherNameHasNoTwin() {
        for (String type : new String[] {"tomcat_t", "unpriv_webapp_thread_t", "_webapp_t", "webapp_t"}) {
            ThreadContextException refused = assertThrows(
                    ThreadContextException.class,
                    () -> ThreadContext.twin(new SecurityContext("system_u", "system_r", type, "s0")));
            assertEquals(Reason.UNKNOWN_CONTEXT, refused.reason());
            assertTrue(refused.getMessage().contains("system_u:system_r:" + type + ":s0"), refused.getMessage());
        }
    }

    @Test
    void withoutSelinuxNoContextIsTaken() throws Exception {
        ThreadContext threads = ThreadContext.at(PROC, new Selinux(folder, PROC));
        ThreadContextException refused = assertThrows(ThreadContextException.class, () -> threads.take(NAMED));
        assertEquals(Reason.UNAVAILABLE, refused.reason());
        assertTrue(refused.getMessage().contains("unpriv_webapp_t:s0:c1,c2"), refused.getMessage());
    }

    @Test
    void aFolderThatLooksLikeProcfsIsNone() throws Exception {
        Path attributes = Files.createDirectories(folder.resolve("thread-self/attr"));
        Path attribute = Files.writeString(attributes.resolve("current"), NAMED.toString());
        ThreadContextException refused =
                assertThrows(ThreadContextException.class, () -> ThreadContext.at(folder, new Selinux()));
        assertEquals(Reason.UNAVAILABLE, refused.reason());
        assertTrue(refused.getMessage().contains(attribute.toString()), refused.getMessage());
    }

    @Test
    void noProcfsAtAllIsSaid() {
        ThreadContextException refused =
                assertThrows(ThreadContextException.class, () -> ThreadContext.at(folder, new Selinux()));
        assertEquals(Reason.UNAVAILABLE, refused.reason());
    }
}
