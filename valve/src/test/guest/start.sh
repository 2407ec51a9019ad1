# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What is wrong at start keeps the application from starting, and the log names it.

# refused HOST SENTENCE PATTERN
refused() {
    check "$2: is not served" 404 "$(ask "$1" /common.txt)"
    check "$2: the log names it" 1 "$(($(logged "$1" "$3") > 0))"
}

check "Tomcat runs in its own domain" system_u:system_r:tomcat_t:s0 \
    "$(tr -d '\0' <"/proc/$(pgrep -f org.apache.catalina.startup.Bootstrap | head -n 1)/attr/current")"
refused unknown "a domain that the policy does not know" 'nosuch_webapp_t.*does not know it'
refused category "a category that does not exist" 'c4000.* does not exist'
refused level "a level that the policy does not know" 'base_webapp_t:s3.*does not know it'
refused foreign "a domain that the launcher may not enter" 'init_t:s0.*no helper could take it'
refused absent "a launcher that is not there" '/absent/launcher'
refused mislabelled "a launcher that is not in its own domain" 'exit status 77'
refused unreadable "a mapping file that Tomcat may not read" 'unreadable.map'
refused misspelt "a misspelt attribute" 'onNotEnforcin is unknown'
