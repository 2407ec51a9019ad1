// SPDX-License-Identifier: Apache-2.0
// A servlet that has something to do.
package bench;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** Says hello after a millisecond of its thread's processor time: as much work however busy the machine is. */
public final class Work extends Hello {
    private static final long serialVersionUID = 1L;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        long end = THREADS.getCurrentThreadCpuTime() + 1_000_000;
        while (THREADS.getCurrentThreadCpuTime() < end) {
            Thread.onSpinWait();
        }
        super.doGet(request, response);
    }
}
