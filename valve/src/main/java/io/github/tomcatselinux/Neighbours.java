// SPDX-License-Identifier: Apache-2.0
// What stands around the valve in a running Tomcat, for the checks.
package io.github.tomcatselinux;

import io.github.tomcatselinux.preflight.ConnectorCheck;
import io.github.tomcatselinux.preflight.PipelineCheck;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Valve;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.UpgradeProtocol;

/** Says in a few words what Tomcat's objects are. */
final class Neighbours {
    private Neighbours() {}

    static List<ConnectorCheck.Connector> connectors(Connector[] connectors) {
        return Arrays.stream(connectors)
                .map(connector -> new ConnectorCheck.Connector(
                        String.valueOf(connector.getPort()),
                        Arrays.stream(connector.findUpgradeProtocols()).anyMatch(Neighbours::isHttp2),
                        !"false".equals(String.valueOf(connector.getProperty("useSendfile"))),
                        hasVirtualThreads(connector)))
                .toList();
    }

    private static boolean hasVirtualThreads(Connector connector) {
        Object executor = connector.getProtocolHandler().getExecutor();
        return "true".equals(String.valueOf(connector.getProperty("useVirtualThreads")))
                || (executor != null && executor.getClass().getSimpleName().contains("VirtualThread"));
    }

    private static boolean isHttp2(UpgradeProtocol protocol) {
        return "h2".equals(protocol.getAlpnName()) || "h2c".equals(protocol.getHttpUpgradeName(false));
    }

    /** In the order in which a request passes them, our own that are installed left out. */
    static List<PipelineCheck.Valve> valves(Context application) {
        Deque<Container> way = new ArrayDeque<>();
        for (Container container = application; container != null; container = container.getParent()) {
            way.push(container);
        }
        List<PipelineCheck.Valve> valves = new ArrayList<>();
        for (Container container : way) {
            for (Valve valve : container.getPipeline().getValves()) {
                if (!(valve instanceof Installed)) {
                    valves.add(new PipelineCheck.Valve(valve.getClass().getName(), "on [" + container.getName() + "]"));
                }
            }
        }
        return valves;
    }
}
