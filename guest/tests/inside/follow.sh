# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Follows a page of docs/ as it is written: its commands are run, and say what the page says that they say.

# said COMMAND: what it says; through a pipe, since programs in domains of their own may not write to a file of the shell's.
said() {
    # shellcheck disable=SC2312
    eval "$1" 2>&1 </dev/null | tr -d '\r' || true
}

# follow PAGE HEADING: the examples of the page (of all of it, when HEADING is empty). A line "# COMMAND" is a command, with
# its here-document; the lines below are what it says, where "..." is anything. What depends on a server that has just been
# started is asked for again for a while.
follow() {
    local line command='' expected='' delimiter='' inside=0 here=0
    [[ -z $2 ]] || here=1
    while IFS= read -r line; do
        if ((!inside)) && [[ $line == '## '* ]]; then
            [[ -z $2 ]] || { [[ $line == "## $2" ]] && here=0 || here=1; }
        elif [[ $line == '```'* ]]; then
            ((!inside)) || follow_one "$command" "$expected"
            command='' expected=''
            inside=$((!inside))
        elif ((!inside || here)); then
            continue
        elif [[ -n $delimiter ]]; then
            command+=$'\n'$line
            [[ $line != "$delimiter" ]] || delimiter=''
        elif [[ $line == '# '* ]]; then
            follow_one "$command" "$expected"
            command=${line#'# '} expected=''
            [[ ! $command =~ \<\<\'?([A-Z]+) ]] || delimiter=${BASH_REMATCH[1]}
        else
            expected+=$line$'\n'
        fi
    done <"$1"
}

follow_one() {
    [[ -n $1 ]] || return 0
    local pattern=${2%$'\n'} found attempt
    # Every character for itself, but for "...".
    pattern=$(sed 's/[][\\*?]/\\&/g; s/\.\.\./*/g' <<<"$pattern")
    # In this shell where nothing is expected: it may be "cd".
    if [[ -z $pattern ]]; then
        eval "$1" </dev/null
        check "${1%%$'\n'*}" 0 "$?"
        return
    fi
    for ((attempt = 0; attempt < 240; attempt++)); do
        found=$(said "$1")
        # shellcheck disable=SC2053
        [[ $1 =~ ^(curl|ps|dmesg|systemctl\ is-) && $found != $pattern ]] || break
        sleep 1
    done
    check_like "${1%%$'\n'*}" "$pattern" "$found"
}
