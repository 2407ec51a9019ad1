// SPDX-License-Identifier: Apache-2.0
// Reads the classic format: one rule a line, an identifier and a context.
package io.github.tomcatselinux.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads logical lines into rules. What the original's files mean is kept: white space parts the words, a number sign
 * anywhere outside quotes begins a comment, a backslash at the end of a line joins the next one to it.
 */
final class ClassicParser {
    private static final Pattern NEARLY_ANONYMOUS = Pattern.compile("(?i)__?anonymous_?_?|__unauthenticated__");
    private static final String ANONYMOUS = "__anonymous__";

    private final String file;
    private final Findings findings;
    private final List<Rule> rules = new ArrayList<>();

    ClassicParser(String file, Findings findings) {
        this.file = file;
        this.findings = findings;
    }

    /** A word that was refused; the finding has been noted. */
    private static final class RefusedLine extends Exception {
        private static final long serialVersionUID = 1L;

        RefusedLine() {
            super(null, null, false, false);
        }
    }

    /** The rules of the lines that could be read. */
    List<Rule> read(List<LogicalLine> lines) {
        for (LogicalLine line : lines) {
            try {
                readLine(line);
            } catch (RefusedLine e) {
                // Its finding has been noted; the other lines may hold more.
            }
        }
        return rules;
    }

    private void readLine(LogicalLine line) throws RefusedLine {
        Scanner scanner = new Scanner(line);
        scanner.skipBlanks();
        if (scanner.atEnd()) {
            return;
        }
        int start = scanner.position;
        Condition condition = identifier(scanner);
        if (!scanner.atEnd() && !scanner.atBlank()) {
            refuse(line, scanner.position, "text is glued to the closing quote", scanner.rest(), "white space", "");
        }
        scanner.skipBlanks();
        if (scanner.atEnd()) {
            refuse(
                    line,
                    scanner.position,
                    "there is no context behind " + Quoted.text(line.text().substring(start, scanner.lastEnd)),
                    "",
                    "a context such as user_webapp_t:s0:c1, or @deny",
                    "");
        }
        Target target = target(scanner);
        int end = scanner.position;
        scanner.skipBlanks();
        if (!scanner.atEnd()) {
            refuse(
                    line,
                    scanner.position,
                    "there is more than an identifier and a context",
                    scanner.rest(),
                    "the end of the line, or a comment",
                    "a name with spaces is written in quotes; conditions that must hold together need the JSON form");
        }
        rules.add(new Rule(
                rules.size(),
                file,
                line.line(start),
                line.column(start),
                line.text().substring(start, end),
                condition,
                target));
    }

    private Condition identifier(Scanner scanner) throws RefusedLine {
        LogicalLine line = scanner.line;
        if (scanner.peek() != '!') {
            return literal(scanner);
        }
        int start = scanner.position++;
        if (scanner.atEnd() || scanner.atBlank()) {
            refuse(line, start, "there is nothing behind \"!\"", "", "an identifier without a space before it", "");
        }
        if (scanner.peek() == '!') {
            refuse(line, scanner.position, "a negation is negated", "\"!!\"", "one \"!\"", "leave both out");
        }
        Condition condition = literal(scanner);
        if (condition instanceof Condition.Everybody) {
            refuse(line, start, "\"!*\" would match nobody", "", "", "remove the rule");
        }
        if (condition instanceof Condition.Authenticated) {
            return new Condition.Authenticated(true);
        }
        return new Condition.Not(condition);
    }

    private Condition literal(Scanner scanner) throws RefusedLine {
        LogicalLine line = scanner.line;
        int start = scanner.position;
        if (scanner.peek() == '"') {
            return new Condition.User(scanner.quoted("user"));
        }
        if (scanner.peek() == '@') {
            scanner.position++;
            if (!scanner.atEnd() && scanner.peek() == '!') {
                refuse(line, start, "\"!\" stands behind \"@\"", scanner.word(), "\"!@\"", "");
            }
            return role(scanner, start);
        }
        if (scanner.accept("user:")) {
            return new Condition.User(scanner.name("user", start));
        }
        if (scanner.accept("role:")) {
            return role(scanner, start);
        }
        if (scanner.accept("net:")) {
            int at = scanner.position;
            return network(line, at, scanner.name("network", start));
        }
        String word = scanner.bareWord();
        if (word.equals("*")) {
            return new Condition.Everybody();
        }
        if (word.equals(ANONYMOUS)) {
            return new Condition.Authenticated(false);
        }
        if (resemblesAnonymous(word)) {
            refuse(
                    line,
                    start,
                    "this is nearly, but not quite, the word for anonymous requests",
                    Quoted.text(word),
                    ANONYMOUS,
                    "a user of that name is written " + Quoted.text(word));
        }
        if (NetworkSyntax.looksLikeAddress(word)) {
            return network(line, start, word);
        }
        return new Condition.User(word);
    }

    /** Whether a bare word is, or was probably meant to be, the one for anonymous requests. */
    static boolean resemblesAnonymous(String word) {
        return word.charAt(0) == '_' && NEARLY_ANONYMOUS.matcher(word).matches();
    }

    private Condition role(Scanner scanner, int start) throws RefusedLine {
        String name = scanner.name("role", start);
        if (Names.isEveryRole(name)) {
            refuse(
                    scanner.line,
                    start,
                    "the role " + Quoted.text(name) + " stands for every user",
                    "",
                    "the name of a role",
                    "write \"!" + ANONYMOUS + "\" for every authenticated user");
        }
        return new Condition.Role(name);
    }

    private Condition network(LogicalLine line, int start, String word) throws RefusedLine {
        NetworkSyntax.Reading reading = NetworkSyntax.read(word);
        Optional<Network> network = reading.network();
        if (network.isEmpty()) {
            String hint = reading.hint().isEmpty()
                    ? "a user of that name is written user:" + Quoted.text(word)
                    : reading.hint();
            refuse(
                    line,
                    start,
                    Quoted.text(word) + " " + reading.problem(),
                    "",
                    "an address, or a network in CIDR form",
                    hint);
            throw new RefusedLine();
        }
        if (reading.hostBits()) {
            findings.warning(
                    line.line(start),
                    line.column(start),
                    Quoted.text(word) + " has bits behind its prefix; it means " + network.get(),
                    "write " + network.get());
        }
        return new Condition.From(network.get());
    }

    private Target target(Scanner scanner) throws RefusedLine {
        LogicalLine line = scanner.line;
        int start = scanner.position;
        boolean quoted = scanner.peek() == '"';
        String word = quoted ? scanner.quoted("context") : scanner.bareWord();
        if (quoted && !scanner.atEnd() && !scanner.atBlank()) {
            refuse(line, scanner.position, "text is glued to the closing quote", scanner.rest(), "white space", "");
        }
        if (!quoted && word.startsWith("@")) {
            Optional<SpecialTerm> term = SpecialTerm.of(word);
            if (term.isEmpty()) {
                refuse(line, start, "there is no such special term", Quoted.text(word), SpecialTerm.WORDS, "");
            }
            return term.orElseThrow();
        }
        try {
            return ContextTemplate.parse(word);
        } catch (ContextException e) {
            int at = start + (quoted ? 0 : e.column() - 1);
            findings.error(line.line(at), line.column(at), e.problem(), "", e.expected(), e.hint());
            throw new RefusedLine();
        }
    }

    private void refuse(LogicalLine line, int at, String message, String found, String expected, String hint)
            throws RefusedLine {
        findings.error(line.line(at), line.column(at), message, found, expected, hint);
        throw new RefusedLine();
    }

    /** Walks over one logical line. */
    private final class Scanner {
        private final LogicalLine line;
        private final String text;
        private int position;
        private int lastEnd;

        Scanner(LogicalLine line) {
            this.line = line;
            this.text = line.text();
        }

        char peek() {
            return text.charAt(position);
        }

        boolean atBlank() {
            return peek() == ' ' || peek() == '\t';
        }

        /** At the end of the line, or at a comment. */
        boolean atEnd() {
            return position >= text.length() || peek() == '#';
        }

        void skipBlanks() {
            lastEnd = position;
            while (!atEnd() && atBlank()) {
                position++;
            }
        }

        boolean accept(String prefix) {
            if (!text.startsWith(prefix, position)) {
                return false;
            }
            position += prefix.length();
            return true;
        }

        /** The rest of the line, quoted for a message. */
        String rest() {
            return Quoted.text(text.substring(position).strip());
        }

        /** From here to the next blank, quoted for a message. */
        String word() {
            int start = position;
            while (!atEnd() && !atBlank()) {
                position++;
            }
            return Quoted.text(text.substring(start, position));
        }

        /** What stands behind a prefix: quoted or bare, and not empty. */
        String name(String kind, int start) throws RefusedLine {
            if (!atEnd() && peek() == '"') {
                return quoted(kind);
            }
            String word = bareWord();
            if (word.isEmpty()) {
                refuse(
                        line,
                        start,
                        "there is no name behind " + Quoted.text(text.substring(start, position)),
                        "",
                        "the name of a " + kind,
                        "");
            }
            return word;
        }

        String bareWord() throws RefusedLine {
            int start = position;
            while (!atEnd() && !atBlank()) {
                int c = text.codePointAt(position);
                if (!Quoted.isPlain(c)) {
                    refuse(
                            line,
                            position,
                            Character.getType(c) == Character.SPACE_SEPARATOR
                                    ? "a space other than the plain one"
                                    : "a character that cannot be seen",
                            Quoted.codePoint(c),
                            "",
                            c == 0 ? "" : "if it belongs to a name, write it as an escape in quotes");
                }
                position += Character.charCount(c);
            }
            return text.substring(start, position);
        }

        /** A quoted literal: {@code \"}, {@code \\} and {@code \}{@code uXXXX} (one UTF-16 unit) are its escapes. */
        String quoted(String kind) throws RefusedLine {
            int start = position++;
            StringBuilder value = new StringBuilder();
            while (true) {
                if (position >= text.length()) {
                    refuse(line, start, "the quote is not closed", rest(start), "\"", "");
                }
                int c = text.codePointAt(position);
                if (c == '"') {
                    position++;
                    break;
                }
                if (c == '\\') {
                    value.append(escape());
                    continue;
                }
                if (!Quoted.isPlain(c)) {
                    refuse(
                            line,
                            position,
                            "a character that cannot be seen",
                            Quoted.codePoint(c),
                            "",
                            "write it as an escape such as \\u00a0");
                }
                value.appendCodePoint(c);
                position += Character.charCount(c);
            }
            checkName(kind, start, value);
            return value.toString();
        }

        private void checkName(String kind, int start, CharSequence value) throws RefusedLine {
            Optional<String> problem = Names.problem(value);
            if (problem.isPresent()) {
                refuse(line, start, problem.get(), rest(start), "the name of a " + kind, "");
            }
        }

        private String rest(int from) {
            return Quoted.text(text.substring(from).strip());
        }

        private char escape() throws RefusedLine {
            int start = position;
            char kind = position + 1 < text.length() ? text.charAt(position + 1) : ' ';
            if (kind == '"' || kind == '\\') {
                position += 2;
                return kind;
            }
            int unit = 0;
            boolean valid = kind == 'u' && position + 6 <= text.length();
            for (int i = position + 2; valid && i < position + 6; i++) {
                int digit = text.charAt(i) < 128 ? Character.digit(text.charAt(i), 16) : -1;
                valid = digit >= 0;
                unit = unit << 4 | digit;
            }
            if (!valid) {
                refuse(line, start, "there is no such escape", rest(start), "\\\", \\\\ or \\u and four digits", "");
            }
            position += 6;
            return (char) unit;
        }
    }
}
