// SPDX-License-Identifier: Apache-2.0
// Spring Boot with Spring Security on its embedded Tomcat: who logs in there gets a context behind the filter.
package io.github.tomcatselinux.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tomcatselinux.threads.ConfinedThreads;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

class ApplicationTest {
    private static final String APPLICATION = "system_u:system_r:app_webapp_thread_t:s0-s0:c0.c9";
    private static final String ALICE = "system_u:system_r:app_webapp_thread_t:s0:c1";
    private static final String BOB = "system_u:system_r:app_webapp_thread_t:s0:c2";
    private static final String STAFF = "system_u:system_r:app_webapp_thread_t:s0:c3";
    private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"");

    @TempDir
    static Path folder;

    private static Issuer issuer;
    private static ServletWebServerApplicationContext application;

    /** What a test adds to the example: users, and a look at threads. */
    @Configuration
    @RestController
    static class Probe {
        @Bean
        UserDetailsService users() {
            return new InMemoryUserDetailsManager(user("alice"), user("bob"), user("carol", "staff"), user("eve"));
        }

        private static UserDetails user(String name, String... roles) {
            return User.withUsername(name)
                    .password("{noop}" + name)
                    .roles(roles)
                    .build();
        }

        /** Runs before Spring Security. */
        @Bean
        FilterRegistrationBean<HttpFilter> first() {
            FilterRegistrationBean<HttpFilter> filter = new FilterRegistrationBean<>(new HttpFilter() {
                private static final long serialVersionUID = 1L;

                @Override
                protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                        throws IOException, ServletException {
                    response.setHeader("X-Before", context());
                    chain.doFilter(request, response);
                }
            });
            filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
            return filter;
        }

        @GetMapping("/me")
        String me(Principal principal) {
            return principal.getName() + " "
                    + SecurityContextHolder.getContext().getAuthentication().getName() + " " + context();
        }

        private static String context() {
            return ConfinedThreads.currentContext().orElse("none");
        }
    }

    @BeforeAll
    static void start() throws Exception {
        issuer = new Issuer();
        Path map = Files.write(
                folder.resolve("map"),
                List.of(
                        "alice app_webapp_t:s0:c1",
                        "bob app_webapp_t:s0:c2",
                        "eve other_webapp_t:s0",
                        "@staff app_webapp_t:s0:c3",
                        "* app_webapp_t:s0-s0:c0.c9"));
        String client = "--spring.security.oauth2.client.";
        application = (ServletWebServerApplicationContext) new SpringApplication(Application.class, Probe.class)
                .run(
                        "--server.address=127.0.0.1",
                        "--server.port=0",
                        "--server.tomcat.basedir=" + folder.resolve("base"),
                        "--spring.main.banner-mode=off",
                        "--selinux.mappingFile=" + map,
                        "--selinux.onNoMatch=deny",
                        "--selinux.onNotEnforcing=ignore",
                        "--selinux.launcher="
                                + Path.of(System.getProperty("launcher.binary")).toRealPath(),
                        client + "registration.mock.client-id=example",
                        client + "registration.mock.client-secret=" + Issuer.SECRET,
                        client + "registration.mock.scope=openid",
                        client + "provider.mock.issuer-uri=" + issuer.uri(),
                        client + "provider.mock.user-name-attribute=preferred_username");
    }

    @AfterAll
    static void stop() {
        application.close();
        issuer.close();
    }

    private static HttpClient browser() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .cookieHandler(new CookieManager())
                .followRedirects(HttpClient.Redirect.ALWAYS)
                .build();
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + application.getWebServer().getPort() + path));
    }

    private static HttpResponse<String> send(HttpClient browser, HttpRequest.Builder request) throws Exception {
        return browser.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> logIn(HttpClient browser, String name) throws Exception {
        Matcher token = TOKEN.matcher(send(browser, request("/login")).body());
        assertTrue(token.find());
        String form = "username=" + name + "&password=" + name + "&_csrf="
                + URLEncoder.encode(token.group(1), StandardCharsets.UTF_8);
        return send(
                browser,
                request("/login?continue")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form)));
    }

    @Test
    void servesWhomAFormHasLoggedInInContextsOfTheirOwn() throws Exception {
        HttpClient alice = browser();
        HttpClient bob = browser();
        logIn(alice, "alice");
        logIn(bob, "bob");
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> answer = send(alice, request("/me"));
            assertEquals("alice alice " + ALICE, answer.body());
            assertEquals(APPLICATION, answer.headers().firstValue("X-Before").orElseThrow());
            assertEquals("bob bob " + BOB, send(bob, request("/me")).body());
        }
    }

    @Test
    void servesWhomAProviderHasLoggedInInContextsOfTheirOwn() throws Exception {
        HttpClient alice = browser();
        HttpClient bob = browser();
        issuer.logIn("alice");
        send(alice, request("/oauth2/authorization/mock"));
        issuer.logIn("bob");
        send(bob, request("/oauth2/authorization/mock"));
        assertEquals("alice alice " + ALICE, send(alice, request("/me")).body());
        assertEquals("bob bob " + BOB, send(bob, request("/me")).body());
    }

    @Test
    void takesTheRolesOfSpringSecurity() throws Exception {
        HttpClient carol = browser();
        logIn(carol, "carol");
        assertEquals("carol carol " + STAFF, send(carol, request("/me")).body());
    }

    @Test
    void refusesWhomTheBoundDoesNotHold() throws Exception {
        HttpClient eve = browser();
        logIn(eve, "eve");
        assertEquals(403, send(eve, request("/me")).statusCode());
    }

    @Test
    void leavesAStrangerToTheLogin() throws Exception {
        HttpResponse<String> answer = send(browser(), request("/me"));
        assertTrue(answer.uri().getPath().equals("/login"), answer.uri().toString());
        assertEquals(200, answer.statusCode());
        assertNotEquals("", answer.body());
    }
}
