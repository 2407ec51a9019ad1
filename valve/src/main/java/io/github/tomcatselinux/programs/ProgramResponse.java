// SPDX-License-Identifier: Apache-2.0
// What a program says, on its way to the client.
package io.github.tomcatselinux.programs;

import io.github.tomcatselinux.launcher.ProgramConnection;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.tomcat.util.res.StringManager;

/** Header first, then the document, which goes out as it comes. */
final class ProgramResponse implements ProgramConnection.Listener {
    private static final StringManager SM = StringManager.getManager(ProgramResponse.class);

    private static final String CACHE_CONTROL = "Cache-Control";

    private final HttpServletResponse response;
    private final boolean included;
    private final boolean head;
    private final long maxOutput;
    private final RequestBody body;
    private final ErrorLines errors;
    private final Runnable whenEnded;
    private final CgiHeader header = new CgiHeader();
    private Optional<OutputStream> out = Optional.empty();
    private OptionalLong declared = OptionalLong.empty();
    private long written;
    private long taken;
    private boolean unsent;
    private boolean ended;

    /** More than the administrator allows. */
    static final class TooMuchException extends IOException {
        private static final long serialVersionUID = 1L;

        TooMuchException(String message) {
            super(message);
        }
    }

    ProgramResponse(
            HttpServletRequest request,
            HttpServletResponse response,
            long maxOutput,
            RequestBody body,
            ErrorLines errors,
            Runnable whenEnded) {
        this.response = response;
        this.included = request.getAttribute(RequestDispatcher.INCLUDE_REQUEST_URI) != null;
        this.head = request.getMethod().equals("HEAD");
        this.maxOutput = maxOutput;
        this.body = body;
        this.errors = errors;
        this.whenEnded = whenEnded;
    }

    @Override
    public void output(ByteBuffer octets) throws IOException {
        taken += octets.remaining();
        if (maxOutput > 0 && taken > maxOutput) {
            throw new TooMuchException(SM.getString("program.maxOutput", String.valueOf(maxOutput)));
        }
        if (out.isEmpty()) {
            header.take(octets);
            if (!header.isComplete()) {
                return;
            }
            if (!octets.hasRemaining() && isLocalRedirect()) {
                // Whether a document follows, and so this is none, will be known later.
                return;
            }
            begin();
        }
        if (octets.hasRemaining()) {
            written += octets.remaining();
            if (declared.isPresent() && written > declared.getAsLong()) {
                throw wrongLength();
            }
            out.get().write(octets.array(), octets.arrayOffset() + octets.position(), octets.remaining());
            unsent = true;
        }
    }

    @Override
    public void outputEnded() throws IOException {
        end();
        if (out.isPresent() && !included) {
            // The answer is whole, whatever the program goes on to do.
            out.get().close();
        }
        whenEnded.run();
    }

    /** Nothing more comes. True when what came is an answer. */
    boolean end() throws IOException {
        if (!ended) {
            ended = true;
            header.end();
            if (header.isComplete() && out.isEmpty() && !isLocalRedirect()) {
                begin();
            }
            if (declared.isPresent() && written != declared.getAsLong()) {
                throw wrongLength();
            }
        }
        return header.isComplete();
    }

    @Override
    public void errors(ByteBuffer octets) {
        errors.take(octets);
    }

    @Override
    public void inputClosed() {
        body.unwanted();
    }

    @Override
    public void waiting() throws IOException {
        if (unsent && !ended) {
            unsent = false;
            response.flushBuffer();
        }
    }

    /** Whether there is an answer, and it is whole. */
    boolean isWhole() {
        return ended && header.isComplete();
    }

    boolean saidNothing() {
        return header.isEmpty();
    }

    /** Where within this server the answer is to be found (RFC 3875, section 6.2.2). */
    Optional<String> redirect() {
        return out.isEmpty() ? header.location() : Optional.empty();
    }

    /** {@code Location} with a path, and nothing besides. */
    private boolean isLocalRedirect() {
        return header.location().filter(where -> where.startsWith("/")).isPresent()
                && header.status().isEmpty()
                && header.fields().stream().allMatch(field -> field.is("Content-Type"));
    }

    private void begin() throws IOException {
        header.location().ifPresent(where -> response.setHeader("Location", where));
        response.setStatus(header.status()
                .orElse(header.location().isPresent() ? HttpServletResponse.SC_FOUND : HttpServletResponse.SC_OK));
        for (CgiHeader.Field field : header.fields()) {
            if (field.is("Content-Type")) {
                response.setContentType(field.value());
            } else if (field.is("Content-Length")) {
                setLength(field.value());
            } else if (field.is(CACHE_CONTROL) && response.containsHeader(CACHE_CONTROL)) {
                // The valve has said already what caches may keep; a program can only be stricter.
                if (field.value().contains("no-store")) {
                    response.setHeader(CACHE_CONTROL, field.value());
                }
            } else {
                response.addHeader(field.name(), field.value());
            }
        }
        if (!hasDocument()) {
            declared = OptionalLong.empty();
        }
        out = Optional.of(response.getOutputStream());
        // Whoever listens to events is told that they may come, before the first one does.
        unsent = header.fields().stream().anyMatch(ProgramResponse::isEventStream);
    }

    private static boolean isEventStream(CgiHeader.Field field) {
        return field.is("Content-Type")
                && field.value().toLowerCase(Locale.ROOT).startsWith("text/event-stream");
    }

    private void setLength(String value) throws CgiHeader.MalformedException {
        if (!value.matches("[0-9]{1,18}")) {
            throw new CgiHeader.MalformedException("its Content-Length is none: [" + value + "]");
        }
        declared = OptionalLong.of(Long.parseLong(value));
        response.setContentLengthLong(declared.getAsLong());
    }

    /** Whether a client takes as many octets as are declared for this answer: the next answer begins behind them. */
    private boolean hasDocument() {
        int status = response.getStatus();
        boolean without = status < HttpServletResponse.SC_OK
                || status == HttpServletResponse.SC_NO_CONTENT
                || status == HttpServletResponse.SC_RESET_CONTENT
                || status == HttpServletResponse.SC_NOT_MODIFIED;
        return !included && !head && !without;
    }

    private static CgiHeader.MalformedException wrongLength() {
        return new CgiHeader.MalformedException("its document has another length than its Content-Length says");
    }
}
