# fish completion for pollcheck(1). Options, their values and the rules are asked of the command itself.

# "--level=LEVEL" and, one line later, "help: note, warning, error" become three fields: level, LEVEL, help
function __pollcheck_options
    pollcheck --help 2>/dev/null | awk '
        /^  --/ { sub(/^  --/, ""); split($0, part, /\[?=/)
            name = part[1]; kind = part[2]; sub(/\]$/, "", kind); next }
        name != "" { sub(/^ +/, ""); print name "\t" kind "\t" $0; name = "" }'
end

# true until the program to run was named; the words after it are its own
function __pollcheck_before_program
    set -l words (commandline -opc)[2..]
    contains -- "$words[1]" run record; and set -e words[1]
    while set -l at (contains -i -- -o $words)
        set -e words[$at..(math $at + 1)]
    end
    not string match -qv -- '-*' $words
end

function __pollcheck_subcommand
    set -l words (commandline -opc)
    test (count $words) -eq 2; and test "$words[2]" = $argv[1]
end

__pollcheck_options | while read -d \t name kind help
    set -l flags
    switch $kind
        case ''
        case FILE PATH
            set flags -rF
        case GROUP
            set flags -xa '(__fish_complete_groups)'
        case '*'
            set flags -x
            set -l values (string match -rg ': ([a-z0-9]+(?:, [a-z0-9]+)+)$' -- $help | string split ', ')
            test -n "$values"; and set -a flags -a "$values"
    end
    complete -c pollcheck -n __pollcheck_before_program -l $name -d $help $flags
end
complete -c pollcheck -n __pollcheck_before_program -s o -d 'short for --trace' -xa '(__fish_complete_directories)'
complete -c pollcheck -n __pollcheck_before_program -xa '(__fish_complete_command)'
complete -c pollcheck -n '__fish_is_nth_token 1' -a 'run record snapshot rules explain show stats report export'
# what reads a trace has options of its own, and takes folders
for word in show stats report export snapshot
    complete -c pollcheck -n "__fish_seen_subcommand_from $word" \
        -xa "(pollcheck $word --help | string match -rg '^  (--[a-z-]+)'; __fish_complete_directories)"
end
complete -c pollcheck -n '__pollcheck_subcommand explain' -xa '(pollcheck rules | string split -f 1 " ")'
complete -c pollcheck -n '__pollcheck_subcommand rules' \
    -xa '(pollcheck --help | string match -r " rules \\[.*" | string match -ar -- "--[a-z]+")'
complete -c pollcheck -n 'not __pollcheck_before_program' -xa '(__fish_complete_subcommand)'
