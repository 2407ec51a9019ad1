// SPDX-License-Identifier: Apache-2.0
// A request after a program answered it with the path of another answer.
package io.github.tomcatselinux.programs;

import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;

/** The program had the body already, so what is left is a GET (or a HEAD) without one. */
final class RedirectedRequest extends HttpServletRequestWrapper {
    RedirectedRequest(HttpServletRequest request) {
        super(request);
    }

    @Override
    public String getMethod() {
        return super.getMethod().equals("HEAD") ? "HEAD" : "GET";
    }

    @Override
    public int getContentLength() {
        return 0;
    }

    @Override
    public long getContentLengthLong() {
        return 0;
    }

    @Override
    public String getContentType() {
        return null;
    }

    @Override
    public String getHeader(String name) {
        return name.equalsIgnoreCase("Transfer-Encoding") ? null : super.getHeader(name);
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        throw new IOException("the body is used up");
    }

    @Override
    public BufferedReader getReader() throws IOException {
        throw new IOException("the body is used up");
    }
}
