// SPDX-License-Identifier: Apache-2.0
// What applications do, one thing at a time, in the thread that calls.
package io.github.tomcatselinux.guest;

import io.github.tomcatselinux.kernel.SecurityContext;
import io.github.tomcatselinux.kernel.ThreadContext;
import io.github.tomcatselinux.threads.InheritedContexts;
import io.github.tomcatselinux.threads.LazyPools;
import io.github.tomcatselinux.threads.ThreadTrial;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;

/** Each returns what there is to say, or nothing; what goes wrong is thrown. */
final class Actions {
    private static final int MIB = 1 << 20;

    /** Class loaders that all threads share, each with one jar. */
    private static final Map<String, URLClassLoader> JARS = new ConcurrentHashMap<>();

    /** Connections that all threads share. */
    private static final Map<String, Socket> CONNECTIONS = new ConcurrentHashMap<>();

    /** Keeps the compiler from leaving out what nobody reads. */
    static volatile long sink;

    private final ThreadContext threads;
    private final ThreadTrial trial;
    private final InheritedContexts inherited = InheritedContexts.ofThisProcess();
    private final SecurityContext server;

    Actions(ThreadContext threads, ThreadTrial trial, SecurityContext server) {
        this.threads = threads;
        this.trial = trial;
        this.server = server;
    }

    void join() {
        try {
            inherited.join();
        } catch (IOException unknown) {
            throw new UncheckedIOException(unknown);
        }
    }

    InheritedContexts.Run begin(String context) {
        return inherited.begin(context, "request in " + context);
    }

    String perform(String action, String value) throws Throwable {
        switch (action) {
            case "take" -> threads.take(SecurityContext.parse(value));
            case "context" -> {
                return threads.current().toString();
            }
            case "read" -> {
                return Files.readString(Path.of(value)).strip();
            }
            case "write" -> Files.writeString(Path.of(value), "written\n", StandardOpenOption.CREATE);
            case "delete" -> Files.delete(Path.of(value));
            case "map" -> map(Path.of(value));
            case "temporary" -> Files.writeString(Files.createTempFile(value, null), "text");
            case "upload" -> upload(Path.of(value));
            case "trial" -> {
                return trial.objection(SecurityContext.parse(value)).orElse("");
            }
            case "pools" -> LazyPools.start();
            case "exercise" -> Exercise.all();
            case "client" -> ThreadStarters.client();
            case "cleaner" -> ThreadStarters.cleaner();
            case "inherited" -> {
                return inherited.look(server).stream()
                        .map(found -> found.context() + " " + found.requests() + " " + name(found.stack()))
                        .sorted()
                        .collect(Collectors.joining("; "));
            }
            case "jit" -> hot();
            case "collect" -> collect();
            case "lambdas" -> lambdas();
            case "reflection" -> reflection();
            case "overflow" -> overflow();
            case "crypto" -> crypto();
            case "locale" -> locale();
            case "self" -> self();
            case "thread" -> {
                return inAnother(() -> threads.current().toString());
            }
            case "thread-read" -> {
                return inAnother(() -> Files.readString(Path.of(value)).strip());
            }
            case "class" -> Class.forName(value);
            case "jar" -> jar(value);
            case "resolve" -> {
                return InetAddress.getByName(value).getHostAddress();
            }
            case "open" ->
                CONNECTIONS.put(value, new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(value)));
            case "use" -> echo(CONNECTIONS.get(value));
            case "channel" -> channel(Integer.parseInt(value));
            case "listen" -> new ServerSocket(Integer.parseInt(value), 1, InetAddress.getLoopbackAddress()).close();
            case "unix" -> SocketChannel.open(UnixDomainSocketAddress.of(value)).close();
            case "exec" -> {
                return exec(value);
            }
            case "wake" -> wake(Integer.parseInt(value));
            default -> throw new IllegalArgumentException(action);
        }
        return "";
    }

    /** The name, as the JVM quotes it, without numbers. */
    private static String name(String stack) {
        return stack.isEmpty()
                ? "none of Java's"
                : stack.substring(0, stack.indexOf('"', 1) + 1).replaceAll("[0-9]+", "N");
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException(what);
        }
    }

    private static void map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            require(
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
                                    .get(0)
                            != 0,
                    "first octet");
        }
    }

    /** As an upload is kept: larger than any buffer, by a stream. */
    private static void upload(Path folder) throws IOException {
        Path file = Files.createTempFile(folder, "upload", ".tmp");
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < 4; i++) {
                out.write(new byte[MIB]);
            }
        }
        require(Files.size(file) == 4L * MIB, "size");
    }

    /** Long enough to be compiled while it runs. */
    private static void hot() {
        long sum = 0;
        for (int k = 0; k < 20; k++) {
            for (int i = 0; i < 1_000_000; i++) {
                sum += (i ^ k) * 31L + (sum >>> 7);
            }
        }
        sink = sum;
        Pattern pattern = Pattern.compile("(\\w+?)-(\\d{2,})\\s*(?:foo|bar)*");
        for (int i = 10; i < 5000; i++) {
            require(pattern.matcher("abc-" + i + " foobar").find(), "match");
        }
    }

    private static void collect() {
        List<byte[]> much = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            much.add(new byte[MIB]);
        }
        sink = much.size();
        much.clear();
        System.gc();
        require(ByteBuffer.allocateDirect(8 * MIB).capacity() == 8 * MIB, "direct buffer");
    }

    private static void lambdas() {
        long found = IntStream.range(0, 1000)
                .mapToObj(i -> String.format(Locale.ROOT, "%05d-%s", i, Integer.toHexString(i)))
                .filter(text -> text.hashCode() % 3 == 0)
                .count();
        require(found > 0, "stream");
    }

    private static void reflection() throws Throwable {
        Method length = String.class.getMethod("length");
        for (int i = 0; i < 50; i++) {
            require(length.invoke("abc").equals(3), "reflection");
        }
        @SuppressWarnings("unchecked")
        UnaryOperator<String> twice = (UnaryOperator<String>) Proxy.newProxyInstance(
                Actions.class.getClassLoader(),
                new Class<?>[] {UnaryOperator.class},
                (proxy, method, arguments) -> "" + arguments[0] + arguments[0]);
        MethodHandle concat = MethodHandles.lookup()
                .findVirtual(String.class, "concat", MethodType.methodType(String.class, String.class));
        require(twice.apply((String) concat.invoke("x", "y")).equals("xyxy"), "proxy");
    }

    private static void overflow() {
        try {
            sink = deep(0);
            throw new IllegalStateException("no overflow");
        } catch (StackOverflowError expected) {
            sink = 0;
        }
    }

    private static long deep(long depth) {
        return depth < 0 ? depth : deep(depth + 1) + 1;
    }

    private static void crypto() throws Exception {
        byte[] key = new byte[16];
        new SecureRandom().nextBytes(key);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        require(cipher.doFinal(new byte[10]).length == 26, "cipher");
        require(MessageDigest.getInstance("SHA-256").digest(key).length == 32, "digest");
        require(SSLContext.getDefault().createSSLEngine() != null, "engine");
        require(KeyStore.getInstance("PKCS12") != null, "store");
    }

    private static void locale() {
        String now = DateTimeFormatter.ofPattern("yyyy MMMM zzz", Locale.FRANCE)
                .format(ZonedDateTime.now(ZoneId.systemDefault()));
        require(!now.isEmpty(), "date");
        require(Charset.forName("Big5").canEncode(), "charset");
    }

    private static void self() throws IOException {
        require(Files.readString(Path.of("/proc/self/status")).startsWith("Name:"), "status");
        require(ManagementFactory.getThreadMXBean().getThreadCount() > 1, "threads");
        require(ManagementFactory.getOperatingSystemMXBean().getAvailableProcessors() > 0, "processors");
        require(Thread.getAllStackTraces().size() > 1, "stacks");
    }

    private static String inAnother(Callable<String> work) throws Exception {
        FutureTask<String> task = new FutureTask<>(work);
        new Thread(task, "child").start();
        try {
            return task.get();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof Exception cause ? cause : failed;
        }
    }

    /** JAR!CLASS: with one loader for all threads, which keeps the jar open. */
    private static void jar(String value) throws Exception {
        int end = value.indexOf('!');
        URL url = Path.of(value.substring(0, end)).toUri().toURL();
        JARS.computeIfAbsent(value.substring(0, end), jar -> new URLClassLoader(new URL[] {url}, null))
                .loadClass(value.substring(end + 1));
    }

    private static void echo(Socket connection) throws IOException {
        connection.getOutputStream().write("word\n".getBytes(StandardCharsets.US_ASCII));
        byte[] answer = connection.getInputStream().readNBytes(5);
        require(new String(answer, StandardCharsets.US_ASCII).equals("word\n"), "echo");
    }

    /** Not blocking, with a selector. */
    private static void channel(int port) throws IOException {
        try (SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            channel.write(ByteBuffer.wrap(new byte[] {'a', '\n'}));
            require(selector.select(20_000) == 1, "selected");
            require(channel.read(ByteBuffer.allocate(2)) > 0, "read");
        }
    }

    private static String exec(String program) throws Exception {
        Process process = new ProcessBuilder(program.split(" ", -1))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        require(process.waitFor() == 0, said);
        return said.replace("\0", "").strip();
    }

    /** Closes a channel on which a thread of the server waits for what never comes. */
    private void wake(int port) throws Exception {
        SocketChannel channel = ConfinedJvm.byServer(
                () -> SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
        FutureTask<Integer> reading = new FutureTask<>(() -> channel.read(ByteBuffer.allocate(1)));
        Thread reader = ConfinedJvm.byServer(() -> {
            Thread thread = new Thread(reading, "reader");
            thread.start();
            return thread;
        });
        while (!inNativeRead(reader)) {
            Thread.sleep(10);
        }
        channel.close();
        try {
            reading.get();
            throw new IllegalStateException("the reader was not woken");
        } catch (ExecutionException woken) {
            require(woken.getCause() instanceof AsynchronousCloseException, "woken by " + woken.getCause());
        }
    }

    private static boolean inNativeRead(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length > 0
                && stack[0].isNativeMethod()
                && stack[0].getMethodName().startsWith("read");
    }
}
