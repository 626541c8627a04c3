#!/usr/bin/env bash
# Makes a release's folder with an environment of its own: environment.sh FROM RELEASE [WHEELS].
#
# FROM is a checkout, or an unpacked release, which holds the project as a wheel. RELEASE is made
# anew where it is not whole, and left alone where it is. With WHEELS, a folder of wheels, nothing
# is asked of the network. PYTHON names another Python than the one found.
set -euo pipefail

say() { printf 'environment: %s\n' "$*"; }
die() { printf 'environment: %s\n' "$*" >&2; exit 1; }

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    echo "usage: environment.sh FROM RELEASE [WHEELS]" >&2
    exit 2
fi
from=$(cd "$1" && pwd) release=$2 wheels=${3:-}

# Written last, once all is on the disk: a folder without it was interrupted.
whole=$release/whole
if [ -e "$whole" ]; then
    say "$release is there already"
    exit 0
fi

# shellcheck source=tools/python.sh
source "$from/tools/python.sh"
python=$(find_python) ||
    die "Python 3.11, 3.12 or 3.13 is needed; python3 here is" \
        "$(python3 --version 2>/dev/null || echo missing): apt-get install python3"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    die "$python lacks the modules venv and ensurepip: apt-get install python3-venv"

umask 022
rm -rf "$release"
while read -r name; do
    mkdir -p "$(dirname "$release/$name")"
    [ ! -e "$from/$name" ] || cp -R "$from/$name" "$release/$name"
done <"$from/tools/release-files"

say "making $release/.venv with $("$python" --version): about 700 MB, a minute or two"
"$python" -m venv "${venv_options[@]}" "$release/.venv"
pip=("$release/.venv/bin/python" -m pip --disable-pip-version-check --no-input install -qq --no-deps)
sources=(--only-binary=:all:)
[ -z "$wheels" ] || sources+=(--no-index "--find-links=$wheels")
for lock in "${locks[@]}"; do
    "${pip[@]}" --require-hashes "${sources[@]}" "${pip_options[@]}" -r "$from/$lock" ||
        die "the packages of $lock could not be installed: see above; without network, put their" \
            "wheels into a folder: tools/release.py wheels"
done
if [ -d "$from/kiosk" ]; then
    built=$(mktemp -d)
    trap 'rm -rf "$built"' EXIT
    (cd "$from" && "$release/.venv/bin/python" -m hatchling build -t wheel -d "$built" >/dev/null)
    "${pip[@]}" --no-index "$built"/*.whl
else
    "${pip[@]}" --no-index "$from"/wheels/*.whl
fi

# What shells complete commands by, and the manual: made from the command line, and linked to.
made=$release/share
mkdir -p "$made"
for shell in bash zsh fish; do
    KIOSK_CONFIG=/dev/null "$release/.venv/bin/kiosk" completion "$shell" >"$made/kiosk.$shell"
done
KIOSK_CONFIG=/dev/null "$release/.venv/bin/kiosk" man >"$made/kiosk.1"

sync -f "$release" 2>/dev/null || sync
touch "$whole"
sync -f "$release" 2>/dev/null || sync
say "$release is whole"
