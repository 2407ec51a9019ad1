// SPDX-License-Identifier: Apache-2.0
// What a thread with a context of its own costs in Java where nothing else is done.
package bench;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Says hello on a thread made for it, which takes the context that the init parameter {@code context} names, if there is one. */
public final class Bare extends Hello {
    private static final long serialVersionUID = 1L;
    private static final Path ATTRIBUTE = Path.of("/proc/thread-self/attr/current");

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String context = getInitParameter("context");
        FutureTask<Void> answer = new FutureTask<>(() -> {
            if (context != null) {
                try (FileChannel attribute = FileChannel.open(ATTRIBUTE, StandardOpenOption.WRITE)) {
                    attribute.write(ByteBuffer.wrap(context.getBytes(StandardCharsets.UTF_8)));
                }
            }
            super.doGet(request, response);
            return null;
        });
        Thread thread = new Thread(answer);
        thread.start();
        try {
            answer.get();
            thread.join();
        } catch (InterruptedException | ExecutionException failed) {
            throw new IOException(failed);
        }
    }
}
