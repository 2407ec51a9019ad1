// SPDX-License-Identifier: Apache-2.0
// The table that keeps the server from reading for clients.
package io.github.tomcatselinux.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.Outcome;
import io.github.tomcatselinux.launcher.Overwrite;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewTest {
    @ParameterizedTest
    @CsvSource({"true,HELPER", "false,HELPER", "true,EXISTENCE", "false,EXISTENCE", "true,DIRECT", "false,DIRECT"})
    void doesAsTheVerdictSaysWhateverTheStateOfTheApplication(boolean available, View verdict) {
        assertEquals(verdict, View.of("/a.txt", available, Optional.of(new Request(verdict))));
    }

    @Test
    void tellsOutsideOfARequestOnlyWhatIsThere() {
        assertEquals(View.EXISTENCE, View.of("/a.txt", true, Optional.empty()));
    }

    @Test
    void letsAnApplicationStart() {
        assertEquals(View.DIRECT, View.of("/a.txt", false, Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource({
        "/WEB-INF,DIRECT",
        "/WEB-INF/web.xml,DIRECT",
        "/META-INF/x,DIRECT",
        "/WEB-INFO,HELPER",
        "/web-inf/x,HELPER",
        "/a/WEB-INF/x,HELPER"
    })
    void knowsWhatIsTheServersOwn(String path, View expected) {
        assertEquals(expected, View.of(path, true, Optional.of(new Request(View.HELPER))));
    }

    private record Request(View view) implements RequestFiles {
        @Override
        public HelperConnection helper(ConfinedRoot root) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean hidesDenied() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Overwrite overwrite() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long bodyLength() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void reading(long octets) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void refusedByKernel(String path, Outcome outcome) {
            throw new UnsupportedOperationException();
        }
    }
}
