// SPDX-License-Identifier: Apache-2.0
// Whether the launcher that the system runs can be reached.
package io.github.tomcatselinux.preflight;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.apache.tomcat.util.res.StringManager;

/** Connects to its socket, and says nothing there. */
public final class LauncherCheck implements Check {
    private static final StringManager SM = StringManager.getManager(LauncherCheck.class);

    private final Path socket;
    private final String unit;

    /**
     * Connects to nothing yet.
     *
     * @param unit the unit of systemd that listens there, where the packages' is meant
     */
    public LauncherCheck(Path socket, String unit) {
        this.socket = socket;
        this.unit = unit;
    }

    @Override
    public List<Finding> findings() {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return List.of(Finding.ok(Fault.LAUNCHER, SM.getString("launcher.ok", channel.getRemoteAddress())));
        } catch (IOException refused) {
            return List.of(Finding.error(
                    Fault.LAUNCHER, SM.getString("launcher.unreachable", socket, refused.getMessage(), unit)));
        }
    }
}
