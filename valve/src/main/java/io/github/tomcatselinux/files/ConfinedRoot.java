// SPDX-License-Identifier: Apache-2.0
// The files of one application, seen with the eyes of whoever asks.
package io.github.tomcatselinux.files;

import io.github.tomcatselinux.launcher.Access;
import io.github.tomcatselinux.launcher.Attributes;
import io.github.tomcatselinux.launcher.ConfineRequest;
import io.github.tomcatselinux.launcher.HelperConnection;
import io.github.tomcatselinux.launcher.HelperException;
import io.github.tomcatselinux.programs.ProgramFolder;
import java.io.File;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.WebResource;
import org.apache.catalina.WebResourceSet;
import org.apache.catalina.webresources.DirResourceSet;
import org.apache.catalina.webresources.FileResourceSet;
import org.apache.catalina.webresources.JarResourceSet;
import org.apache.catalina.webresources.JarWarResourceSet;
import org.apache.catalina.webresources.StandardRoot;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.http.RequestUtil;

/**
 * Tomcat's resource root, in which every set is for the server only, but the main one: that answers clients for all of
 * them. Unless the administrator allows caches, Tomcat's resource cache is off and stays off: an answer from it is given
 * without asking the kernel. Where it is allowed, it holds only what helpers could read: what the server reads for
 * itself, and what was refused, is looked up each time.
 */
public final class ConfinedRoot extends StandardRoot {
    private static final Log LOG = LogFactory.getLog(ConfinedRoot.class);

    private final BooleanSupplier cachesAllowed;
    private final HelperChanges changes = new HelperChanges(this);
    private ConfinedResourceSet main;
    private volatile Places places = Places.NONE;

    /** Where the files and the programs come from, and what a helper opens for files. */
    private record Places(
            List<Granted> granted,
            List<ConfineRequest.Root> toRead,
            List<ConfineRequest.Root> toWrite,
            List<ProgramFolder> programs,
            Object generation) {
        private static final Places NONE = new Places(List.of(), List.of(), List.of(), List.of(), new Object());
    }

    /**
     * A root for an application that is about to start.
     *
     * @param cachesAllowed asked at each look-up
     */
    public ConfinedRoot(Context context, BooleanSupplier cachesAllowed) {
        super(context);
        this.cachesAllowed = cachesAllowed;
    }

    /** A root that has what the administrator gave to one of Tomcat's own, which has not been started. */
    public static ConfinedRoot inPlaceOf(StandardRoot other, BooleanSupplier cachesAllowed) {
        ConfinedRoot root = new ConfinedRoot(other.getContext(), cachesAllowed);
        root.setCachingAllowed(other.isCachingAllowed());
        root.setCacheTtl(other.getCacheTtl());
        root.setCacheMaxSize(other.getCacheMaxSize());
        root.setCacheObjectMaxSize(other.getCacheObjectMaxSize());
        root.setCacheStrategy(other.getCacheStrategy());
        root.setTrackLockedFiles(other.getTrackLockedFiles());
        root.setArchiveIndexStrategy(other.getArchiveIndexStrategy());
        root.setAllowLinking(other.getAllowLinking());
        if (isSetReadOnly(other)) {
            root.setReadOnly(true);
        }
        Stream.of(other.getPreResources()).forEach(root::addPreResources);
        Stream.of(other.getJarResources()).forEach(root::addJarResources);
        Stream.of(other.getPostResources()).forEach(root::addPostResources);
        return root;
    }

    /** Before it is started, such a root says that it is read-only whether it will be or not. */
    private static boolean isSetReadOnly(StandardRoot root) {
        try {
            Field set = StandardRoot.class.getDeclaredField("readOnly");
            set.setAccessible(true);
            return set.getBoolean(root);
        } catch (NoSuchFieldException | IllegalAccessException hidden) {
            LOG.warn("whether the root is read-only cannot be seen, so it is", hidden);
            return true;
        }
    }

    /** On only where {@code allowCaches} is, whoever turns it on: JMX does not get past it. */
    @Override
    public boolean isCachingAllowed() {
        return super.isCachingAllowed() && cachesAllowed.getAsBoolean();
    }

    /**
     * Fixes where the application's files come from, now that Tomcat has found all its parts.
     *
     * @throws IllegalArgumentException naming what a helper cannot serve
     */
    public void grant() {
        places = Places.NONE;
        Stream<WebResourceSet> beside =
                Stream.of(getJarResources(), getPostResources()).flatMap(Stream::of);
        List<WebResourceSet> all = Stream.concat(Stream.concat(Stream.of(getPreResources()), Stream.of(main)), beside)
                .map(set -> ((DelegatingResourceSet) set).direct())
                .toList();
        List<Granted> granted = Granted.of(all);
        List<ProgramFolder> programs = Granted.folders(all).stream()
                .map(folder -> new ProgramFolder(folder.mount(), folder.place()))
                .toList();
        places = new Places(granted, roots(granted, false), roots(granted, true), programs, new Object());
    }

    /**
     * What a helper opens for this application; empty for one without files.
     *
     * @param writable whether it may change what is in the main folder, which is where Tomcat makes changes
     */
    public List<ConfineRequest.Root> roots(boolean writable) {
        return writable ? places.toWrite() : places.toRead();
    }

    private List<ConfineRequest.Root> roots(List<Granted> granted, boolean writable) {
        return IntStream.range(0, granted.size())
                .mapToObj(number -> granted.get(number)
                        .root(number, writable && granted.get(number).set() == main.direct()))
                .toList();
    }

    /** Equal as long as the application is not started anew: a helper holds folders that may bear other names now. */
    public Object generation() {
        return places.generation();
    }

    /** The folders that the application's programs may lie in, in the order in which they are looked into. */
    public List<ProgramFolder> programs() {
        return places.programs();
    }

    /** The application's own folder; empty where it is something else. */
    public Optional<Path> folder() {
        return places.granted().stream()
                .filter(place -> place.set() == ((DelegatingResourceSet) main).direct())
                .filter(place -> place.kind() == Granted.Kind.FOLDER)
                .map(Granted::place)
                .findFirst();
    }

    /** Where a path of the application may be, in the order in which it is looked for. Nothing is looked at. */
    public List<ServedFolders.Located> places(String path) {
        return ServedFolders.of(granted()).places(path);
    }

    List<Granted> granted() {
        return places.granted();
    }

    /**
     * Whether the request's helper may do something with what is at a path; if there is nothing, it may.
     *
     * @throws HelperException if there is no answer
     */
    public boolean allows(String path, Access access) throws HelperException {
        return changes.isAllowed(path, access);
    }

    /**
     * As {@link #getResource(String)}.
     *
     * @throws HelperException if there is no answer
     */
    public WebResource lookUp(String path) throws HelperException {
        try {
            return getResource(path);
        } catch (UncheckedIOException failed) {
            if (failed.getCause() instanceof HelperException helper) {
                throw helper;
            }
            throw failed;
        }
    }

    HelperChanges changes() {
        return changes;
    }

    /** Who makes changes: what nobody may see but the server, nobody may change through it. */
    View changer() {
        return view("/");
    }

    View view(String path) {
        return View.of(path, getContext().getState().isAvailable(), RequestFiles.current());
    }

    /**
     * The helper of the request on this thread.
     *
     * @throws HelperException if there is none
     */
    HelperConnection helper() throws HelperException {
        return RequestFiles.current()
                .orElseThrow(() -> new HelperException(
                        HelperException.Reason.REFUSED, "a file is asked for outside of the request that it was for"))
                .helper(this);
    }

    /** The octets of a path that the helper of this thread's request is asked for, if it can be that of a file. */
    public Optional<byte[]> fileInHelper(String path) {
        boolean asked = path != null && path.startsWith("/") && !path.endsWith("/");
        return asked && view(path) == View.HELPER ? HelperPath.of(path) : Optional.empty();
    }

    @Override
    protected WebResourceSet createMainResourceSet() {
        main = new ConfinedResourceSet(this, super.createMainResourceSet());
        return main;
    }

    @Override
    protected void stopInternal() throws LifecycleException {
        super.stopInternal();
        places = Places.NONE;
    }

    @Override
    public void addPreResources(WebResourceSet set) {
        super.addPreResources(forServer(set));
    }

    @Override
    public void addJarResources(WebResourceSet set) {
        super.addJarResources(forServer(set));
    }

    @Override
    public void addPostResources(WebResourceSet set) {
        super.addPostResources(forServer(set));
    }

    private WebResourceSet forServer(WebResourceSet set) {
        ServerOnlySet wrapped = set instanceof ServerOnlySet already ? already : new ServerOnlySet(this, set);
        if (getState().isAvailable()) {
            // Nobody else starts what comes so late.
            try {
                wrapped.start();
            } catch (LifecycleException failed) {
                throw new IllegalStateException(failed);
            }
        }
        return wrapped;
    }

    /** As {@link StandardRoot} does it, but for the wrapping of what it adds. */
    @Override
    public void createWebResourceSet(
            ResourceSetType type, String webAppMount, String base, String archivePath, String internalPath) {
        if (type == ResourceSetType.CLASSES_JAR) {
            super.createWebResourceSet(type, webAppMount, base, archivePath, internalPath);
            return;
        }
        WebResourceSet set = setFor(new File(base), webAppMount, archivePath, internalPath);
        switch (type) {
            case PRE -> addPreResources(set);
            case POST -> addPostResources(set);
            default -> {
                set.setStaticOnly(true);
                addJarResources(set);
            }
        }
    }

    private WebResourceSet setFor(File base, String mount, String archivePath, String internalPath) {
        String place = base.getPath();
        if (base.isDirectory()) {
            return new DirResourceSet(this, mount, place, internalPath);
        }
        if (!base.isFile()) {
            throw new IllegalArgumentException("[" + base + "] is neither a file nor a folder");
        }
        if (archivePath != null) {
            return new JarWarResourceSet(this, mount, place, archivePath, internalPath);
        }
        return place.toLowerCase(Locale.ROOT).endsWith(".jar")
                ? new JarResourceSet(this, mount, place, internalPath)
                : new FileResourceSet(this, mount, place, internalPath);
    }

    @Override
    protected WebResource getResource(String path, boolean validate, boolean useClassLoaderResources) {
        if (!isCachingAllowed()) {
            return super.getResource(path, validate, useClassLoaderResources);
        }
        // Whose it is, its name does not say before it is a plain one.
        String plain = validate ? normalized(path) : path;
        if (View.isServerOnly(plain)) {
            return super.getResource(plain, validate, useClassLoaderResources);
        }
        if (view(plain) == View.HELPER) {
            WebResource cached = super.getResource(plain, validate, useClassLoaderResources);
            boolean large = cached.isFile() && !fitsCache(cached.getContentLength());
            if (cached.exists() && cached.canRead() && !large) {
                return cached;
            }
            // What one person may not see must not be remembered for the next; and of what is too large to be kept, not
            // its length either, since another file may take its place.
            return getResourceInternal(cached.getWebappPath(), useClassLoaderResources);
        }
        // What the server reads must not be remembered for clients.
        return getResourceInternal(plain, useClassLoaderResources);
    }

    /** Whether the content of a file is kept in the cache along with what is told of it. */
    boolean keeps(Attributes file) {
        return isCachingAllowed() && file.kind() == Attributes.Kind.FILE && fitsCache(file.size());
    }

    private boolean fitsCache(long octets) {
        return octets <= getCacheObjectMaxSize() * 1024L;
    }

    @Override
    public WebResource[] getResources(String path) {
        return View.isServerOnly(normalized(path)) ? super.getResources(path) : new WebResource[] {getResource(path)};
    }

    @Override
    protected WebResource[] listResources(String path, boolean validate) {
        String plain = validate ? normalized(path) : path;
        return view(plain) == View.HELPER ? main.listResources(plain) : super.listResources(plain, validate);
    }

    /** As {@link StandardRoot} validates: absolute, and not above the root. */
    private static String normalized(String path) {
        String result = path != null && path.startsWith("/") ? RequestUtil.normalize(path, false) : null;
        if (result == null || !result.startsWith("/")) {
            throw new IllegalArgumentException("the path does not stay within the application");
        }
        return result;
    }
}
