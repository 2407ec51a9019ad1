// SPDX-License-Identifier: Apache-2.0
// The range that a person's own Linux login would get.
package io.github.tomcatselinux.identities;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import io.github.tomcatselinux.kernel.NativeLibrary;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.tomcat.util.res.StringManager;

/**
 * Asks {@code getseuserbyname(3)} of libselinux, as login programs do. Its answer for whoever has no entry of their own,
 * and is in no group that has one, is that for {@code __default__}, and it does not say so: an answer that is the same as
 * that for {@code __default__} is taken for none.
 */
public final class Logins implements AutoCloseable {
    private static final StringManager SM = StringManager.getManager(Logins.class);

    private static final Lookup.Limits LIMITS =
            new Lookup.Limits(Duration.ofSeconds(5), 2, 1_000, Duration.ofSeconds(10));

    private static final String DEFAULT = "__default__";

    /** What can be a login: the rest means something else in {@code seusers(5)}, or ends a name there or in C. */
    private static final Pattern LOGIN = Pattern.compile("[^%#:\\s\\p{Cntrl}][^:\\s\\p{Cntrl}]{0,255}");

    /** The system's answer; a level that is missing is empty. */
    record Login(String seUser, Optional<String> level) {}

    /** The one question of libselinux that is asked. */
    interface Seusers {
        /** As {@code getseuserbyname(3)}; empty where that fails. */
        Optional<Login> of(String name);
    }

    /** libselinux, as far as it is needed here. */
    interface Libselinux extends Library {
        int getseuserbyname(String name, PointerByReference seUser, PointerByReference level);
    }

    private Optional<Lookup> lookup = Optional.empty();

    /** Loads libselinux, if that has not been done; returns why that is not possible. To be called by a server's thread. */
    public synchronized Optional<String> open() {
        if (lookup.isEmpty()) {
            try {
                lookup = Optional.of(new Lookup(source(load()), LIMITS));
            } catch (LinkageError absent) {
                return Optional.of(SM.getString("logins.library", absent.getMessage()));
            }
        }
        return Optional.empty();
    }

    /** The range of this user's login. */
    public Supplied rangeOf(String user) {
        Optional<Lookup> open;
        synchronized (this) {
            open = lookup;
        }
        return open.map(logins -> logins.of(user))
                .orElseGet(() -> new Supplied.None(SM.getString("logins.closed"), true));
    }

    @Override
    public synchronized void close() {
        lookup.ifPresent(Lookup::close);
        lookup = Optional.empty();
    }

    static Lookup.Source source(Seusers seusers) {
        return new Lookup.Source() {
            @Override
            public Supplied ask(String user) {
                return range(seusers, user);
            }

            @Override
            public String toString() {
                return "getseuserbyname";
            }
        };
    }

    private static Supplied range(Seusers seusers, String user) {
        if (user.equals(DEFAULT) || !LOGIN.matcher(user).matches()) {
            return new Supplied.None(SM.getString("logins.name"), false);
        }
        Optional<Login> login = seusers.of(user);
        if (login.isEmpty() || login.equals(seusers.of(DEFAULT))) {
            return new Supplied.None(SM.getString("logins.none"), false);
        }
        return login.get()
                .level()
                .<Supplied>map(level -> new Supplied.Text(
                        level, SM.getString("logins.source", login.get().seUser())))
                .orElseGet(() -> new Supplied.None(SM.getString("logins.level"), false));
    }

    static Seusers load() {
        Libselinux library = NativeLibrary.load(
                "libselinux.so.1",
                Libselinux.class,
                Map.of(Library.OPTION_STRING_ENCODING, StandardCharsets.UTF_8.name()));
        return name -> ask(library, name);
    }

    private static Optional<Login> ask(Libselinux library, String name) {
        PointerByReference seUser = new PointerByReference();
        PointerByReference level = new PointerByReference();
        if (library.getseuserbyname(name, seUser, level) != 0) {
            return Optional.empty();
        }
        return text(seUser).map(found -> new Login(found, text(level)));
    }

    /** The text, which was allocated for us. */
    private static Optional<String> text(PointerByReference reference) {
        Pointer pointer = reference.getValue();
        if (pointer == null) {
            return Optional.empty();
        }
        String text = pointer.getString(0, StandardCharsets.UTF_8.name());
        Native.free(Pointer.nativeValue(pointer));
        return Optional.of(text);
    }
}
