# bash completion for pollcheck(1). Options, their values and the rules are asked of the command itself.

# "--level=LEVEL" and, one line later, "help: note, warning, error" become "level LEVEL note warning error"
_pollcheck_options() {
    "$1" --help 2>/dev/null | awk '
        /^  --/ { sub(/^  --/, ""); split($0, part, /\[?=/)
            name = part[1]; kind = part[2]; sub(/\]$/, "", kind); next }
        name != "" { values = ""
            if (match($0, /: [a-z0-9]+(, [a-z0-9]+)+$/)) { values = substr($0, RSTART + 2); gsub(/,/, "", values) }
            print name, kind == "" ? "-" : kind, values; name = "" }'
}

# what may follow "--name="
_pollcheck_values() {
    local name kind values
    while read -r name kind values; do
        [ "$name" = "$2" ] || continue
        case $kind in
        FILE | PATH) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
        GROUP) mapfile -t COMPREPLY < <(compgen -g -- "$cur") ;;
        *) mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur") ;;
        esac
    done < <(_pollcheck_options "$1")
}

_pollcheck_words() {
    local name kind _
    while read -r name kind _; do
        [ "$kind" = - ] && echo "--$name" || echo "--$name="
    done < <(_pollcheck_options "$1")
}

# the index of the first word that is no option of pollcheck: a subcommand or the program
_pollcheck_program() {
    local i=1
    [[ ${words[1]} == @(run|record) ]] && i=2
    while ((i < cword)) && [[ ${words[i]} == -* && ${words[i]} != -- ]]; do
        [ "${words[i]}" = -o ] && ((i++))
        ((i++))
    done
    [ "${words[i]}" = -- ] && ((i < cword)) && ((i++))
    echo "$i"
}

_pollcheck() {
    local cur prev words cword split program choices=
    _init_completion -s -n : || return
    # what reads a trace has options of its own, and takes folders
    if ((cword > 1)) && [[ ${words[1]} == @(show|stats|report|export|snapshot) ]]; then
        choices=$("$1" "${words[1]}" --help | sed -n 's/^  \(--[a-z-]*\).*/\1/p')
        mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$cur"; compgen -d -- "$cur")
        return
    fi
    if $split; then
        _pollcheck_values "$1" "${prev#--}"
        return
    fi
    case $cword:${words[1]} in
    2:explain) choices=$("$1" rules | awk '{ print $1 }') ;;
    2:rules) choices=$("$1" --help | sed -n '/ rules \[/s/[^a-z-]\|pollcheck rules/ /gp') ;;
    esac
    if [ -n "$choices" ]; then
        mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$cur")
        return
    fi
    if [ "$prev" = -o ]; then
        compopt -o filenames && mapfile -t COMPREPLY < <(compgen -d -- "$cur")
        return
    fi
    program=$(_pollcheck_program)
    if ((cword > program)) || { ((cword == program)) && [[ $cur != -* ]]; }; then
        _command_offset "$program"
        choices="run record snapshot rules explain show stats report export"
        ((cword == 1)) && mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$choices" -- "$cur")
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$(_pollcheck_words "$1")" -- "$cur")
    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
} &&
    complete -F _pollcheck pollcheck
