# shellcheck shell=bash
# What install.sh did to this machine, kept outside the releases so that it can be undone.

record=/usr/local/lib/kiosk/installed
# Its files: `files`, `folders`, `packages`, `groups`, `users`, `default-target`, `kernel-words`,
# `options`; one name a line.

is_recorded() { grep -qsxF -- "$2" "$record/$1"; }

note() {
    mkdir -p "$record"
    is_recorded "$1" "$2" || printf '%s\n' "$2" >>"$record/$1"
}

# Sets `options` to those of earlier installations and of this one.
know_options() {
    local option known
    mapfile -t known < <(cat "$record/options" 2>/dev/null || true)
    options=()
    for option in "${known[@]}" "${chosen[@]}"; do
        has_option "$option" || [[ " ${unchosen[*]} " = *" $option "* ]] || options+=("$option")
    done
}

remember_options() {
    [ "$(printf '%s\n' "${options[@]}")" != "$(cat "$record/options" 2>/dev/null)" ] || return 0
    mkdir -p "$record"
    printf '%s\n' "${options[@]}" >"$record/options"
}

has_option() {
    local one
    for one in "${options[@]}"; do [ "$one" != "$1" ] || return 0; done
    return 1
}
