# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The range of a person's own Linux login: real entries of seusers(5), asked of the guest's own libselinux.

seusers=/etc/selinux/$(sed -n 's/^SELINUXTYPE=//p' /etc/selinux/config)/seusers

# prepare_logins: a host whose rules are the logins', and what semanage login -a would write for them.
prepare_logins() {
    host login 'mappingFile="conf/login.map" allowedContexts="base_webapp_t:s0-s0:c0.c9" onNoMatch="deny" servlets="deny"'
    printf '__anonymous__ @deny\n* @login\n' >"$base/conf/login.map"
    cat >"$base/conf/Catalina/login.example/ROOT.xml" <<'XML'
<Context docBase="/srv/tomcat/test" preemptiveAuthentication="true">
  <Valve className="org.apache.catalina.authenticator.BasicAuthenticator"/>
  <Realm className="org.apache.catalina.realm.MemoryRealm"/>
</Context>
XML
    cat >"$base/conf/tomcat-users.xml" <<'XML'
<tomcat-users>
  <user username="alice" password="alice" roles=""/>
  <user username="bob" password="bob" roles=""/>
  <user username="carol" password="carol" roles=""/>
</tomcat-users>
XML
    printf '\nalice:user_u:s0-s0:c1\ncarol:user_u:s0-s0:c20\n' >>"$seusers"
}

# ask_as USER PATH: the status.
ask_as() {
    curl -s -o /tmp/body -w '%{http_code}' -u "$1:$1" -H 'Host: login.example' -H "X-Request: login$2" --max-time 60 \
        "http://127.0.0.1:8080$2"
}

# becomes STATUS USER PATH: what was kept of a login is not kept for long.
becomes() {
    for ((i = 0; i < 120; i++)); do
        [[ $(ask_as "$2" "$3") != "$1" ]] || return 0
        sleep 1
    done
    return 1
}

check_logins() {
    check "a login's own document is served" 200 "$(ask_as alice /mine/mine.txt)"
    check "it was served at the high level of the login's range" system_u:system_r:base_webapp_t:s0:c1 \
        "$(context login /mine/mine.txt)"
    check "a document of another login is refused" 403 "$(ask_as alice /theirs/theirs.txt)"
    check "who has no login of his own gets none of the default's" 403 "$(ask_as bob /common.txt)"
    check "and the log says so" 1 "$(grep -c 'user \[bob\].*no login of this name' "$base/out")"
    check "a login outside of allowedContexts is refused" 403 "$(ask_as carol /common.txt)"
    check "and the log says so, too" 1 "$(grep -c 'user \[carol\].*s0:c20.*not among allowedContexts' "$base/out")"
    sed -i 's/^alice:.*/alice:user_u:s0-s0:c2/' "$seusers"
    check "a changed login is noticed" 0 "$(becomes 200 alice /theirs/theirs.txt && echo 0)"
    check "and goes for the other documents, too" 403 "$(ask_as alice /mine/mine.txt)"
    sed -i '/^alice:/d' "$seusers"
    check "a login that is taken away is noticed" 0 "$(becomes 403 alice /theirs/theirs.txt && echo 0)"
    check "JNA is loaded from where it has a label" 1 \
        "$(cat /proc/[0-9]*/maps 2>/dev/null | grep -c -m 1 /usr/lib/tomcat-selinux/libjnidispatch.so)"
}
