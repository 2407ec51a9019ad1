<%-- SPDX-License-Identifier: Apache-2.0 --%>
<%-- Says what the session has, and makes none. --%>
<%@ page session="false" contentType="text/plain" trimDirectiveWhitespaces="true" %>
<% HttpSession known = request.getSession(false); %><%= known == null ? "none" : known.getAttribute("visits") %>
