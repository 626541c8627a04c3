#!/usr/bin/env bash
# Makes this machine a booth, or says what it lacks: sudo ./install.sh [OPTION…]
#
#   --check            say what differs from an installed booth, and change nothing (exit status 1)
#   --uninstall        remove all but the data: /var/lib/kiosk, /var/lib/registrar, /etc/kiosk
#   --twin             the booth is simulated: no camera, no lamps
#   --registrar        the registrar runs here too
#   --registrar-only   the registrar runs here, and no booth
#   --read-only        the root file system is not written from the next start on
#   --writable         it is, from the next start on
#   --models DIR       a folder with the model files, where their makers cannot be reached
#   --wheels DIR       a folder with the Python packages, where their registry cannot be reached
#   --ssh-key FILE     a public key that opens this machine; from then on no password does
#   --release-key FILE a public key: `kiosk update` takes releases that are signed with it
#   --machine          units, users and settings only: the release in force stays
#
# For Raspberry Pi OS Lite and Debian, 12 or 13. It may be run again at any time: what stands as it
# should is left alone. What kind of machine this is, and --read-only, are remembered.
set -eEuo pipefail
trap 'printf "install: broke off at %s, line %s: %s\n" "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND" >&2' ERR
umask 022
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

say() { printf 'install: %s\n' "$*"; }
die() { printf 'install: %s\n' "$*" >&2; exit 1; }
misuse() { printf 'install: %s\ninstall: sudo ./install.sh --help lists the options\n' "$*" >&2; exit 2; }

from=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
action=install machine_only=""
chosen=() unchosen=() options=()
models="" wheels="" ssh_key="" release_key=""

# shellcheck source=tools/python.sh
source "$from/tools/python.sh"
# shellcheck source=tools/packages.sh
source "$from/tools/packages.sh"
# shellcheck source=tools/install/record.sh
source "$from/tools/install/record.sh"
# shellcheck source=tools/install/software.sh
source "$from/tools/install/software.sh"
# shellcheck source=tools/install/settings.sh
source "$from/tools/install/settings.sh"
# shellcheck source=tools/install/machine.sh
source "$from/tools/install/machine.sh"
# shellcheck source=tools/install/uninstall.sh
source "$from/tools/install/uninstall.sh"

read_options() {
    while [ $# -gt 0 ]; do
        case $1 in
            --check | --uninstall) action=${1#--} ;;
            --twin | --registrar | --read-only) chosen+=("${1#--}") ;;
            --registrar-only) chosen+=(registrar registrar-only) ;;
            --writable) unchosen+=(read-only) ;;
            --machine) machine_only=yes ;;
            --models | --wheels | --ssh-key | --release-key)
                [ $# -gt 1 ] || misuse "$1: of what? a file or folder is to follow"
                [ -r "$2" ] || misuse "$1 $2: is not there, or cannot be read"
                local name=${1#--}
                printf -v "${name//-/_}" %s "$(readlink -f "$2")"
                shift
                ;;
            --help | -h)
                sed -n '2,/^set -/{s/^# \{0,1\}//p}' "$from/install.sh"
                exit 0
                ;;
            *) misuse "$1: no such option" ;;
        esac
        shift
    done
}

# Each step has a check, which says what differs and fails where something does, and what mends it.
steps=(packages users release config ssh files data models voice boot time updates services)
machine_steps=(users ssh files boot time updates)
registrar_steps=(packages users release config ssh files data time updates services)

take_steps() {
    local step difference changed=0
    for step in "$@"; do
        difference=$("check_$step") && continue
        changed=$((changed + 1))
        if [ "$action" = check ]; then
            printf '%s: %s\n' "$step" "$difference"
            continue
        fi
        say "$difference"
        "apply_$step"
        difference=$("check_$step") || die "$step: not done: $difference"
    done
    if [ "$action" = check ]; then
        [ "$changed" -eq 0 ] || { say "$changed of $# steps differ; sudo ./install.sh mends them"; exit 1; }
        say "all is as it should be"
    elif [ "$changed" -eq 0 ]; then
        say "nothing was to be done: all $# steps stand as they should"
    else
        say "done: $changed of $# steps"
    fi
}

main() {
    read_options "$@"
    [ "$(id -u)" -eq 0 ] || die "this changes the machine, so run it as root: sudo ./install.sh"
    exec 9>/run/kiosk-install.lock
    flock --nonblock 9 || die "another installation is under way; wait for its end"
    know_options
    require_system
    if [ "$action" = uninstall ]; then
        uninstall
        return
    fi
    [ "$action" = check ] || remember_options
    if has_option registrar-only; then
        take_steps "${registrar_steps[@]}"
    elif [ -n "$machine_only" ]; then
        take_steps "${machine_steps[@]}"
    else
        take_steps "${steps[@]}"
        tell_what_is_left
    fi
}

# Read to its end before it runs: it may remove the folder that it lies in.
main "$@"
exit
