#!/usr/bin/env bash
# Sets up what the booth needs: system packages, .venv, models, voice. Quick when nothing is to do.
#
# PYTHON names another Python than the one found; KIOSK_MODEL_MIRROR a folder with model files.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# Two set-ups at once: the second waits, and then finds nothing to do.
mkdir -p .cache
if command -v flock >/dev/null; then
    exec 9>.cache/setup.lock
    flock --nonblock 9 || { say "another set-up is under way: waiting for it"; flock 9; }
fi

# ---- system packages -------------------------------------------------------------------------

on_pi_os() { [ -e /etc/rpi-issue ]; }

# One package a word; of names joined by | the first that there is (Debian 13 renamed some).
#   mediapipe links EGL and GLES; OpenCV links GL and GLib; pyzbar loads ZBar; the screens need
#   fonts with the characters of every name, which Pillow sets from right to left with FriBidi;
#   espeak-ng reads the phrases aloud; tests show the screens in a virtual display, and trace what
#   reaches for the network.
packages=(libegl1 libgles2 libgl1 'libglib2.0-0t64|libglib2.0-0' libzbar0 libfribidi0)
packages+=(fonts-noto-cjk fonts-noto-core fonts-hanazono espeak-ng xvfb libxtst6 strace)
if on_pi_os; then
    # Bound to the system's libcamera and kernel: only Raspberry Pi's own builds will do.
    packages+=(python3-picamera2 python3-lgpio)
fi

installed() {
    { dpkg-query --show --showformat='${db:Status-Status}\n' "$@" 2>/dev/null || true; } |
        grep -qx installed
}

install_packages() {
    local missing=() names name
    for names in "$@"; do
        # shellcheck disable=SC2086 # the names are words
        installed ${names//|/ } || missing+=("$names")
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            die "these packages are missing and there is no sudo; as root: apt-get install ${missing[*]%%|*}"
        root=(sudo)
    fi
    local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq)
    say "installing system packages: ${missing[*]%%|*}"
    local attempt
    for attempt in "known lists" "fresh lists"; do
        [ "$attempt" = "known lists" ] || "${apt[@]}" update
        local chosen=()
        for names in "${missing[@]}"; do
            for name in ${names//|/ }; do
                if apt-cache show "$name" >/dev/null 2>&1; then
                    chosen+=("$name")
                    break
                fi
            done
        done
        if [ ${#chosen[@]} -eq ${#missing[@]} ] &&
            "${apt[@]}" install --yes --no-install-recommends "${chosen[@]}" >/dev/null; then
            return 0
        fi
    done
    die "apt-get could not install: ${missing[*]}"
}

if command -v dpkg-query >/dev/null; then
    install_packages "${packages[@]}"
else
    say "this is no Debian: see to these yourself: ${packages[*]%%|*}"
fi

# ---- Python ----------------------------------------------------------------------------------

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

# Gives the Python below any activated environment, which may be the one about to go.
find_python() {
    local candidates=(python3 python3.13 python3.12 python3.11) name
    # picamera2 comes from Debian, built for Debian's Python.
    if on_pi_os; then candidates=(/usr/bin/python3); fi
    for name in ${PYTHON:+"$PYTHON"} "${candidates[@]}"; do
        if fits "$name"; then
            "$name" -c 'import sys; print(sys._base_executable)'
            return
        fi
    done
    return 1
}

# The environment's own Python serves as long as it fits: looking no further is quick.
if [ -z "${PYTHON:-}" ] && [ -x .venv/bin/python ] && fits .venv/bin/python; then
    python=.venv/bin/python
elif ! python=$(find_python); then
    die "Python 3.11, 3.12 or 3.13 is needed; python3 here is" \
        "$(python3 --version 2>/dev/null || echo missing)." \
        "Install one, or name it: PYTHON=/path/to/python3 make setup"
fi

# ---- the environment -------------------------------------------------------------------------

locks=(requirements.lock)
venv_options=()
pip_options=()
if on_pi_os; then
    # Debian's simplejpeg, which picamera2 imports, is built for another numpy: see
    # docs/decisions/0003. Nothing but picamera2, libcamera and lgpio shall come from Debian.
    locks+=(requirements-pi.lock)
    venv_options+=(--system-site-packages)
    pip_options+=(--ignore-installed)
fi

version=$("$python" -c 'import sys; print(sys.version.split()[0])')
want="$version $(cat "${locks[@]}" | sha256sum)"
want_project=$(sha256sum pyproject.toml)

# The stamp is written last: an environment without it was interrupted, and is made anew.
if [ "$(cat .venv/.installed 2>/dev/null)" != "$want" ]; then
    if [ "$python" = .venv/bin/python ]; then
        python=$(find_python) || die "the Python that .venv was made with is gone, and no other fits"
        version=$("$python" -c 'import sys; print(sys.version.split()[0])')
        want="$version $(cat "${locks[@]}" | sha256sum)"
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        command -v dpkg-query >/dev/null || die "$python lacks the modules venv and ensurepip"
        install_packages "python${version%.*}-venv"
    fi
    say "making .venv with Python $version: about 700 MB, a minute or two"
    rm -rf .venv
    "$python" -m venv "${venv_options[@]}" .venv
    for lock in "${locks[@]}"; do
        .venv/bin/python -m pip install -qq --disable-pip-version-check --no-input \
            --no-deps --require-hashes --only-binary=:all: "${pip_options[@]}" -r "$lock"
    done
    printf '%s\n' "$want" >.venv/.installed
fi

if [ "$(cat .venv/.installed-project 2>/dev/null)" != "$want_project" ]; then
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-input \
        --no-deps --no-build-isolation --editable .
    printf '%s\n' "$want_project" >.venv/.installed-project
fi

# ---- models ----------------------------------------------------------------------------------

mirror=../shared/data/models
if [ -z "${KIOSK_MODEL_MIRROR:-}" ] && [ -d "$mirror" ]; then
    KIOSK_MODEL_MIRROR=$(cd "$mirror" && pwd)
    export KIOSK_MODEL_MIRROR
fi
.venv/bin/kiosk models --fetch

# ---- the voice -------------------------------------------------------------------------------

# Without it the booth runs all the same.
.venv/bin/kiosk voice --make || say "the booth will not speak"
