// SPDX-License-Identifier: Apache-2.0
// Two Tomcats that share their sessions, each with the valve.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.tomcatselinux.threads.ConfinedThreads;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.net.InetAddress;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.catalina.ha.session.DeltaManager;
import org.apache.catalina.ha.tcp.ReplicationValve;
import org.apache.catalina.ha.tcp.SimpleTcpCluster;
import org.apache.catalina.tribes.Channel;
import org.apache.catalina.tribes.ChannelException;
import org.apache.catalina.tribes.ChannelMessage;
import org.apache.catalina.tribes.Member;
import org.apache.catalina.tribes.group.ChannelInterceptorBase;
import org.apache.catalina.tribes.group.GroupChannel;
import org.apache.catalina.tribes.group.InterceptorPayload;
import org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor;
import org.apache.catalina.tribes.group.interceptors.StaticMembershipInterceptor;
import org.apache.catalina.tribes.membership.StaticMember;
import org.apache.catalina.tribes.transport.ReplicationTransmitter;
import org.apache.catalina.tribes.transport.nio.NioReceiver;
import org.apache.catalina.tribes.transport.nio.PooledParallelSender;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterTest {
    private static final String LOOPBACK = InetAddress.getLoopbackAddress().getHostAddress();

    /** Java's own locals are inherited as the kernel's context is. */
    private static final InheritableThreadLocal<Boolean> IN_REQUEST = new InheritableThreadLocal<>();

    @TempDir
    Path folder;

    /** On whose threads messages go to the other server. */
    private final Set<String> senders = ConcurrentHashMap.newKeySet();

    /** Stands behind the queue. */
    private final class Watch extends ChannelInterceptorBase {
        @Override
        public void sendMessage(Member[] destination, ChannelMessage message, InterceptorPayload payload)
                throws ChannelException {
            senders.add(ConfinedThreads.isCurrent() || IN_REQUEST.get() != null ? "confined" : "server");
            super.sendMessage(destination, message, payload);
        }
    }

    /** One server of the cluster, by the recipe of docs/compatibility.md. */
    private final class Node implements AutoCloseable {
        private final TestServer server;
        private final NioReceiver receiver = new NioReceiver();
        private final StaticMembershipInterceptor members = new StaticMembershipInterceptor();

        Node(String name) throws Exception {
            receiver.setAddress(LOOPBACK);
            MessageDispatchInterceptor queue = new MessageDispatchInterceptor();
            queue.setMaxSpareThreads(queue.getMaxThreads());
            PooledParallelSender sockets = new PooledParallelSender();
            sockets.setTimeout(Await.PATIENCE.toMillis());
            ReplicationTransmitter sender = new ReplicationTransmitter();
            sender.setTransport(sockets);
            GroupChannel channel = new GroupChannel();
            channel.setChannelSender(sender);
            channel.setName(name);
            channel.setChannelReceiver(receiver);
            channel.addInterceptor(queue);
            channel.addInterceptor(new Watch());
            channel.addInterceptor(members);
            SimpleTcpCluster cluster = new SimpleTcpCluster();
            cluster.setChannel(channel);
            // Without membership by multicast.
            cluster.setChannelStartOptions(Channel.SND_RX_SEQ | Channel.SND_TX_SEQ);
            cluster.setManagerTemplate(new DeltaManager());
            cluster.addValve(new ReplicationValve());
            server = new TestServer(folder.resolve(name));
            server.tomcat.getEngine().setCluster(cluster);
            server.context.setDistributable(true);
            ServletsTest.servlet(server.context, "/count", ClusterTest::count);
            ServletsTest.servlet(server.context, "/look", ClusterTest::look);
            server.onHost(Map.of());
        }

        Node knows(Node other) throws IOException {
            StaticMember member = new StaticMember(LOOPBACK, other.receiver.getPort(), 0);
            members.addStaticMember(member);
            // Told only of those that it knows as it starts.
            members.memberAdded(member);
            return this;
        }

        String ask(String path, String session) throws Exception {
            return server.get(path, "Cookie", session).body();
        }

        @Override
        public void close() {
            server.close();
        }
    }

    private static void tell(HttpServletResponse response, Object count) throws IOException {
        response.getWriter().print(count + (ConfinedThreads.isCurrent() ? " confined" : " by the server"));
    }

    private static void count(HttpServletRequest request, HttpServletResponse response) throws IOException {
        IN_REQUEST.set(true);
        try {
            HttpSession session = request.getSession();
            Integer before = (Integer) session.getAttribute("count");
            int now = before == null ? 1 : before + 1;
            session.setAttribute("count", now);
            tell(response, now);
        } finally {
            IN_REQUEST.remove();
        }
    }

    private static void look(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession(false);
        tell(response, session == null ? "none" : session.getAttribute("count"));
    }

    @Test
    void carriesASessionToTheOtherServerAndConfinesOnBoth() throws Exception {
        try (Node one = new Node("one");
                Node other = new Node("other")) {
            one.server.start();
            other.knows(one).server.start();
            one.knows(other);
            HttpResponse<String> first = one.server.get("/count");
            assertEquals("1 confined", first.body());
            String session = CompatibilityTest.cookie(first, "JSESSIONID");
            Await.until(
                    "the session does not arrive",
                    () -> other.ask("/look", session).equals("1 confined"));
            assertEquals("2 confined", other.ask("/count", session));
            Await.until(
                    "the change does not come back",
                    () -> one.ask("/look", session).equals("2 confined"));
            assertFalse(senders.isEmpty());
            assertEquals(Set.of("server"), senders);
        }
    }
}
