// SPDX-License-Identifier: Apache-2.0
// A login's range is that of an entry in seusers, never the default's.
package io.github.tomcatselinux.identities;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Library;
import com.sun.jna.Native;
import io.github.tomcatselinux.identities.Logins.Login;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoginsTest {
    private static final Login DEFAULT = new Login("user_u", Optional.of("s0"));

    /** What libselinux answers where policy has levels, as this machine's need not. */
    private static Supplied range(String user, Map<String, Login> entries) throws Exception {
        return Logins.source(name -> Optional.of(entries.getOrDefault(name, DEFAULT)))
                .ask(user);
    }

    private static void assertRefused(String why, Supplied answer) {
        Supplied.None none = assertInstanceOf(Supplied.None.class, answer);
        assertTrue(none.reason().contains(why), none.reason());
        assertFalse(none.passing());
    }

    @Test
    void givesTheRangeOfAnEntry() throws Exception {
        Login alice = new Login("staff_u", Optional.of("s0-s0:c1"));
        Supplied.Text found = assertInstanceOf(Supplied.Text.class, range("alice", Map.of("alice", alice)));
        assertEquals("s0-s0:c1", found.text());
        assertTrue(found.source().contains("staff_u"), found.source());
    }

    @Test
    void takesTheDefaultForNobodys() throws Exception {
        assertRefused("no login", range("bob", Map.of()));
        assertRefused("no login", range("bob", Map.of("bob", DEFAULT)));
        assertRefused("no login", Logins.source(name -> Optional.empty()).ask("bob"));
    }

    @Test
    void needsARange() throws Exception {
        assertRefused("no range", range("alice", Map.of("alice", new Login("staff_u", Optional.empty()))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "__default__", "%wheel", "#alice", "alice:staff_u:s0", "alice smith", "alice\0", "alice\n"})
    void asksForNoNameThatMeansSomethingElse(String name) throws Exception {
        assertRefused(
                "cannot be the name",
                Logins.source(asked -> Optional.of(new Login("staff_u", Optional.of("s0:c1"))))
                        .ask(name));
    }

    /** Sets where libselinux finds what it reads, for the whole process. */
    interface PolicyRoot extends Library {
        int selinux_set_policy_root(String path);
    }

    @Test
    void asksLibselinux(@TempDir Path folder) throws Exception {
        Path policy = Files.createDirectories(folder.resolve("etc/selinux/test"));
        Files.writeString(
                policy.resolve("seusers"), "__default__:user_u:s0\n%root:sysadm_u:s0:c7\nalice:staff_u:s0-s0:c1\n");
        Logins.Seusers seusers = Logins.load();
        PolicyRoot root = Native.load("libselinux.so.1", PolicyRoot.class);
        assertEquals(0, root.selinux_set_policy_root(policy.toString()));
        // Of the level it says nothing where the kernel has none.
        assertEquals("staff_u", seusers.of("alice").orElseThrow().seUser());
        assertEquals("user_u", seusers.of("nobody").orElseThrow().seUser());
        assertEquals("sysadm_u", seusers.of("root").orElseThrow().seUser());
        Supplied nobody = Logins.source(seusers).ask("nobody");
        assertRefused("no login", nobody);
    }

    @Test
    void leavesNoPropertyBehindForAnotherJna() {
        System.setProperty("jna.boot.library.path", "/theirs");
        try {
            Logins.load();
            assertEquals("/theirs", System.getProperty("jna.boot.library.path"));
            assertEquals("", System.getProperty("jna.platform.library.path", ""));
        } finally {
            System.clearProperty("jna.boot.library.path");
        }
    }
}
