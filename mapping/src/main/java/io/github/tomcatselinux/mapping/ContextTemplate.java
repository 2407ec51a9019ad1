// SPDX-License-Identifier: Apache-2.0
// The two parts of a security context that a rule may choose.
package io.github.tomcatselinux.mapping;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code domain:range}; a part that is {@code *}, or not given, is empty. A raw range is kept as the kernel prints it
 * (categories ascending, {@code c0,c1} for two neighbours, one level if both are equal), so that a context made from it
 * can be compared with what is read back. A translated range ({@code SystemLow}) is kept as written.
 */
public record ContextTemplate(Optional<String> domain, Optional<String> range) implements Target {
    private static final Pattern FULL_CONTEXT = Pattern.compile("[^:]+_u:[^:]+_r:(?<rest>[^:]+(:.*)?)");
    private static final Pattern TRANSLATED = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_ .,:+/-]*");
    private static final String SHAPE = "a domain and a range such as user_webapp_t:s0:c1";

    /**
     * Reads {@code domain:range}, {@code domain}, or either part as {@code *}. Whether the policy knows them is not
     * asked; categories past c1023 and sensitivities past s15, which no shipped policy has, are refused.
     */
    public static ContextTemplate parse(String text) throws ContextException {
        if (text.isEmpty()) {
            throw new ContextException(1, "there is no context", SHAPE, "");
        }
        Matcher full = FULL_CONTEXT.matcher(text);
        if (text.contains("_u:") && full.matches()) {
            throw new ContextException(
                    1,
                    Quoted.text(text) + " is a whole context",
                    "only domain and range: SELinux user and role stay the server's",
                    "write " + Quoted.text(full.group("rest")));
        }
        int colon = text.indexOf(':');
        String domain = colon < 0 ? text : text.substring(0, colon);
        if (domain.isEmpty()) {
            throw new ContextException(
                    1,
                    "there is no domain before the colon",
                    SHAPE,
                    "write " + Quoted.text("*" + text) + " for the base webapp domain");
        }
        if (LevelRange.looksRaw(domain) && LevelRange.of(text).isPresent()) {
            throw new ContextException(
                    1,
                    Quoted.text(text) + " is a range without a domain",
                    SHAPE,
                    "write " + Quoted.text("*:" + text) + " for the base webapp domain");
        }
        if (!domain.equals("*") && !isName(domain)) {
            throw new ContextException(
                    1, Quoted.text(domain) + " is not the name of a domain", "the name of a domain, or *", "");
        }
        return new ContextTemplate(
                domain.equals("*") ? Optional.empty() : Optional.of(domain),
                colon < 0 ? Optional.empty() : range(text.substring(colon + 1), colon + 1));
    }

    /** Whether the policy language could have this name: a letter or underscore, then also digits, dots and hyphens. */
    private static boolean isName(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
            boolean further = i > 0 && ((c >= '0' && c <= '9') || c == '.' || c == '-');
            if (!letter && !further) {
                return false;
            }
        }
        return true;
    }

    private static Optional<String> range(String text, int offset) throws ContextException {
        if (text.isEmpty()) {
            throw new ContextException(
                    offset + 1,
                    "there is no range behind the colon",
                    "a range such as s0:c1",
                    "leave out the colon, or write * for the low level of the server's range");
        }
        if (text.equals("*")) {
            return Optional.empty();
        }
        if (LevelRange.looksRaw(text)) {
            return Optional.of(LevelRange.parse(text, offset).toString());
        }
        if (!TRANSLATED.matcher(text).matches()) {
            throw new ContextException(
                    offset + 1, Quoted.text(text) + " is not a range", "a range such as s0:c1, or *", "");
        }
        return Optional.of(text);
    }

    /** Whether the range is a word that only {@code mcstransd} can turn into levels. */
    public boolean translated() {
        return range.isPresent() && !LevelRange.looksRaw(range.get());
    }

    /** The same at the high level of the range alone; empty where there is no range, or only one in words. */
    public Optional<ContextTemplate> atHighLevel() {
        return levels().map(levels ->
                new ContextTemplate(domain, Optional.of(levels.high().toString())));
    }

    Optional<LevelRange> levels() {
        return range.flatMap(LevelRange::of);
    }

    /**
     * The whole context.
     *
     * @param seUser the server's SELinux user
     * @param seRole the server's SELinux role
     * @param baseDomain what stands for a domain of {@code *}: the policy's base webapp domain
     * @param lowLevel what stands for a range of {@code *}: the low level of the server's range
     */
    public String complete(String seUser, String seRole, String baseDomain, String lowLevel) {
        return seUser + ":" + seRole + ":" + domain.orElse(baseDomain) + ":" + range.orElse(lowLevel);
    }

    /** As it stands in a file. */
    @Override
    public String toString() {
        return domain.orElse("*") + ":" + range.orElse("*");
    }
}
