// SPDX-License-Identifier: Apache-2.0
// The init parameters of Tomcat's CGIServlet.
package io.github.tomcatselinux.programs;

import jakarta.servlet.ServletConfig;
import jakarta.servlet.ServletException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.tomcat.util.res.StringManager;

/**
 * With the meaning that they have there ({@code docs/cgi-howto.xml} of Tomcat).
 *
 * @param prefix folder of the programs within the application, without slashes around it; empty for the servlet's path
 * @param executable what runs the programs; empty if they run by themselves
 * @param executableArguments what it is given before the program's name
 * @param methods the methods that programs are run for; empty for all
 * @param environment variables for every program
 * @param headers which request headers become variables, by their name in upper case
 * @param commandLine whether a query without {@code =} becomes arguments
 * @param encodedArguments what such an argument must look like before it is decoded; empty for anything
 * @param decodedArguments what it must look like afterwards; empty for anything
 * @param encoding for that decoding
 * @param afterOutput how long a program may go on when its output has ended; empty for as long as any program
 */
record CgiParameters(
        String prefix,
        String executable,
        List<String> executableArguments,
        Set<String> methods,
        Map<String, String> environment,
        Pattern headers,
        boolean commandLine,
        Optional<Pattern> encodedArguments,
        Optional<Pattern> decodedArguments,
        String encoding,
        Optional<Duration> afterOutput) {
    private static final StringManager SM = StringManager.getManager(CgiParameters.class);

    private static final String VARIABLE = "environment-variable-";
    private static final String HEADERS = "ACCEPT[-0-9A-Z]*|CACHE-CONTROL|COOKIE|HOST|IF-[-0-9A-Z]*|REFERER|USER-AGENT";

    /** RFC 3875, section 4.4: what a search word can hold. */
    private static final String ENCODED = "[\\w\\Q-.!~*'()\\E:@&=+$,%]+";

    /** Reads them; what cannot be read stops the servlet. */
    static CgiParameters of(ServletConfig config) throws ServletException {
        Map<String, String> environment = new LinkedHashMap<>();
        if (Boolean.parseBoolean(config.getInitParameter("passShellEnvironment"))) {
            environment.putAll(System.getenv());
        }
        for (String name : Collections.list(config.getInitParameterNames())) {
            if (name.startsWith(VARIABLE)) {
                environment.put(name.substring(VARIABLE.length()), config.getInitParameter(name));
            }
        }
        String executable = config.getInitParameter("executable");
        List<String> arguments = new ArrayList<>();
        for (int i = 1; config.getInitParameter("executable-arg-" + i) != null; i++) {
            arguments.add(config.getInitParameter("executable-arg-" + i));
        }
        return new CgiParameters(
                trimmed(config.getInitParameter("cgiPathPrefix")),
                executable == null ? "perl" : executable,
                List.copyOf(arguments),
                methods(config.getInitParameter("cgiMethods")),
                Collections.unmodifiableMap(environment),
                pattern(config, "envHttpHeaders", HEADERS).orElseThrow(),
                Boolean.parseBoolean(config.getInitParameter("enableCmdLineArguments")),
                pattern(config, "cmdLineArgumentsEncoded", ENCODED),
                pattern(config, "cmdLineArgumentsDecoded", ""),
                Optional.ofNullable(config.getInitParameter("parameterEncoding"))
                        .orElse(System.getProperty("file.encoding", "UTF-8")),
                milliseconds(config, "stderrTimeout"));
    }

    private static Optional<Duration> milliseconds(ServletConfig config, String name) throws ServletException {
        String given = config.getInitParameter(name);
        if (given == null) {
            return Optional.empty();
        }
        if (!given.matches("[0-9]{1,9}")) {
            throw new ServletException(SM.getString("cgi.milliseconds", name, given));
        }
        return Optional.of(Duration.ofMillis(Integer.parseInt(given)));
    }

    private static String trimmed(String folder) {
        return folder == null ? "" : folder.replaceAll("^/+|/+$", "");
    }

    private static Set<String> methods(String listed) {
        if ("*".equals(listed)) {
            return Set.of();
        }
        Set<String> methods = new TreeSet<>();
        for (String method : (listed == null ? "GET,POST" : listed).split(",", -1)) {
            methods.add(method.strip());
        }
        return methods;
    }

    private static Optional<Pattern> pattern(ServletConfig config, String name, String preset) throws ServletException {
        String given = Optional.ofNullable(config.getInitParameter(name)).orElse(preset);
        if (given.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Pattern.compile(given));
        } catch (PatternSyntaxException wrong) {
            throw new ServletException(SM.getString("cgi.pattern", name, given, wrong.getMessage()), wrong);
        }
    }
}
