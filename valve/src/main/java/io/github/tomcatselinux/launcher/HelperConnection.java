// SPDX-License-Identifier: Apache-2.0
// The valve's end of the connection to one confined helper.
package io.github.tomcatselinux.launcher;

import io.github.tomcatselinux.launcher.HelperException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One helper process, confined before the first word beyond the {@code CONFINE} frame is believed. Not safe for use by
 * several threads. Closing it ends the helper.
 *
 * <p>What will be needed next may be asked for before it is needed: a file with {@link #openAhead}, more of it by
 * {@link #read}. Whatever else is asked in between comes behind those answers.
 */
public final class HelperConnection implements AutoCloseable {
    /** Octets of a request beside its path. */
    private static final int FIXED = 2 + 4;

    /** So many octets of a file come with its attributes: up to here the helper copies, which is cheap. */
    private static final int FIRST = 16_384;

    /** How much longer than the helper's own deadline the valve waits, so that the helper's word comes first. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** In the number of octets wanted: if they are all of the file, nothing more is asked for. */
    private static final int LAST = 1 << 31;

    private final Path socket;
    private final ConfineRequest request;
    private FrameChannel frames;
    private Conversation conversation;
    private Confinement confinement;
    private Optional<Ahead> ahead = Optional.empty();
    private Optional<Inflow> inflow = Optional.empty();
    private int handles;
    private boolean uploading;
    private boolean left;

    /** The frame of the last piece of an upload: each takes the place of the one before. */
    private ByteBuffer content = ByteBuffer.allocate(0);

    /** A file that was opened before anybody needed it; its answer is on its way until it is there. */
    private static final class Ahead {
        private final byte[] path;
        private final boolean last;
        private Optional<Opened> answer = Optional.empty();

        Ahead(byte[] path, boolean last) {
            this.path = path;
            this.last = last;
        }
    }

    private HelperConnection(Path socket, ConfineRequest request) {
        this.socket = socket;
        this.request = request;
    }

    /**
     * Connects to a launcher's socket and waits until the helper behind it says that it is confined.
     *
     * @param file opened ahead, if there is one, without a round trip of its own
     * @param last whether that is all that will be asked, as far as is known: a helper that can answer with the whole file
     *     then leaves at once. Whatever is asked nevertheless is answered by another one
     * @throws HelperException if no helper answers, it could not confine itself, or its context is not the one asked for
     */
    public static HelperConnection confined(Path socket, ConfineRequest request, Optional<byte[]> file, boolean last)
            throws HelperException {
        HelperConnection helper = new HelperConnection(socket, request);
        helper.begin(file.map(path -> new Ahead(path, last)), Optional.empty());
        return helper;
    }

    /** The same for a program that is looked for at once: whoever takes the frames over has the answer of {@code FIND} to read. */
    static HelperConnection finding(Path socket, ConfineRequest request, ByteBuffer find) throws HelperException {
        HelperConnection helper = new HelperConnection(socket, request);
        helper.begin(Optional.empty(), Optional.of(find));
        return helper;
    }

    private void begin(Optional<Ahead> first, Optional<ByteBuffer> find) throws HelperException {
        boolean done = false;
        try {
            frames = FrameChannel.connect(socket, request.progressTimeout());
            conversation = new Conversation(frames, request.progressTimeout().plus(GRACE));
            confinement = confine(first, find);
            done = true;
        } catch (HelperException failed) {
            throw failed;
        } catch (IOException broken) {
            throw Conversation.broken("launcher at [" + socket + "]", broken);
        } finally {
            if (!done && frames != null) {
                frames.close();
            }
        }
    }

    /** For other words than those about files; whoever takes it has to close this. */
    FrameChannel frames() {
        return frames;
    }

    /** What the helper proved about itself. */
    public Confinement confinement() {
        return confinement;
    }

    /**
     * Asks for a file that will soon be looked at and opened, and does not wait for the answer. Whatever was asked for
     * ahead before is forgotten: what one request asked for is no answer to another.
     */
    public void openAhead(byte[] file) throws HelperException {
        ask("OPEN", () -> {
            forget();
            frames.send(opening(file, FIRST));
            ahead = Optional.of(new Ahead(file, false));
            return file;
        });
    }

    /** The attributes of what a path names; see the protocol for what exists to a helper. */
    public Attributes stat(byte[] path) throws HelperException {
        if (isAhead(path)) {
            Attributes known = answer(ahead.get()).attributes();
            if (known.errno() != Errno.EISDIR) {
                return known;
            }
        }
        return ask("STAT", () -> {
            frames.send(about(Frame.STAT, path));
            return Answers.attributes(frames.receive(Frame.ATTRIBUTES));
        });
    }

    /** Opens a regular file; the answer's handle, if it has one, is good until {@link #close(int)}. */
    public Opened open(byte[] path) throws HelperException {
        if (isAhead(path)) {
            Opened known = answer(ahead.get());
            ahead = Optional.empty();
            return known;
        }
        return ask("OPEN", () -> {
            frames.send(opening(path, FIRST));
            return opened();
        });
    }

    /**
     * Waits for octets of an open file and takes what has come of them, at most what the target has room for. Much more
     * may be on its way: read on from where this ends, or what comes is thrown away.
     *
     * @param end where the file ended when it was opened; no more than that is asked for
     * @return octets read; 0 at the end of the file
     */
    public int read(int handle, long offset, ByteBuffer target, long end) throws HelperException {
        if (inflow.map(there -> there.isAt(handle, offset)).orElse(false)) {
            return conversation.talk("READ", () -> inflow.get().take(target, end));
        }
        return ask("READ", () -> {
            inflow = Optional.of(new Inflow(frames, handle, offset));
            return inflow.get().take(target, end);
        });
    }

    /** Closes an open file, as soon as something else is asked. */
    public void close(int handle) {
        handles--;
        frames.sendLater(Frame.end(Frame.begin(Frame.CLOSE, 2).putShort((short) handle)));
    }

    /** The names in a folder that this context may read; empty, with the reason in {@code errno}, when it may not be listed. */
    public Listing list(byte[] path) throws HelperException {
        return ask("LIST", () -> {
            frames.send(about(Frame.LIST, path));
            List<DirectoryEntry> entries = new ArrayList<>();
            Answers.Entries some;
            do {
                some = Answers.entries(frames.receive(Frame.ENTRIES), entries);
            } while (!some.last());
            return new Listing(some.outcome(), List.copyOf(entries));
        });
    }

    /** Makes a folder. */
    public Outcome makeFolder(byte[] path) throws HelperException {
        return change("MKDIR", Frame.MKDIR, path, Optional.empty());
    }

    /** Deletes a file or an empty folder. */
    public Outcome delete(byte[] path) throws HelperException {
        return change("DELETE", Frame.DELETE, path, Optional.empty());
    }

    /** Whether something could be done, as far as that can be told beforehand. */
    public Outcome ask(byte[] path, Access access) throws HelperException {
        return change("ACCESS", Frame.ACCESS, path, Optional.of(access.bits()));
    }

    /** Begins an upload; if that can be done, {@link #content} comes next and {@link #commit} or {@link #abort} at the end. */
    public Outcome create(byte[] path, Overwrite overwrite) throws HelperException {
        Outcome begun = change("CREATE", Frame.CREATE, path, Optional.of(overwrite.number()));
        uploading = begun.errno() == 0;
        return begun;
    }

    /** Sends a piece of the upload. What goes wrong with it is said at {@link #commit}. */
    public void content(byte[] octets, int length) throws HelperException {
        ask("CONTENT", () -> {
            if (content.capacity() < Frame.HEADER + length) {
                content = ByteBuffer.allocate(Frame.HEADER + length);
            }
            frames.send(Frame.end(Frame.begin(Frame.CONTENT, content).put(octets, 0, length)));
            return length;
        });
    }

    /** Ends the upload: from now on the file is there, unless the outcome says why not. */
    public Outcome commit() throws HelperException {
        uploading = false;
        return ask("COMMIT", () -> done(Frame.end(Frame.begin(Frame.COMMIT, 0))));
    }

    /** Ends the upload without a trace of it. */
    public void abort() throws HelperException {
        uploading = false;
        ask("ABORT", () -> {
            frames.send(Frame.end(Frame.begin(Frame.ABORT, 0)));
            return 0;
        });
    }

    private Outcome change(String what, int type, byte[] path, Optional<Integer> number) throws HelperException {
        return ask(what, () -> {
            ByteBuffer frame = Frame.begin(type, path.length + FIXED);
            Frame.putString(frame, path);
            number.ifPresent(value -> frame.putShort(value.shortValue()));
            return done(Frame.end(frame));
        });
    }

    private Outcome done(ByteBuffer frame) throws IOException {
        // A changed file is not the one that was opened ahead.
        forget();
        frames.send(frame);
        return Answers.done(frames.receive(Frame.DONE));
    }

    /**
     * The request is over: forgets what was asked for ahead.
     *
     * @return whether the helper owes no answer and has no file open, so that it can serve another request
     */
    public boolean rest() {
        if (uploading
                || left
                || !inflow.map(Inflow::isDry).orElse(true)
                || ahead.map(asked -> asked.answer.isEmpty()).orElse(false)) {
            return false;
        }
        forget();
        return handles == 0;
    }

    /** Whether the helper is alive and has said nothing more since it was left to {@link #rest}. */
    public boolean isQuiet() {
        return frames.isQuiet();
    }

    @Override
    public void close() {
        frames.close();
    }

    private Confinement confine(Optional<Ahead> first, Optional<ByteBuffer> find) throws HelperException {
        Confinement answer = conversation.talk("CONFINE", () -> {
            if (first.isPresent()) {
                frames.sendLater(request.frame());
                frames.send(opening(first.get().path, first.get().last ? FIRST | LAST : FIRST));
                ahead = first;
            } else if (find.isPresent()) {
                frames.sendLater(request.frame());
                frames.send(find.get());
            } else {
                frames.send(request.frame());
            }
            return Answers.confinement(frames.receive(Frame.CONFINED));
        });
        if (!answer.isWhole(request)) {
            throw new HelperException(
                    Reason.REFUSED,
                    "the helper is not wholly confined: measures 0x" + Integer.toHexString(answer.measures()));
        }
        if (request.selinux() && !answer.context().equals(request.context())) {
            throw new HelperException(
                    Reason.REFUSED,
                    "the helper runs as [" + answer.context() + "], not as [" + request.context() + "]");
        }
        return answer;
    }

    private void forget() {
        int handle = ahead.flatMap(asked -> asked.answer)
                .map(file -> file.attributes().handle())
                .orElse(0);
        ahead = Optional.empty();
        if (handle != 0) {
            close(handle);
        }
    }

    private boolean isAhead(byte[] path) {
        return ahead.isPresent() && Arrays.equals(ahead.get().path, path);
    }

    private Opened answer(Ahead asked) throws HelperException {
        if (asked.answer.isEmpty()) {
            Opened answer = conversation.talk("OPEN", this::opened);
            asked.answer = Optional.of(answer);
            left = asked.last && answer.isWhole();
        }
        return asked.answer.get();
    }

    /** Asks, once the answers that are on their way have been taken: the next one belongs to what is asked now. */
    private <T> T ask(String what, Conversation.Exchange<T> exchange) throws HelperException {
        if (ahead.isPresent()) {
            answer(ahead.get());
        }
        if (inflow.isPresent()) {
            Inflow coming = inflow.get();
            inflow = Optional.empty();
            conversation.talk("READ", () -> {
                coming.drain();
                return coming;
            });
        }
        if (left) {
            left = false;
            close();
            begin(Optional.empty(), Optional.empty());
        }
        return conversation.talk(what, exchange);
    }

    /** What OPEN is answered with. */
    private Opened opened() throws IOException {
        Attributes attributes = Answers.attributes(frames.receive(Frame.ATTRIBUTES));
        if (attributes.errno() != 0) {
            return new Opened(attributes, ByteBuffer.allocate(0));
        }
        if (attributes.handle() != 0) {
            handles++;
        }
        int length = frames.receiveHeader(Frame.DATA);
        if (length != Math.min(FIRST, attributes.size())) {
            throw new IOException("not the first octets of the file");
        }
        ByteBuffer start = ByteBuffer.allocate(length);
        frames.fill(start);
        return new Opened(attributes, start.flip());
    }

    private static ByteBuffer about(int type, byte[] path) throws IOException {
        ByteBuffer frame = Frame.begin(type, path.length + FIXED);
        Frame.putString(frame, path);
        return Frame.end(frame);
    }

    private static ByteBuffer opening(byte[] path, int wanted) throws IOException {
        ByteBuffer frame = Frame.begin(Frame.OPEN, path.length + FIXED);
        Frame.putString(frame, path);
        return Frame.end(frame.putInt(wanted));
    }
}
