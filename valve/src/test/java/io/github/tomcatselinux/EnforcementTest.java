// SPDX-License-Identifier: Apache-2.0
// What the kernel does not affirm is not confined.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.kernel.Selinux;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnforcementTest {
    @TempDir
    Path selinuxfs;

    private Enforcement enforcement(String onNotEnforcing) throws ConfigurationException {
        Configuration configuration = Configuration.of(
                Map.of("defaultContext", "*:s0", "launcher", "/x", "onNotEnforcing", onNotEnforcing), selinuxfs);
        return new Enforcement(configuration, new Selinux(selinuxfs, selinuxfs));
    }

    @Test
    void objectsAsSoonAsTheKernelStopsToEnforce() throws Exception {
        Enforcement enforcement = enforcement("fail");
        FailureTest.writeStatus(selinuxfs, 1, 1);
        assertEquals(Optional.empty(), enforcement.objection());
        FailureTest.writeStatus(selinuxfs, 0, 1);
        assertEquals(Optional.of("SELinux is permissive"), enforcement.objection());
        assertEquals(Optional.of("SELinux is permissive"), enforcement.objection("u:r:t:s0"));
        Files.delete(selinuxfs.resolve("status"));
        assertEquals(Optional.of("SELinux is disabled"), enforcement.objection());
    }

    @Test
    void objectsWhenTheKernelDoesNotSay() throws Exception {
        Enforcement enforcement = enforcement("fail");
        Files.writeString(selinuxfs.resolve("status"), "short");
        assertTrue(enforcement.objection().isPresent());
        Files.delete(selinuxfs.resolve("status"));
        Files.writeString(selinuxfs.resolve("enforce"), "1");
        assertTrue(enforcement.objection().isPresent());
        FailureTest.writeStatus(selinuxfs, 1, 1);
        assertTrue(enforcement.objection("u:r:t:s0").isPresent(), "nothing here can say that the context is valid");
    }

    @Test
    void objectsToNothingWhereToldToIgnoreIt() throws Exception {
        assertEquals(Optional.empty(), enforcement("ignore").objection());
        assertEquals(Optional.empty(), enforcement("ignore").objection("u:r:t:s0"));
    }
}
