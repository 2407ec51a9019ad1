// SPDX-License-Identifier: Apache-2.0
// What one user has to be answered, and what never.
package io.github.tomcatselinux.soak;

import java.util.Optional;
import java.util.Set;

/**
 * An answer that would be right.
 *
 * @param body octet by octet, a character for each; empty where only the status counts
 * @param owners whose secrets may be in an answer to this user, whatever its status
 */
record Expectation(int status, Optional<String> body, Set<String> owners) {
    /** What every line of somebody's documents begins with; the owner's name and a blank follow. */
    static final String SECRET = "secret-of-";

    /** What servlets and programs say first of all: in which context they are. */
    private static final String CONTEXT = "system_u:";

    private static final int FIRST_ERROR = 400;

    /** Nothing excuses somebody else's secret, nor a success that is not the expected one. */
    Verdict judge(Answer answer) {
        if (tells(answer.body())) {
            return Verdict.WRONG;
        }
        if (answer.status() != status) {
            return answer.status() < FIRST_ERROR ? Verdict.WRONG : Verdict.FAILED;
        }
        if (body.isEmpty() || body.get().equals(answer.body())) {
            return Verdict.RIGHT;
        }
        if (status >= FIRST_ERROR && !answer.body().contains(CONTEXT)) {
            // The same error, but said by somebody else: it came to nobody who would have said in which context.
            return Verdict.FAILED;
        }
        return !answer.whole() && body.get().startsWith(answer.body()) ? Verdict.FAILED : Verdict.WRONG;
    }

    private boolean tells(String text) {
        for (int at = text.indexOf(SECRET); at >= 0; at = text.indexOf(SECRET, at + SECRET.length())) {
            int blank = text.indexOf(' ', at);
            if (blank >= 0 && !owners.contains(text.substring(at + SECRET.length(), blank))) {
                return true;
            }
        }
        return false;
    }
}
