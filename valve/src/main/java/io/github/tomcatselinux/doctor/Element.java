// SPDX-License-Identifier: Apache-2.0
// An element of an XML file, with the line where it stands.
package io.github.tomcatselinux.doctor;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.xml.sax.Attributes;
import org.xml.sax.InputSource;
import org.xml.sax.Locator;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.DefaultHandler;

/**
 * What a configuration of Tomcat's says. Nothing outside the file is read: a document type is refused, and with it all
 * entities of its own.
 *
 * @param file as the administrator named it
 * @param line from 1
 */
record Element(Path file, int line, String name, Map<String, String> attributes, List<Element> children) {

    /**
     * Reads a file.
     *
     * @throws IOException naming file and line, if it cannot be read or is not well-formed
     */
    static Element read(Path file, Placeholders placeholders) throws IOException {
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (IOException unreadable) {
            throw unreadable(file, unreadable);
        }
        return read(file, new ByteArrayInputStream(content), placeholders);
    }

    /** The same of a file within an archive. */
    static Element read(Path file, InputStream in, Placeholders placeholders) throws IOException {
        Reader reader = new Reader(file, placeholders);
        try {
            SAXParserFactory factory = SAXParserFactory.newDefaultInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.setFeature("http://xml.org/sax/features/external-general-entities", false);
            factory.setFeature("http://xml.org/sax/features/external-parameter-entities", false);
            factory.newSAXParser().parse(new InputSource(in), reader);
            return reader.root;
        } catch (SAXParseException wrong) {
            throw new IOException(file + ":" + wrong.getLineNumber() + ": " + wrong.getMessage(), wrong);
        } catch (SAXException | ParserConfigurationException wrong) {
            throw new IOException(file + ": " + wrong.getMessage(), wrong);
        } catch (IOException unreadable) {
            throw unreadable(file, unreadable);
        }
    }

    private static IOException unreadable(Path file, IOException why) {
        return new IOException(file + ": cannot be read: " + why.getMessage(), why);
    }

    /** {@code file:line}. */
    String place() {
        return file + ":" + line;
    }

    /** An attribute; empty if it is not there. */
    String get(String attribute) {
        return attributes.getOrDefault(attribute, "");
    }

    /** Children of one name. */
    List<Element> children(String named) {
        return children.stream().filter(child -> child.name.equals(named)).toList();
    }

    /** This and all below it. */
    Stream<Element> all() {
        return Stream.concat(Stream.of(this), children.stream().flatMap(Element::all));
    }

    private static final class Reader extends DefaultHandler {
        private final Path file;
        private final Placeholders placeholders;
        private final Deque<Element> open = new ArrayDeque<>();
        private Locator locator;
        private Element root;

        Reader(Path file, Placeholders placeholders) {
            this.file = file;
            this.placeholders = placeholders;
        }

        @Override
        public void setDocumentLocator(Locator found) {
            this.locator = found;
        }

        @Override
        public void startElement(String uri, String local, String name, Attributes found) {
            Map<String, String> attributes = new LinkedHashMap<>();
            for (int i = 0; i < found.getLength(); i++) {
                attributes.put(found.getQName(i), placeholders.filled(found.getValue(i)));
            }
            Element element = new Element(file, locator.getLineNumber(), name, attributes, new ArrayList<>());
            if (open.isEmpty()) {
                root = element;
            } else {
                open.peek().children.add(element);
            }
            open.push(element);
        }

        @Override
        public void endElement(String uri, String local, String name) {
            open.pop();
        }

        @Override
        public void error(SAXParseException wrong) throws SAXException {
            throw wrong;
        }
    }
}
