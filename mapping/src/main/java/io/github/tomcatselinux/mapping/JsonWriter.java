// SPDX-License-Identifier: Apache-2.0
// Writes rules in the JSON form.
package io.github.tomcatselinux.mapping;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The inverse of {@link JsonRules}: one rule a line. */
public final class JsonWriter {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final JsonGenerator json;

    private JsonWriter(JsonGenerator json) {
        this.json = json;
    }

    /** A whole file. */
    public static String file(List<Rule> rules) {
        StringBuilder file = new StringBuilder("{\n  \"version\": 1,\n  \"rules\": [");
        String separator = "\n    ";
        for (Rule rule : rules) {
            file.append(separator).append(rule(rule));
            separator = ",\n    ";
        }
        return file.append(rules.isEmpty() ? "]\n}\n" : "\n  ]\n}\n").toString();
    }

    private static String rule(Rule rule) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(text)) {
            generator.writeStartObject();
            new JsonWriter(generator).fields(rule.condition());
            generator.writeStringField("context", rule.target().toString());
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot fail to be written", e);
        }
        return text.toString();
    }

    /** The condition as fields of the object that is open. */
    private void fields(Condition condition) throws IOException {
        if (condition instanceof Condition.All all) {
            if (canShareAnObject(all.conditions())) {
                for (Condition part : all.conditions()) {
                    fields(part);
                }
            } else {
                array("all", all.conditions());
            }
        } else if (condition instanceof Condition.Any any) {
            Optional<String> key = sharedKey(any.conditions());
            if (key.isPresent()) {
                json.writeArrayFieldStart(key.get());
                for (Condition part : any.conditions()) {
                    json.writeString(value(part));
                }
                json.writeEndArray();
            } else {
                array("any", any.conditions());
            }
        } else if (condition instanceof Condition.Not not) {
            json.writeObjectFieldStart("not");
            fields(not.condition());
            json.writeEndObject();
        } else if (condition instanceof Condition.Everybody) {
            json.writeBooleanField("everybody", true);
        } else if (condition instanceof Condition.Authenticated who) {
            json.writeBooleanField("authenticated", who.expected());
        } else {
            json.writeStringField(key(condition), value(condition));
        }
    }

    private void array(String key, List<Condition> parts) throws IOException {
        json.writeArrayFieldStart(key);
        for (Condition part : parts) {
            json.writeStartObject();
            fields(part);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static boolean canShareAnObject(List<Condition> parts) {
        Set<String> keys = new HashSet<>();
        return parts.stream().allMatch(part -> !(part instanceof Condition.All) && keys.add(key(part)));
    }

    /** The key that all the alternatives have, if they can be written as an array of texts. */
    private static Optional<String> sharedKey(List<Condition> alternatives) {
        Set<String> keys = new HashSet<>();
        for (Condition alternative : alternatives) {
            if (value(alternative).isEmpty()) {
                return Optional.empty();
            }
            keys.add(key(alternative));
        }
        return keys.size() == 1 ? Optional.of(keys.iterator().next()) : Optional.empty();
    }

    private static String key(Condition condition) {
        if (condition instanceof Condition.User) {
            return "user";
        }
        if (condition instanceof Condition.Role) {
            return "role";
        }
        if (condition instanceof Condition.From) {
            return "network";
        }
        if (condition instanceof Condition.Host) {
            return "host";
        }
        if (condition instanceof Condition.Path) {
            return "path";
        }
        if (condition instanceof Condition.Method) {
            return "method";
        }
        if (condition instanceof Condition.Everybody) {
            return "everybody";
        }
        if (condition instanceof Condition.Authenticated) {
            return "authenticated";
        }
        if (condition instanceof Condition.Any any) {
            return sharedKey(any.conditions()).orElse("any");
        }
        return condition instanceof Condition.Not ? "not" : "all";
    }

    /** The text of a single condition; empty for any other. */
    private static String value(Condition condition) {
        if (condition instanceof Condition.User user) {
            return user.name();
        }
        if (condition instanceof Condition.Role role) {
            return role.name();
        }
        if (condition instanceof Condition.From from) {
            return from.network().toString();
        }
        if (condition instanceof Condition.Host host) {
            return host.pattern();
        }
        if (condition instanceof Condition.Path path) {
            return path.prefix().isEmpty() ? "/" : path.prefix();
        }
        return condition instanceof Condition.Method method ? method.name() : "";
    }
}
