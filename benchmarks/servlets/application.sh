# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The application that the benchmark of servlets asks, here and in the guest.

# make_application FOLDER CLASSES [CONTEXT]: its servlet `bare` takes this context, if any.
make_application() {
    mkdir -p "$1/WEB-INF/classes"
    cp -r "$2/bench" "$1/WEB-INF/classes"
    cat >"$1/WEB-INF/web.xml" <<XML
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
  <servlet><servlet-name>hello</servlet-name><servlet-class>bench.Hello</servlet-class></servlet>
  <servlet><servlet-name>work</servlet-name><servlet-class>bench.Work</servlet-class></servlet>
  <servlet>
    <servlet-name>bare</servlet-name>
    <servlet-class>bench.Bare</servlet-class>
    ${3:+<init-param><param-name>context</param-name><param-value>$3</param-value></init-param>}
  </servlet>
  <servlet-mapping><servlet-name>hello</servlet-name><url-pattern>/hello</url-pattern></servlet-mapping>
  <servlet-mapping><servlet-name>work</servlet-name><url-pattern>/work</url-pattern></servlet-mapping>
  <servlet-mapping><servlet-name>bare</servlet-name><url-pattern>/bare</url-pattern></servlet-mapping>
</web-app>
XML
}

# make_plan WARMING PLAIN-PORT PLAIN-HOST CONFINED-PORT ADDED TIMES RATE: the seconds for which each is warmed, who is to be asked, how
# much one-time may add (in microseconds, and as a multiple of a bare thread; 0 for no target), and at which rate requests come, too (0: none).
make_plan() {
    local plain='Tomcat alone' bare='a bare thread' kept='per-context' once='one-time' concurrency path each
    servers() { # servers PATH SIZE
        printf 'server\t%s\t%s\t%s\t%s\t%s\n' "$plain" "$plain_port" "$plain_host" 13 "$1"
        [[ $1 != /hello ]] || printf 'server\t%s\t%s\t%s\t%s\t%s\n' "$bare" "$plain_port" "$plain_host" 13 /bare
        printf 'server\t%s\t%s\t%s\t%s\t%s\n' "$kept" "$confined_port" per-context.example 13 "$1"
        printf 'server\t%s\t%s\t%s\t%s\t%s\n' "$once" "$confined_port" one-time.example 13 "$1"
    }
    local plain_port=$2 plain_host=$3 confined_port=$4
    for path in /hello /work; do
        printf 'group\twarming\tkept\t8\n'
        servers $path
        printf 'warm\t%s\n' "$1"
        for concurrency in 1 8; do
            printf 'group\t%s, concurrency %s\tkept\t%s\n' "${path#/}" $concurrency $concurrency
            servers $path
            printf 'warm\t0.5\nmeasure\n'
            if [[ $path == /work ]]; then
                printf 'compare\t%s\t%s\t0.95\n' "$kept" "$plain"
                printf 'compare\t%s\t%s\t0\n' "$once" "$plain"
                continue
            fi
            printf 'compare\t%s\t%s\t%s\n' "$kept" "$plain" "$((concurrency == 8 ? 7 : 0))e-1"
            printf 'compare\t%s\t%s\t0\n' "$once" "$plain" "$once" "$bare"
            if ((concurrency == 1)); then
                printf 'added\t%s\t%s\t%s\n' "$once" "$plain" "$5" "$bare" "$plain" 0
                printf 'times\t%s\t%s\t%s\t%s\n' "$once" "$plain" "$bare" "$6"
            fi
        done
    done
    [[ $7 != 0 ]] || return 0
    printf 'group\thello, %s requests/s\tkept\t16\n' "$7"
    servers /hello
    printf 'warm\t0.3\npace\t%s\n' "$7"
    for each in "$kept" "$once"; do
        printf '%s\t%s\t%s\t0\n' slower "$each" "$plain" tail "$each" "$plain"
    done
}
