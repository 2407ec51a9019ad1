// SPDX-License-Identifier: Apache-2.0
// Reads the JSON form: conditions that must hold together, nested at will.
package io.github.tomcatselinux.mapping;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads token by token, so that each finding has its place and one error does not hide the next. Only what is not JSON
 * at all ends the reading.
 */
final class JsonRules {
    /** Deeper nesting than this is refused; nobody can read it. */
    static final int DEEPEST = 32;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(100_000)
                    .maxStringLength(ClassicLines.LONGEST_LINE)
                    .maxNameLength(ClassicLines.LONGEST_LINE)
                    .maxNumberLength(100)
                    .build())
            .build();
    private static final Set<String> FILE_KEYS = Set.of("$schema", "version", "rules");
    private static final Set<String> RULE_KEYS = Set.of("context", "comment");
    private static final Set<String> CONDITION_KEYS = Set.of(
            "everybody", "authenticated", "user", "role", "network", "host", "path", "method", "not", "all", "any");

    private final String file;
    private final String text;
    private final Findings findings;
    private final TextPlaces places;
    private final List<Rule> rules = new ArrayList<>();
    private final JsonParser json;

    JsonRules(String file, String text, Findings findings) {
        this.file = file;
        this.text = text;
        this.findings = findings;
        this.places = new TextPlaces(text);
        try {
            this.json = FACTORY.createParser(text);
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot fail to open", e);
        }
    }

    /** The rules of the file; incomplete if there are findings. */
    List<Rule> read() {
        try {
            readFile();
        } catch (JsonProcessingException e) {
            int at = (int)
                    Math.max(0, e.getLocation() == null ? 0 : e.getLocation().getCharOffset());
            error(at, "this is not JSON: " + e.getOriginalMessage().replaceAll("\\s+", " "), "", "", "");
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot fail to be read", e);
        }
        return rules;
    }

    private void readFile() throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            error(at(), "the file does not hold an object", found(), "{\"version\": 1, \"rules\": [...]}", "");
            return;
        }
        boolean hasVersion = false;
        boolean hasRules = false;
        Set<String> seen = new HashSet<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            int keyAt = at();
            String key = key(seen);
            switch (key) {
                case "$schema" -> string("a URI");
                case "version" -> {
                    hasVersion = true;
                    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                            || !json.getText().equals("1")) {
                        error(at(), "this version of the format is not known", found(), "1", "");
                        json.skipChildren();
                    }
                }
                case "rules" -> {
                    hasRules = true;
                    readRules();
                }
                default -> unknown(key, keyAt);
            }
        }
        int end = at();
        if (!hasVersion) {
            error(end, "there is no \"version\"", "", "\"version\": 1", "");
        }
        if (!hasRules) {
            error(end, "there are no \"rules\"", "", "\"rules\": [...]", "");
        }
        if (json.nextToken() != null) {
            error(at(), "there is more behind the end of the object", found(), "", "");
        }
    }

    private void readRules() throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            error(at(), "\"rules\" is not an array", found(), "[...]", "");
            json.skipChildren();
            return;
        }
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.START_OBJECT) {
                error(at(), "a rule is not an object", found(), "{\"user\": ..., \"context\": ...}", "");
                json.skipChildren();
            } else {
                readRule();
            }
        }
    }

    private void readRule() throws IOException {
        int start = at();
        Set<String> seen = new HashSet<>();
        List<Condition> conditions = new ArrayList<>();
        Optional<Target> target = Optional.empty();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            int keyAt = at();
            String key = key(seen);
            if (key.equals("context")) {
                target = target();
            } else if (key.equals("comment")) {
                string("a text");
            } else {
                condition(key, keyAt, 1).ifPresent(conditions::add);
            }
        }
        int end = at();
        if (!seen.contains("context")) {
            error(start, "the rule has no \"context\"", "", "\"context\": \"user_webapp_t:s0:c1\"", "");
        }
        if (seen.stream().noneMatch(CONDITION_KEYS::contains)) {
            error(start, "the rule has no condition", "", "a condition", "write \"everybody\": true if all are meant");
        }
        if (target.isPresent() && !conditions.isEmpty()) {
            rules.add(new Rule(
                    rules.size(),
                    file,
                    places.line(start),
                    places.column(start),
                    oneLine(start, end),
                    together(conditions),
                    target.get()));
        }
    }

    /** An object of conditions that hold together. */
    private Optional<Condition> object(int depth) throws IOException {
        int start = at();
        if (json.currentToken() != JsonToken.START_OBJECT) {
            error(start, "a condition is not an object", found(), "{\"user\": ...}", "");
            json.skipChildren();
            return Optional.empty();
        }
        if (depth > DEEPEST) {
            error(start, "conditions are nested more than " + DEEPEST + " deep", "", "", "");
            json.skipChildren();
            return Optional.empty();
        }
        Set<String> seen = new HashSet<>();
        List<Condition> conditions = new ArrayList<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            int keyAt = at();
            String key = key(seen);
            if (RULE_KEYS.contains(key)) {
                error(keyAt, Quoted.text(key) + " belongs to the rule, not to a condition", "", "", "");
                json.skipChildren();
            } else {
                condition(key, keyAt, depth).ifPresent(conditions::add);
            }
        }
        if (seen.isEmpty()) {
            error(start, "the condition is empty", "{}", "a condition", "");
        }
        return conditions.isEmpty() ? Optional.empty() : Optional.of(together(conditions));
    }

    private Optional<Condition> condition(String key, int keyAt, int depth) throws IOException {
        switch (key) {
            case "everybody" -> {
                if (json.currentToken() != JsonToken.VALUE_TRUE) {
                    error(at(), "\"everybody\" can only be true", found(), "true", "");
                    json.skipChildren();
                    return Optional.empty();
                }
                return Optional.of(new Condition.Everybody());
            }
            case "authenticated" -> {
                if (!json.currentToken().isBoolean()) {
                    error(at(), "\"authenticated\" is neither true nor false", found(), "true or false", "");
                    json.skipChildren();
                    return Optional.empty();
                }
                return Optional.of(new Condition.Authenticated(json.getBooleanValue()));
            }
            case "not" -> {
                return object(depth + 1).map(Condition.Not::new);
            }
            case "all", "any" -> {
                List<Condition> parts = parts(key, depth);
                if (parts.isEmpty()) {
                    return Optional.empty();
                }
                return Optional.of(
                        parts.size() == 1
                                ? parts.get(0)
                                : key.equals("all") ? new Condition.All(parts) : new Condition.Any(parts));
            }
            case "user", "role", "network", "host", "path", "method" -> {
                return oneOrSeveral(key);
            }
            default -> {
                error(
                        keyAt,
                        "there is no such key",
                        Quoted.text(key),
                        "",
                        Spelling.nearest(key, CONDITION_KEYS, RULE_KEYS));
                json.skipChildren();
                return Optional.empty();
            }
        }
    }

    private List<Condition> parts(String key, int depth) throws IOException {
        List<Condition> parts = new ArrayList<>();
        int start = at();
        if (json.currentToken() != JsonToken.START_ARRAY) {
            error(start, Quoted.text(key) + " is not an array", found(), "[{...}, {...}]", "");
            json.skipChildren();
            return parts;
        }
        boolean empty = true;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            empty = false;
            object(depth + 1).ifPresent(parts::add);
        }
        if (empty) {
            error(start, Quoted.text(key) + " is empty", "[]", "at least one condition", "");
        }
        return parts;
    }

    private Optional<Condition> oneOrSeveral(String key) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            return single(key);
        }
        int start = at();
        boolean empty = true;
        List<Condition> alternatives = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            empty = false;
            single(key).ifPresent(alternatives::add);
        }
        if (empty) {
            error(start, Quoted.text(key) + " is empty", "[]", "at least one text", "");
        }
        if (alternatives.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(alternatives.size() == 1 ? alternatives.get(0) : new Condition.Any(alternatives));
    }

    private Optional<Condition> single(String key) throws IOException {
        int start = at();
        Optional<String> value = string("a text");
        if (value.isEmpty()) {
            return Optional.empty();
        }
        try {
            return switch (key) {
                case "user" -> name(start, value.get()).map(Condition.User::new);
                case "role" -> role(start, value.get());
                case "network" -> network(start, value.get());
                case "host" -> Optional.of(RequestSyntax.host(value.get()));
                case "path" -> {
                    Condition.Path path = RequestSyntax.path(value.get());
                    if (RequestSyntax.looksEncoded(path)) {
                        warning(start, "paths are compared decoded, and this one looks encoded", "");
                    }
                    yield Optional.of(path);
                }
                default -> {
                    Condition.Method method = RequestSyntax.method(value.get());
                    if (method.name().matches("[a-z-]+")) {
                        warning(start, "methods are compared in their case, and this one is in lower case", "");
                    }
                    yield Optional.of(method);
                }
            };
        } catch (RequestSyntax.Refused e) {
            error(start, e.getMessage(), "", "", e.hint());
            return Optional.empty();
        }
    }

    private Optional<String> name(int start, String name) {
        Optional<String> problem = Names.problem(name);
        problem.ifPresent(message -> error(start, message, Quoted.text(name), "", ""));
        return problem.isPresent() ? Optional.empty() : Optional.of(name);
    }

    private Optional<Condition> role(int start, String role) {
        if (Names.isEveryRole(role)) {
            error(
                    start,
                    "the role " + Quoted.text(role) + " stands for every user",
                    "",
                    "the name of a role",
                    "write \"authenticated\": true for every authenticated user");
            return Optional.empty();
        }
        return name(start, role).map(Condition.Role::new);
    }

    private Optional<Condition> network(int start, String value) {
        NetworkSyntax.Reading reading = NetworkSyntax.read(value);
        if (reading.network().isEmpty()) {
            error(
                    start,
                    Quoted.text(value) + " " + reading.problem(),
                    "",
                    "an address, or a network in CIDR form",
                    reading.hint());
            return Optional.empty();
        }
        if (reading.hostBits()) {
            warning(
                    start,
                    Quoted.text(value) + " has bits behind its prefix; it means "
                            + reading.network().get(),
                    "write " + reading.network().get());
        }
        return reading.network().map(Condition.From::new);
    }

    private Optional<Target> target() throws IOException {
        int start = at();
        Optional<String> value = string("a context such as \"user_webapp_t:s0:c1\"");
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get().startsWith("@")) {
            Optional<SpecialTerm> term = SpecialTerm.of(value.get());
            if (term.isEmpty()) {
                error(start, "there is no such special term", Quoted.text(value.get()), SpecialTerm.WORDS, "");
            }
            return term.map(Target.class::cast);
        }
        try {
            return Optional.of(ContextTemplate.parse(value.get()));
        } catch (ContextException e) {
            // Between the opening quote and the column nothing is escaped in a context that gets that far.
            error(start + e.column(), e.problem(), "", e.expected(), e.hint());
            return Optional.empty();
        }
    }

    /** A string value; anything else is noted and skipped. */
    private Optional<String> string(String expected) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            error(at(), "this is not a string", found(), expected, "");
            json.skipChildren();
            return Optional.empty();
        }
        return Optional.of(json.getText());
    }

    /** Reads a key and moves on to its value. */
    private String key(Set<String> seen) throws IOException {
        int start = at();
        String key = json.currentName();
        if (!seen.add(key)) {
            error(start, "the key " + Quoted.text(key) + " is there twice", "", "", "write several values as an array");
        }
        json.nextToken();
        return key;
    }

    private void unknown(String key, int keyAt) throws IOException {
        error(keyAt, "there is no such key", Quoted.text(key), "", Spelling.nearest(key, FILE_KEYS, Set.of()));
        json.skipChildren();
    }

    private static Condition together(List<Condition> conditions) {
        return conditions.size() == 1 ? conditions.get(0) : new Condition.All(conditions);
    }

    private int at() {
        return (int) Math.max(0, json.currentTokenLocation().getCharOffset());
    }

    private String found() throws IOException {
        JsonToken token = json.currentToken();
        if (token == null) {
            return "nothing";
        }
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> Quoted.text(json.getText());
            default -> json.getText();
        };
    }

    private void error(int at, String message, String found, String expected, String hint) {
        findings.error(places.line(at), places.column(at), message, found, expected, hint);
    }

    private void warning(int at, String message, String hint) {
        findings.warning(places.line(at), places.column(at), message, hint);
    }

    /** The rule as written, with the white space between its parts reduced to single spaces. */
    private String oneLine(int start, int end) {
        StringBuilder line = new StringBuilder(end - start + 1);
        boolean quoted = false;
        boolean pending = false;
        for (int i = start; i <= end; i++) {
            char c = text.charAt(i);
            boolean blank = !quoted && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
            if (blank) {
                pending = true;
                continue;
            }
            if (pending) {
                line.append(' ');
                pending = false;
            }
            line.append(c);
            if (quoted && c == '\\') {
                line.append(text.charAt(++i));
            } else if (c == '"') {
                quoted = !quoted;
            }
        }
        return line.toString();
    }
}
