// SPDX-License-Identifier: Apache-2.0
// The page.
package io.github.tomcatselinux.status;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Answers GET and HEAD, and changes nothing: what is asked is read from the MBeans of this JVM. */
public final class StatusServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        List<ValveStatus> valves = ValveStatus.all();
        Question question = Question.of(request);
        Answer answer = question == null ? null : answer(valves, question);
        if (answer != null && answer.isWrong()) {
            response.setStatus(HttpServletResponse.SC_BAD_REQUEST);
        }
        Headers.set(response);
        response.setContentType("text/html;charset=UTF-8");
        byte[] page = new StatusPage(valves, question, answer).html().getBytes(StandardCharsets.UTF_8);
        response.setContentLength(page.length);
        response.getOutputStream().write(page);
    }

    private static Answer answer(List<ValveStatus> valves, Question question) {
        return question.valve() >= 0 && question.valve() < valves.size()
                ? valves.get(question.valve()).ask(question)
                : new Answer("There is no such valve.", true);
    }
}
