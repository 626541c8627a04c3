# shellcheck shell=bash
# What install.sh did to this machine, kept outside the releases so that it can be undone.

record=/usr/local/lib/kiosk/installed
# Files: `files`, `packages`, `groups`, `users`, `default-target`, `options`; one name a line.

is_recorded() { grep -qsxF -- "$2" "$record/$1"; }

note() {
    mkdir -p "$record"
    is_recorded "$1" "$2" || printf '%s\n' "$2" >>"$record/$1"
}

# Options that hold until another is given; a check keeps none.
remember_options() {
    local option
    mapfile -t options < <(cat "$record/options" 2>/dev/null || true)
    for option in "${chosen[@]}"; do
        has_option "$option" || options+=("$option")
    done
    for option in "${unchosen[@]}"; do
        local kept=() one
        for one in "${options[@]}"; do [ "$one" = "$option" ] || kept+=("$one"); done
        options=("${kept[@]}")
    done
    if [ "$action" = install ] && [ "$(printf '%s\n' "${options[@]}")" != "$(cat "$record/options" 2>/dev/null)" ]; then
        mkdir -p "$record"
        printf '%s\n' "${options[@]}" >"$record/options"
    fi
}

has_option() {
    local one
    for one in "${options[@]}"; do [ "$one" != "$1" ] || return 0; done
    return 1
}
