// SPDX-License-Identifier: Apache-2.0
// What a program finds in its environment (RFC 3875, section 4.1).
package io.github.tomcatselinux.programs;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Built from nothing: what the server itself was started with is in it only where {@code passShellEnvironment} says so. */
final class CgiEnvironment {
    /**
     * HTTP_PROXY is where programs look for their own proxy: a client must not choose that. The others have variables
     * of their own (RFC 3875, section 4.1.18).
     */
    private static final Set<String> NEVER = Set.of("PROXY", "CONTENT-TYPE", "CONTENT-LENGTH");

    private final Map<String, byte[]> variables = new LinkedHashMap<>();

    private CgiEnvironment() {}

    /**
     * The variables for one request.
     *
     * @param own the part of {@code script.path()} that names the program
     * @param file the program
     * @param root the application's folder
     */
    static CgiEnvironment of(
            HttpServletRequest request, CgiParameters parameters, Script script, String own, String file, Path root) {
        CgiEnvironment environment = new CgiEnvironment();
        parameters.environment().forEach(environment::put);
        String pathInfo = script.path().substring(own.length());
        environment.put("SERVER_SOFTWARE", "TOMCAT");
        environment.put("SERVER_NAME", request.getServerName());
        environment.put("SERVER_PORT", String.valueOf(request.getServerPort()));
        environment.put("SERVER_PROTOCOL", request.getProtocol());
        environment.put("SERVER_ADDR", request.getLocalAddr());
        environment.put("GATEWAY_INTERFACE", "CGI/1.1");
        environment.put("REQUEST_METHOD", request.getMethod());
        environment.put("REQUEST_URI", uri(request));
        environment.put("REQUEST_SCHEME", request.getScheme());
        if (request.isSecure()) {
            environment.put("HTTPS", "on");
        }
        environment.put("SCRIPT_NAME", script.name(own));
        environment.put("SCRIPT_FILENAME", file);
        environment.put("X_TOMCAT_SCRIPT_PATH", file);
        environment.put("DOCUMENT_ROOT", root.toString());
        environment.put("PATH_INFO", pathInfo);
        if (!pathInfo.isEmpty()) {
            environment.put("PATH_TRANSLATED", root + pathInfo);
        }
        environment.put("QUERY_STRING", request.getQueryString());
        environment.put("REMOTE_ADDR", request.getRemoteAddr());
        environment.put("REMOTE_HOST", request.getRemoteHost());
        environment.put("REMOTE_PORT", String.valueOf(request.getRemotePort()));
        environment.put("REMOTE_USER", request.getRemoteUser());
        environment.put("REMOTE_IDENT", "");
        environment.put("AUTH_TYPE", request.getAuthType());
        environment.put("CONTENT_TYPE", request.getContentType());
        if (request.getHeader("Transfer-Encoding") == null) {
            environment.put(
                    "CONTENT_LENGTH", request.getContentLengthLong() > 0 ? "" + request.getContentLengthLong() : "");
        }
        // Without it php-cgi takes itself for called by hand, and answers nothing.
        environment.put("REDIRECT_STATUS", "200");
        environment.putHeaders(request, parameters);
        return environment;
    }

    /** As {@code NAME=value}. */
    List<byte[]> strings() {
        List<byte[]> strings = new ArrayList<>();
        variables.forEach((name, value) -> {
            byte[] start = (name + "=").getBytes(StandardCharsets.UTF_8);
            byte[] whole = Arrays.copyOf(start, start.length + value.length);
            System.arraycopy(value, 0, whole, start.length, value.length);
            strings.add(whole);
        });
        return strings;
    }

    /** What the client wrote, query and all, as programs know it from other servers. */
    private static String uri(HttpServletRequest request) {
        String query = request.getQueryString();
        return query == null ? request.getRequestURI() : request.getRequestURI() + "?" + query;
    }

    private void putHeaders(HttpServletRequest request, CgiParameters parameters) {
        for (String header : Collections.list(request.getHeaderNames())) {
            String name = header.toUpperCase(Locale.ENGLISH);
            boolean plain = name.matches("[A-Z0-9-]+");
            if (plain
                    && !NEVER.contains(name)
                    && parameters.headers().matcher(name).matches()) {
                String between = name.equals("COOKIE") ? "; " : ", ";
                String value = String.join(between, Collections.list(request.getHeaders(header)));
                // Tomcat took them for Latin-1, so these are the octets that the client sent.
                put("HTTP_" + name.replace('-', '_'), value, StandardCharsets.ISO_8859_1);
            }
        }
    }

    private void put(String name, String value) {
        put(name, value, StandardCharsets.UTF_8);
    }

    private void put(String name, String value, Charset charset) {
        variables.put(name, (value == null ? "" : value).getBytes(charset));
    }
}
