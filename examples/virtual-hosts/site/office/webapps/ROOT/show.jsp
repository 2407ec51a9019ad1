<%-- SPDX-License-Identifier: Apache-2.0 --%>
<%-- A page with a hole: it shows whatever file it is asked for. --%>
<%@ page contentType="text/plain" trimDirectiveWhitespaces="true" import="java.nio.file.Files, java.nio.file.Path" %>
<%= Files.readString(Path.of(application.getRealPath("/"), "../../data", request.getParameter("name"))) %>
