// SPDX-License-Identifier: Apache-2.0
// The valve's attributes that say as whom helpers work, and how much of the machine they may use.
package io.github.tomcatselinux;

import io.github.tomcatselinux.launcher.ConfineRequest.Ceilings;
import io.github.tomcatselinux.launcher.ConfineRequest.Identity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.tomcat.util.res.StringManager;

/** Takes them from the raw ones and adds what is wrong with them to a list. */
final class HelperAttributes {
    static final String USER = "user";
    static final String GROUP = "group";
    static final String CAPABILITIES = "capabilities";
    static final String MAX_MEMORY = "maxMemory";
    static final String MAX_CPU_TIME = "maxCpuTime";
    static final String MAX_FILE_SIZE = "maxFileSize";
    static final String MAX_OPEN_FILES = "maxOpenFiles";

    static final String MAX_PROCESSES = "maxProcesses";

    /** Of a program's answer. */
    static final String MAX_OUTPUT = "maxOutput";

    static final List<String> KNOWN = List.of(
            USER,
            GROUP,
            CAPABILITIES,
            MAX_MEMORY,
            MAX_CPU_TIME,
            MAX_FILE_SIZE,
            MAX_OPEN_FILES,
            MAX_PROCESSES,
            MAX_OUTPUT);

    private static final StringManager SM = StringManager.getManager(HelperAttributes.class);

    private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}\\$?");
    private static final Pattern ROOT = Pattern.compile("root|0+");
    private static final Pattern CAPABILITY = Pattern.compile("CAP_[A-Z_]{1,60}");
    private static final int MOST_CAPABILITIES = 64;
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,11})([KMG]?)");
    private static final String UNITS = "KMG";
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

    /** A connection and its roots have to fit. */
    private static final int FEWEST_OPEN_FILES = 8;

    private static final int MOST_OPEN_FILES = 65_535;
    private static final int MOST_PROCESSES = 32_768;
    private static final long OUTPUT = 16L << 30;
    private static final int MOST_SECONDS = 999_999_999;

    private final Map<String, String> attributes;
    private final List<String> errors;

    HelperAttributes(Map<String, String> attributes, List<String> errors) {
        this.attributes = attributes;
        this.errors = errors;
    }

    Identity identity() {
        return new Identity(account(USER), account(GROUP), capabilities());
    }

    Ceilings ceilings() {
        return new Ceilings(
                size(MAX_MEMORY),
                number(MAX_CPU_TIME, 1, MOST_SECONDS),
                size(MAX_FILE_SIZE),
                number(MAX_OPEN_FILES, FEWEST_OPEN_FILES, MOST_OPEN_FILES),
                number(MAX_PROCESSES, 1, MOST_PROCESSES));
    }

    /** Octets of a program's answer; 0 for any number, which has to be asked for. */
    long maxOutput() {
        if ("0".equals(attributes.get(MAX_OUTPUT))) {
            return 0;
        }
        return attributes.containsKey(MAX_OUTPUT) ? size(MAX_OUTPUT) : OUTPUT;
    }

    private Optional<String> value(String name) {
        return Optional.ofNullable(attributes.get(name));
    }

    private String account(String name) {
        Optional<String> value = value(name);
        if (value.isEmpty()) {
            return "";
        }
        if (ROOT.matcher(value.get()).matches()) {
            errors.add(SM.getString("configuration.root", name, value.get()));
        } else if (!ACCOUNT.matcher(value.get()).matches()) {
            errors.add(SM.getString("configuration.account", name, value.get()));
        }
        return value.get();
    }

    private List<String> capabilities() {
        Optional<String> value = value(CAPABILITIES);
        if (value.isEmpty()) {
            return List.of();
        }
        List<String> names = List.of(value.get().split(",", -1));
        if (names.size() > MOST_CAPABILITIES
                || names.stream().anyMatch(name -> !CAPABILITY.matcher(name).matches())) {
            errors.add(SM.getString("configuration.capabilities", CAPABILITIES, value.get()));
            return List.of();
        }
        return names;
    }

    private long size(String name) {
        Optional<String> value = value(name);
        if (value.isEmpty()) {
            return 0;
        }
        Matcher size = SIZE.matcher(value.get());
        if (!size.matches()) {
            errors.add(SM.getString("configuration.size", name, value.get()));
            return 0;
        }
        int unit = size.group(2).isEmpty() ? 0 : 1 + UNITS.indexOf(size.group(2));
        return Long.parseLong(size.group(1)) << (10 * unit);
    }

    private int number(String name, int least, int most) {
        Optional<String> value = value(name);
        if (value.isEmpty()) {
            return 0;
        }
        int number = NUMBER.matcher(value.get()).matches() ? Integer.parseInt(value.get()) : -1;
        if (number < least || number > most) {
            errors.add(SM.getString(
                    "configuration.number", name, value.get(), String.valueOf(least), String.valueOf(most)));
            return 0;
        }
        return number;
    }
}
