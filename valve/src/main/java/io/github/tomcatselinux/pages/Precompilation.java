// SPDX-License-Identifier: Apache-2.0
// The request by which the server has Jasper translate a page.
package io.github.tomcatselinux.pages;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Asks for a translation and nothing else (Jakarta Pages 3.1, section 11.4.2). Nothing of the application's own request and
 * response is in it: they may be wrapped, and their wrappers are code.
 */
final class Precompilation {
    private Precompilation() {}

    /**
     * A request for a page; what Jasper asks of it besides is nothing to it.
     *
     * @param page the path within the application
     * @param query what asks Jasper not to run it
     */
    static HttpServletRequest request(String page, String query) {
        return of(HttpServletRequest.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "getServletPath", "getRequestURI" -> page;
            case "getQueryString" -> query;
            default -> null;
        });
    }

    /** Where nothing arrives: what Jasper would answer already now, it will answer again where the page runs. */
    static HttpServletResponse response() {
        return of(HttpServletResponse.class, (proxy, method, arguments) -> null);
    }

    private static <T> T of(Class<T> what, InvocationHandler answers) {
        return what.cast(Proxy.newProxyInstance(Precompilation.class.getClassLoader(), new Class<?>[] {what}, answers));
    }
}
