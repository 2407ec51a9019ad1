# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What is served, in which context, and what is not.

check "a document of the own category is served" 200 "$(ask good /mine/mine.txt)"
check "it is the document" MINE "$(cat /tmp/body)"
check "it was served in the rule's context" system_u:system_r:base_webapp_t:s0:c1 "$(context good /mine/mine.txt)"
check "a document of another category is refused" 403 "$(ask good /theirs/theirs.txt)"
check "nothing of it is in the answer" 0 "$(grep -c THEIRS /tmp/body || true)"
check "a folder of another category is refused" 403 "$(ask good /theirs/)"
check "a common document is served" 200 "$(ask good /common.txt)"
check "a JSP is refused where servlets are" 403 "$(ask good /page.jsp)"

# Asked of a program that may start Tomcat, since only such a one enters Tomcat's domain.
reader=/usr/local/bin/reads-as-tomcat
install -m 0755 /bin/cat "$reader"
chcon -t tomcat_exec_t "$reader"
check "a reader runs in the server's domain" system_u:system_r:tomcat_t:s0 \
    "$(as-service "$reader" /proc/self/attr/current 2>&1 | tr -d '\0')"
check "the server itself may not read what helpers serve" "$reader: /srv/tomcat/test/mine/mine.txt: Permission denied" \
    "$(as-service "$reader" /srv/tomcat/test/mine/mine.txt 2>&1)"
