# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What is served, in which context, and what is not.

# context PATH: the context of the last request for it, as the access log has it.
context() {
    grep -F "good$1 " "$base/logs/requests.log" | tail -n 1 | cut -d' ' -f3
}

check "a document of the own category is served" 200 "$(ask good /mine/mine.txt)"
check "it is the document" MINE "$(cat /tmp/body)"
check "it was served in the rule's context" system_u:system_r:base_webapp_t:s0:c1 "$(context /mine/mine.txt)"
check "a document of another category is refused" 403 "$(ask good /theirs/theirs.txt)"
check "nothing of it is in the answer" 0 "$(grep -c THEIRS /tmp/body || true)"
check "a folder of another category is refused" 403 "$(ask good /theirs/)"
check "a common document is served" 200 "$(ask good /common.txt)"
check "a JSP is refused, since it has no way yet" 403 "$(ask good /page.jsp)"
check "the server itself may not read what helpers serve" 1 \
    "$(runcon system_u:system_r:tomcat_t:s0 cat /srv/tomcat/test/mine/mine.txt >/dev/null 2>&1; echo $(($? != 0)))"
