// SPDX-License-Identifier: Apache-2.0
// The valve's attributes, checked.
package io.github.tomcatselinux;

import io.github.tomcatselinux.floods.Floods;
import io.github.tomcatselinux.launcher.ConfineRequest.Ceilings;
import io.github.tomcatselinux.launcher.ConfineRequest.Identity;
import io.github.tomcatselinux.launcher.Overwrite;
import io.github.tomcatselinux.mapping.AllowedContexts;
import io.github.tomcatselinux.mapping.ContextException;
import io.github.tomcatselinux.mapping.ContextTemplate;
import io.github.tomcatselinux.threads.ConfinedThreads;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.tomcat.util.res.StringManager;

/**
 * What the administrator asked for. Tomcat itself only warns about a bad attribute and runs on, so the valve keeps them
 * raw and they are checked here, all at once, before an application starts.
 *
 * @param catalinaBase what relative file names are relative to
 * @param mappingFile the rules, as the attribute names them
 * @param defaultContext for requests that no rule matched
 * @param allowCaches whether answers may come from a cache without asking the kernel
 * @param allowKeepAlive whether a connection may carry more than one request
 * @param keepHelpers whether a helper may stay for later requests of such a connection
 * @param deniedStatus what a client is told of a file that it may not read: 403, or 404 as if there were none
 * @param overwrite what an upload does to a file that is there already
 * @param enforce whether requests are confined at all
 * @param onNoMatch what happens where neither a rule nor the default applies
 * @param onNotEnforcing what happens where SELinux does not confine
 * @param launcher where helpers come from
 * @param limits how many helpers at a time, and for how long
 * @param identity as whom, to Unix, helpers work
 * @param ceilings how much of the machine each may use
 * @param programs whether and how programs are run
 * @param threads whether and how servlets are confined
 * @param outside which contexts may come from elsewhere than the rules
 * @param floods how much may be refused to a client
 * @param preflightLimit how many contexts are tried for real before the first request
 */
record Configuration(
        Path catalinaBase,
        Optional<Path> mappingFile,
        Optional<ContextTemplate> defaultContext,
        boolean allowCaches,
        boolean allowKeepAlive,
        boolean keepHelpers,
        int deniedStatus,
        Overwrite overwrite,
        Enforce enforce,
        OnNoMatch onNoMatch,
        OnNotEnforcing onNotEnforcing,
        LauncherChoice launcher,
        Limits limits,
        Identity identity,
        Ceilings ceilings,
        ProgramSettings programs,
        ThreadSettings threads,
        OutsideSettings outside,
        Floods.Limits floods,
        int preflightLimit) {

    /** The value of {@code enforcement}. */
    enum Enforce {
        ON,
        REPORT
    }

    /** The value of {@code onNoMatch}. */
    enum OnNoMatch {
        UNCHANGED,
        DENY
    }

    /** The value of {@code onNotEnforcing}. */
    enum OnNotEnforcing {
        FAIL,
        IGNORE
    }

    /** The value of {@code launcher}. */
    sealed interface LauncherChoice {
        /** A program to be run as a child of this JVM. */
        record Child(Path binary) implements LauncherChoice {
            @Override
            public String toString() {
                return binary.toString();
            }
        }

        /** The socket of a launcher that the system runs. */
        record Service(Path socket) implements LauncherChoice {
            @Override
            public String toString() {
                return UNIX + socket;
            }
        }
    }

    private static final StringManager SM = StringManager.getManager(Configuration.class);

    static final String MAPPING_FILE = "mappingFile";
    static final String DEFAULT_CONTEXT = "defaultContext";
    static final String ALLOW_CACHES = "allowCaches";
    static final String ALLOW_KEEP_ALIVE = "allowKeepAlive";
    static final String KEEP_HELPERS = "keepHelpers";
    static final String DENIED_STATUS = "deniedStatus";
    static final String OVERWRITE = "overwrite";
    static final String ENFORCEMENT = "enforcement";
    static final String REPORT = "report";
    static final String ON_NO_MATCH = "onNoMatch";
    static final String ON_NOT_ENFORCING = "onNotEnforcing";
    static final String LAUNCHER = "launcher";
    static final String MAX_HELPERS = "maxHelpers";
    static final String MAX_PER_CONTEXT = "maxPerContext";
    static final String MAX_QUEUE = "maxQueue";
    static final String REQUEST_TIMEOUT = "requestTimeout";
    static final String MAX_REQUEST_TIME = "maxRequestTime";
    static final String PROGRAMS = "programs";
    static final String PROGRAM_LAUNCHER = "programLauncher";
    static final String MAX_PROGRAM_TIME = "maxProgramTime";
    static final String SERVLETS = "servlets";
    static final String THREADS = "threads";
    static final String MAX_THREADS = "maxThreads";
    static final String MAX_THREADS_PER_CONTEXT = "maxThreadsPerContext";
    static final String MAX_THREAD_REQUESTS = "maxThreadRequests";
    static final String THREAD_IDLE_TIME = "threadIdleTime";
    static final String ALLOW_ASYNC = "allowAsync";
    static final String ALLOWED_CONTEXTS = "allowedContexts";
    static final String CONTEXT_ATTRIBUTE = "contextAttribute";
    static final String MAX_REFUSALS = "maxRefusals";
    static final String MAX_REFUSALS_LOGGED = "maxRefusalsLogged";
    static final String REFUSAL_INTERVAL = "refusalInterval";
    static final String PREFLIGHT_LIMIT = "preflightLimit";

    private static final List<String> OWN = List.of(
            MAPPING_FILE,
            DEFAULT_CONTEXT,
            ALLOW_CACHES,
            ALLOW_KEEP_ALIVE,
            KEEP_HELPERS,
            DENIED_STATUS,
            OVERWRITE,
            ENFORCEMENT,
            ON_NO_MATCH,
            ON_NOT_ENFORCING,
            LAUNCHER,
            MAX_HELPERS,
            MAX_PER_CONTEXT,
            MAX_QUEUE,
            REQUEST_TIMEOUT,
            MAX_REQUEST_TIME,
            PROGRAMS,
            PROGRAM_LAUNCHER,
            MAX_PROGRAM_TIME,
            SERVLETS,
            THREADS,
            MAX_THREADS,
            MAX_THREADS_PER_CONTEXT,
            MAX_THREAD_REQUESTS,
            THREAD_IDLE_TIME,
            ALLOW_ASYNC,
            ALLOWED_CONTEXTS,
            CONTEXT_ATTRIBUTE,
            MAX_REFUSALS,
            MAX_REFUSALS_LOGGED,
            REFUSAL_INTERVAL,
            PREFLIGHT_LIMIT);

    private static final List<String> KNOWN =
            Stream.concat(OWN.stream(), HelperAttributes.KNOWN.stream()).toList();

    /** The launcher's own ceiling is 4,096 helpers; times are 32 bits of milliseconds on the wire. */
    private static final int MOST_HELPERS = 4_000;

    private static final int MOST_THREADS = 100_000;

    private static final int MOST_CONTEXTS = 1_000_000;

    private static final int LONGEST_SECONDS = 2_000_000;

    private static final String UNIX = "unix:";
    private static final Path PACKAGED_BINARY = Path.of("/usr/libexec/tomcat-selinux/launcher");
    private static final Path PACKAGED_SOCKET = Path.of("/run/tomcat-selinux/launcher.sock");
    private static final Path PACKAGED_PROGRAM_SOCKET = Path.of("/run/tomcat-selinux/programs.sock");
    private static final List<Path> PACKAGED_UNITS = units("tomcat-selinux-launcher.socket");
    private static final List<Path> PACKAGED_PROGRAM_UNITS = units("tomcat-selinux-programs.socket");

    /**
     * Checks raw attributes.
     *
     * @param catalinaBase what relative file names are relative to
     * @throws ConfigurationException naming every attribute that is wrong
     */
    static Configuration of(Map<String, String> attributes, Path catalinaBase) throws ConfigurationException {
        Reader reader = new Reader(attributes);
        HelperAttributes helper = new HelperAttributes(attributes, reader.errors);
        Configuration configuration = new Configuration(
                catalinaBase,
                reader.path(MAPPING_FILE),
                reader.context(),
                reader.choice(ALLOW_CACHES, Boolean.FALSE, Boolean.FALSE, Boolean.TRUE),
                reader.choice(ALLOW_KEEP_ALIVE, Boolean.FALSE, Boolean.FALSE, Boolean.TRUE),
                reader.choice(KEEP_HELPERS, Boolean.TRUE, Boolean.FALSE, Boolean.TRUE),
                reader.choice(
                        DENIED_STATUS,
                        HttpServletResponse.SC_FORBIDDEN,
                        HttpServletResponse.SC_FORBIDDEN,
                        HttpServletResponse.SC_NOT_FOUND),
                reader.choice(OVERWRITE, Overwrite.SAME_LABEL, Overwrite.SAME_LABEL, Overwrite.IN_PLACE),
                reader.choice(ENFORCEMENT, Enforce.ON, Enforce.values()),
                reader.choice(ON_NO_MATCH, OnNoMatch.UNCHANGED, OnNoMatch.values()),
                reader.choice(ON_NOT_ENFORCING, OnNotEnforcing.FAIL, OnNotEnforcing.values()),
                reader.launcher(LAUNCHER, PACKAGED_SOCKET, PACKAGED_UNITS),
                reader.limits(),
                helper.identity(),
                helper.ceilings(),
                reader.programs(helper.maxOutput()),
                reader.threads(),
                reader.outside(),
                reader.floods(),
                reader.number(PREFLIGHT_LIMIT, 1_000, 0, MOST_CONTEXTS));
        if (configuration.launcher instanceof LauncherChoice.Child && !configuration.identity.equals(Identity.OWN)) {
            reader.errors.add(SM.getString("configuration.child", configuration.launcher));
        }
        if (!attributes.containsKey(MAPPING_FILE) && !attributes.containsKey(DEFAULT_CONTEXT)) {
            reader.errors.add(SM.getString("configuration.nothing"));
        }
        if (!reader.errors.isEmpty()) {
            throw new ConfigurationException(String.join("; ", reader.errors));
        }
        return configuration;
    }

    /** Whether a client must not learn that there is a file which it may not read. */
    boolean hidesDenied() {
        return deniedStatus == HttpServletResponse.SC_NOT_FOUND;
    }

    /** The whole effective configuration in one line, for the log. */
    String summary() {
        return String.join(" ", settings());
    }

    /** Every attribute as it is in force, {@code name=[value]}. */
    List<String> settings() {
        return List.of(
                shown(MAPPING_FILE, mappingFile.map(Path::toString).orElse("")),
                shown(
                        DEFAULT_CONTEXT,
                        defaultContext.map(ContextTemplate::toString).orElse("")),
                shown(ALLOW_CACHES, allowCaches),
                shown(ALLOW_KEEP_ALIVE, allowKeepAlive),
                shown(KEEP_HELPERS, keepHelpers),
                shown(DENIED_STATUS, deniedStatus),
                shown(OVERWRITE, lower(overwrite)),
                shown(ENFORCEMENT, lower(enforce)),
                shown(ON_NO_MATCH, lower(onNoMatch)),
                shown(ON_NOT_ENFORCING, lower(onNotEnforcing)),
                shown(LAUNCHER, launcher),
                shown(MAX_HELPERS, limits.maxHelpers()),
                shown(MAX_PER_CONTEXT, limits.maxPerContext()),
                shown(MAX_QUEUE, limits.maxQueue()),
                shown(REQUEST_TIMEOUT, limits.requestTimeout().toSeconds()),
                shown(MAX_REQUEST_TIME, limits.maxRequestTime().toSeconds()),
                shown(HelperAttributes.USER, identity.user()),
                shown(HelperAttributes.GROUP, identity.group()),
                shown(HelperAttributes.CAPABILITIES, String.join(",", identity.capabilities())),
                shown(HelperAttributes.MAX_MEMORY, ceilings.memory()),
                shown(HelperAttributes.MAX_CPU_TIME, ceilings.cpuSeconds()),
                shown(HelperAttributes.MAX_FILE_SIZE, ceilings.fileSize()),
                shown(HelperAttributes.MAX_OPEN_FILES, ceilings.openFiles()),
                shown(PROGRAMS, lower(programs.mode())),
                shown(PROGRAM_LAUNCHER, programs.launcher()),
                shown(MAX_PROGRAM_TIME, programs.maxTime().toSeconds()),
                shown(HelperAttributes.MAX_PROCESSES, ceilings.processes()),
                shown(HelperAttributes.MAX_OUTPUT, programs.maxOutput()),
                shown(SERVLETS, lower(threads.servlets())),
                shown(
                        THREADS,
                        lower(
                                threads.life().requests() == 1
                                        ? ThreadSettings.Threads.ONE_TIME
                                        : ThreadSettings.Threads.PER_CONTEXT)),
                shown(MAX_THREADS, threads.most()),
                shown(MAX_THREADS_PER_CONTEXT, threads.mostPerContext()),
                shown(MAX_THREAD_REQUESTS, threads.life().requests()),
                shown(THREAD_IDLE_TIME, threads.life().idle().toSeconds()),
                shown(ALLOW_ASYNC, threads.allowAsync()),
                shown(ALLOWED_CONTEXTS, outside.allowed()),
                shown(CONTEXT_ATTRIBUTE, outside.attribute().orElse("")),
                shown(MAX_REFUSALS, floods.refused()),
                shown(MAX_REFUSALS_LOGGED, floods.told()),
                shown(REFUSAL_INTERVAL, floods.interval().toSeconds()),
                shown(PREFLIGHT_LIMIT, preflightLimit));
    }

    private static List<Path> units(String name) {
        return Stream.of("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
                .map(folder -> Path.of(folder, name))
                .toList();
    }

    private static String shown(String name, Object value) {
        return name + "=[" + value + "]";
    }

    private static String lower(Object value) {
        return value.toString().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Takes the attributes one by one and gathers what is wrong with them. */
    private static final class Reader {
        private final Map<String, String> attributes;
        private final List<String> errors = new ArrayList<>();

        Reader(Map<String, String> attributes) {
            this.attributes = attributes;
            for (String name : attributes.keySet()) {
                if (!KNOWN.contains(name)) {
                    errors.add(SM.getString("configuration.unknown", name, String.join(", ", KNOWN)));
                }
            }
        }

        private Optional<String> value(String name) {
            return Optional.ofNullable(attributes.get(name));
        }

        @SafeVarargs
        final <T> T choice(String name, T preset, T... choices) {
            Optional<String> value = value(name);
            if (value.isEmpty()) {
                return preset;
            }
            List<String> words = new ArrayList<>();
            for (T choice : choices) {
                if (lower(choice).equals(value.get())) {
                    return choice;
                }
                words.add(lower(choice));
            }
            errors.add(SM.getString("configuration.choice", name, value.get(), String.join(" / ", words)));
            return preset;
        }

        Optional<Path> path(String name) {
            return value(name).flatMap(text -> toPath(name, text));
        }

        Optional<ContextTemplate> context() {
            Optional<String> value = value(DEFAULT_CONTEXT);
            if (value.isPresent()) {
                try {
                    return Optional.of(ContextTemplate.parse(value.get()));
                } catch (ContextException wrong) {
                    errors.add(SM.getString("configuration.context", DEFAULT_CONTEXT, value.get(), wrong.getMessage()));
                }
            }
            return Optional.empty();
        }

        LauncherChoice launcher(String name, Path packagedSocket, List<Path> packagedUnits) {
            String value = value(name).orElse("auto");
            if (value.equals("auto")) {
                return isServiceInstalled(name, packagedUnits)
                        ? new LauncherChoice.Service(packagedSocket)
                        : new LauncherChoice.Child(PACKAGED_BINARY);
            }
            boolean service = value.startsWith(UNIX);
            Optional<Path> path = toPath(name, service ? value.substring(UNIX.length()) : value);
            if (path.isPresent() && !path.get().isAbsolute()) {
                errors.add(SM.getString("configuration.launcher", name, value));
            }
            Path place = path.orElse(PACKAGED_BINARY);
            return service ? new LauncherChoice.Service(place) : new LauncherChoice.Child(place);
        }

        Limits limits() {
            return new Limits(
                    number(MAX_HELPERS, 150, 1, MOST_HELPERS),
                    number(MAX_PER_CONTEXT, 50, 1, MOST_HELPERS),
                    number(MAX_QUEUE, 100, 0, 100_000),
                    Duration.ofSeconds(number(REQUEST_TIMEOUT, 60, 1, LONGEST_SECONDS)),
                    Duration.ofSeconds(number(MAX_REQUEST_TIME, 0, 0, LONGEST_SECONDS)));
        }

        /** Whoever names a program for the one launcher means it for the other, too. */
        ProgramSettings programs(long maxOutput) {
            LauncherChoice own = value(PROGRAM_LAUNCHER).isEmpty()
                            && value(LAUNCHER).orElse("").startsWith("/")
                    ? launcher(LAUNCHER, PACKAGED_SOCKET, PACKAGED_UNITS)
                    : launcher(PROGRAM_LAUNCHER, PACKAGED_PROGRAM_SOCKET, PACKAGED_PROGRAM_UNITS);
            return new ProgramSettings(
                    choice(PROGRAMS, ProgramSettings.Mode.ON, ProgramSettings.Mode.values()),
                    own,
                    Duration.ofSeconds(number(MAX_PROGRAM_TIME, 300, 0, LONGEST_SECONDS)),
                    maxOutput);
        }

        ThreadSettings threads() {
            ThreadSettings.Threads kind =
                    choice(THREADS, ThreadSettings.Threads.PER_CONTEXT, ThreadSettings.Threads.values());
            int requests = number(MAX_THREAD_REQUESTS, 1_000, 1, Integer.MAX_VALUE);
            return new ThreadSettings(
                    choice(SERVLETS, ThreadSettings.Servlets.THREAD, ThreadSettings.Servlets.values()),
                    new ConfinedThreads.Settings(
                            kind == ThreadSettings.Threads.ONE_TIME ? 1 : requests,
                            Duration.ofSeconds(number(THREAD_IDLE_TIME, 60, 1, LONGEST_SECONDS))),
                    number(MAX_THREADS, 200, 1, MOST_THREADS),
                    number(MAX_THREADS_PER_CONTEXT, 75, 1, MOST_THREADS),
                    choice(ALLOW_ASYNC, Boolean.FALSE, Boolean.FALSE, Boolean.TRUE));
        }

        Floods.Limits floods() {
            return new Floods.Limits(
                    number(MAX_REFUSALS_LOGGED, 20, 1, 1_000_000),
                    number(MAX_REFUSALS, 120, 0, 1_000_000),
                    Duration.ofSeconds(number(REFUSAL_INTERVAL, 60, 1, 3_600)));
        }

        OutsideSettings outside() {
            AllowedContexts allowed = new AllowedContexts(List.of());
            Optional<String> value = value(ALLOWED_CONTEXTS);
            if (value.isPresent()) {
                try {
                    allowed = AllowedContexts.parse(value.get());
                } catch (ContextException wrong) {
                    errors.add(SM.getString("configuration.allowed", wrong.column(), value.get(), wrong.getMessage()));
                }
            }
            Optional<String> attribute = value(CONTEXT_ATTRIBUTE);
            if (attribute.isPresent() && !ContextAttribute.isFree(attribute.get())) {
                errors.add(SM.getString("configuration.contextAttribute", attribute.get()));
            }
            return new OutsideSettings(allowed, attribute);
        }

        private int number(String name, int preset, int least, int most) {
            Optional<String> value = value(name);
            if (value.isEmpty()) {
                return preset;
            }
            try {
                int number = Integer.parseInt(value.get());
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException noNumber) {
                // Reported below, together with numbers out of range.
            }
            errors.add(SM.getString(
                    "configuration.number", name, value.get(), String.valueOf(least), String.valueOf(most)));
            return preset;
        }

        /** An installed service is used or it is a failure; so is not to know whether there is one. */
        private boolean isServiceInstalled(String name, List<Path> packagedUnits) {
            for (Path unit : packagedUnits) {
                if (Files.exists(unit)) {
                    return true;
                }
                if (!Files.notExists(unit)) {
                    errors.add(SM.getString("configuration.unit", name, unit));
                }
            }
            return false;
        }

        private Optional<Path> toPath(String name, String text) {
            if (text.isEmpty()) {
                errors.add(SM.getString("configuration.empty", name));
                return Optional.empty();
            }
            try {
                return Optional.of(Path.of(text));
            } catch (InvalidPathException wrong) {
                errors.add(SM.getString("configuration.path", name, text, wrong.getReason()));
                return Optional.empty();
            }
        }
    }
}
