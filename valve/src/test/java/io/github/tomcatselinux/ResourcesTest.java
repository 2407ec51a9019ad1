// SPDX-License-Identifier: Apache-2.0
// Applications whose files come from more than one place.
package io.github.tomcatselinux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.apache.catalina.Context;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.WebResourceRoot.ResourceSetType;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.webresources.AbstractResourceSet;
import org.apache.catalina.webresources.DirResourceSet;
import org.apache.catalina.webresources.FileResourceSet;
import org.apache.catalina.webresources.JarResourceSet;
import org.apache.catalina.webresources.StandardRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResourcesTest {
    private static final List<String> PATHS = List.of(
            "/",
            "/both.txt",
            "/main.txt",
            "/pre.txt",
            "/post.txt",
            "/jar.txt",
            "/packed/deep.txt",
            "/packed",
            "/a",
            "/a/",
            "/a/b",
            "/a/b/post.txt",
            "/a/bc",
            "/one.txt",
            "/absent",
            "/shared/",
            "/shared/main.txt",
            "/shared/pre.txt");

    @TempDir
    Path folder;

    private Path write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private Path jar(String name, String... entries) throws IOException {
        Path jar = folder.resolve(name);
        Files.createDirectories(jar.getParent());
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            for (String entry : entries) {
                out.putNextEntry(new JarEntry(entry));
                out.write(("in the jar: " + entry).getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar;
    }

    private static <T extends AbstractResourceSet> T set(T set, Path base, String mount) {
        set.setBase(base.toString());
        set.setWebAppMount(mount);
        return set;
    }

    /** As an administrator would write it into a Resources element. */
    private StandardRoot several(Context context) {
        StandardRoot root = new StandardRoot(context);
        root.addPreResources(set(new DirResourceSet(), folder.resolve("pre"), "/"));
        root.addPreResources(set(new FileResourceSet(), folder.resolve("single/one.txt"), "/one.txt"));
        root.addJarResources(set(new JarResourceSet(), folder.resolve("x.jar"), "/"));
        root.addPostResources(set(new DirResourceSet(), folder.resolve("post"), "/"));
        root.addPostResources(set(new DirResourceSet(), folder.resolve("post"), "/a/b"));
        root.setCachingAllowed(false);
        return root;
    }

    private TestServer server() throws Exception {
        write("pre/both.txt", "pre");
        write("pre/pre.txt", "pre");
        write("pre/shared/pre.txt", "pre");
        write("post/both.txt", "post");
        write("post/jar.txt", "post, which the jar hides");
        write("post/post.txt", "post");
        write("single/one.txt", "one");
        jar("x.jar", "jar.txt", "packed/", "packed/deep.txt", "main.txt");
        return new TestServer(folder)
                .document("both.txt", "main")
                .document("main.txt", "main")
                .document("shared/main.txt", "main");
    }

    @Test
    void looksIntoAllPlacesInTomcatsOrder() throws Exception {
        try (TestServer server = server()) {
            server.context.setResources(several(server.context));
            ResourceFacts ours = ResourceFacts.ofRequests(server.onHost(Map.of()), PATHS, resource -> {});
            server.start();
            assertEquals(204, server.get("/").statusCode());
            StandardRoot plain = several(server.context);
            plain.start();
            for (String path : PATHS) {
                assertEquals(ResourceFacts.facts(plain, path), ours.of(path), path);
            }
            plain.stop();
        }
    }

    @Test
    void servesThemAndListsThem() throws Exception {
        try (TestServer server = server()) {
            server.context.setResources(several(server.context));
            server.onHost(Map.of()).start();
            assertEquals("pre", server.get("/both.txt").body());
            assertEquals("main", server.get("/main.txt").body());
            assertEquals("one", server.get("/one.txt").body());
            assertEquals("post", server.get("/a/b/post.txt").body());
            assertEquals(
                    "in the jar: packed/deep.txt",
                    server.get("/packed/deep.txt").body());
            String listing = server.get("/").body();
            for (String name :
                    List.of("both.txt", "main.txt", "pre.txt", "post.txt", "jar.txt", "packed/", "shared/")) {
                assertTrue(listing.contains(name), name);
            }
        }
    }

    @Test
    void servesThemStillWhenTheApplicationIsReloaded() throws Exception {
        try (TestServer server = server()) {
            server.onHost(Map.of());
            Context context = server.tomcat.addWebapp("/app", server.documents.toString());
            context.setResources(several(context));
            server.start();
            for (int i = 0; i < 2; i++) {
                assertEquals("pre", server.get("/app/both.txt").body());
                assertEquals("post", server.get("/app/a/b/post.txt").body());
                context.reload();
            }
        }
    }

    @Test
    void replacesNothingThatOnePlaceDenies() throws Exception {
        try (TestServer server = server()) {
            server.context.setResources(several(server.context));
            TestServer.forbid(folder.resolve("pre/both.txt"));
            server.onHost(Map.of()).start();
            assertEquals(403, server.get("/both.txt").statusCode());
        }
    }

    @Test
    void servesWhatIsInAJarOnlyToWhomMayOpenTheJar() throws Exception {
        try (TestServer server = server()) {
            server.context.setResources(several(server.context));
            server.onHost(Map.of()).start();
            assertEquals(200, server.get("/jar.txt").statusCode());
            TestServer.forbid(folder.resolve("x.jar"));
            HttpResponse<String> denied = server.get("/jar.txt");
            assertEquals(403, denied.statusCode());
            assertFalse(denied.body().contains("in the jar"));
            assertFalse(server.get("/").body().contains("packed"));
            assertEquals(200, server.get("/main.txt").statusCode());
        }
    }

    @Test
    void servesAPackedApplicationOnlyToWhomMayOpenIt() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Path war = jar("app.war", "hello.txt", "sub/", "sub/index.html", "WEB-INF/", "WEB-INF/secret.txt");
            server.context.setDocBase(war.toString());
            server.onHost(Map.of()).start();
            assertEquals("in the jar: hello.txt", server.get("/hello.txt").body());
            assertEquals("in the jar: sub/index.html", server.get("/sub/").body());
            assertEquals(404, server.get("/absent.txt").statusCode());
            assertEquals(404, server.get("/WEB-INF/secret.txt").statusCode());
            TestServer.forbid(war);
            assertEquals(403, server.get("/hello.txt").statusCode());
        }
    }

    @Test
    void servesTheResourcesOfJarsPackedAndUnpacked() throws Exception {
        try (TestServer server = new TestServer(folder)) {
            Path app = folder.resolve("app");
            write("app/WEB-INF/classes/META-INF/resources/unpacked.txt", "unpacked");
            jar("app/WEB-INF/lib/x.jar", "META-INF/resources/", "META-INF/resources/inside.txt");
            write("unpacked.jar/elsewhere.txt", "elsewhere");
            server.onHost(Map.of());
            Context context = server.tomcat.addWebapp("/app", app.toString());
            ((org.apache.catalina.core.StandardContext) context).setAddWebinfClassesResources(true);
            context.addLifecycleListener(event -> {
                if (event.getType().equals(Lifecycle.CONFIGURE_START_EVENT)) {
                    context.getResources()
                            .createWebResourceSet(
                                    ResourceSetType.RESOURCE_JAR,
                                    "/",
                                    folder.resolve("unpacked.jar").toString(),
                                    null,
                                    "/");
                }
            });
            server.start();
            assertEquals("unpacked", server.get("/app/unpacked.txt").body());
            assertEquals("elsewhere", server.get("/app/elsewhere.txt").body());
            assertEquals(
                    "in the jar: META-INF/resources/inside.txt",
                    server.get("/app/inside.txt").body());
        }
    }

    @Test
    void servesSeveralApplicationsAndVersionsSideBySide() throws Exception {
        try (TestServer server = server()) {
            server.onHost(Map.of());
            for (String version : new String[] {"1", "2"}) {
                Path files =
                        write("version" + version + "/version.txt", version).getParent();
                Context context =
                        server.tomcat.addContext(server.tomcat.getHost(), "/app", "/app##" + version, files.toString());
                context.setWebappVersion(version);
                Tomcat.addServlet(context, "default", "org.apache.catalina.servlets.DefaultServlet");
                context.addServletMappingDecoded("/", "default");
            }
            server.application("/other");
            server.start();
            assertEquals("2", server.get("/app/version.txt").body());
            assertEquals("there", server.get("/other/there.txt").body());
            assertEquals("main", server.get("/main.txt").body());
            server.tomcat.getHost().removeChild(server.tomcat.getHost().findChild("/app##2"));
            assertEquals("1", server.get("/app/version.txt").body());
        }
    }

    @Test
    void keepsWhatTheAdministratorSet() throws Exception {
        try (TestServer server = server()) {
            StandardRoot root = new StandardRoot(server.context);
            root.setReadOnly(true);
            root.setCacheTtl(1234);
            root.setCacheMaxSize(2048);
            root.setCacheObjectMaxSize(99);
            root.setCachingAllowed(false);
            server.context.setResources(root);
            server.onHost(Map.of("allowCaches", "true")).start();
            assertTrue(server.context.getResources().isReadOnly());
            assertEquals(1234, server.context.getResources().getCacheTtl());
            assertEquals(2048, server.context.getResources().getCacheMaxSize());
            assertEquals(99, server.context.getResources().getCacheObjectMaxSize());
            assertFalse(server.context.getResources().isCachingAllowed());
        }
    }
}
