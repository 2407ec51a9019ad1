// SPDX-License-Identifier: Apache-2.0
// Whether other valves stand on the right side of ours.
package io.github.tomcatselinux.preflight;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.tomcat.util.res.StringManager;

/** Valves that say who asks must come before what decides by that. Those that only log may stand anywhere. */
public final class PipelineCheck implements Check {
    private static final StringManager SM = StringManager.getManager(PipelineCheck.class);

    /** Our own, as it is declared. */
    public static final String OURS = "io.github.tomcatselinux.SelinuxValve";

    /** They give a request another address, or a certificate. */
    private static final Set<String> TELLING =
            Set.of("org.apache.catalina.valves.RemoteIpValve", "org.apache.catalina.valves.SSLValve");

    /**
     * A valve.
     *
     * @param className its class
     * @param place the container that it is declared on, or the file and line
     */
    public record Valve(String className, String place) {}

    private final List<Valve> valves;

    /** In the order in which a request passes them, from the Engine on. */
    public PipelineCheck(List<Valve> valves) {
        this.valves = List.copyOf(valves);
    }

    @Override
    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        List<Valve> ours = new ArrayList<>();
        for (Valve valve : valves) {
            if (valve.className().equals(OURS)) {
                ours.add(valve);
            } else if (!ours.isEmpty() && TELLING.contains(valve.className())) {
                findings.add(Finding.warning(
                        Fault.SERVER,
                        SM.getString(
                                "pipeline.late",
                                valve.className(),
                                valve.place(),
                                ours.get(0).place())));
            }
        }
        if (ours.size() > 1) {
            findings.add(Finding.error(
                    Fault.SERVER,
                    SM.getString(
                            "pipeline.twice", ours.get(0).place(), ours.get(1).place())));
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok(Fault.SERVER, SM.getString("pipeline.ok")));
        }
        return findings;
    }
}
