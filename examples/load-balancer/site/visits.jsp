<%-- SPDX-License-Identifier: Apache-2.0 --%>
<%-- Counts in the session, and says which Tomcat did so, in which context. --%>
<%@ page contentType="text/plain" trimDirectiveWhitespaces="true" import="java.nio.file.Files, java.nio.file.Path" %>
<%
Integer before = (Integer) session.getAttribute("visits");
int now = before == null ? 1 : before + 1;
session.setAttribute("visits", now);
String context = Files.readString(Path.of("/proc/thread-self/attr/current")).replace("\0", "").strip();
%>visit <%= now %> of <%= request.getRemoteUser() %> to <%= System.getProperty("node.name") %> in <%= context %>
