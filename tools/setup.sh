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

# shellcheck source=tools/python.sh
source tools/python.sh

# ---- system packages -------------------------------------------------------------------------

# shellcheck source=tools/packages.sh
source tools/packages.sh
packages+=("${packages_to_develop[@]}")

if command -v dpkg-query >/dev/null; then
    install_packages "${packages[@]}"
else
    say "this is no Debian: see to these yourself: ${packages[*]%%|*}"
fi

# ---- Python ----------------------------------------------------------------------------------

# The environment's own Python serves as long as it fits: looking no further is quick.
if [ -z "${PYTHON:-}" ] && [ -x .venv/bin/python ] && fits .venv/bin/python; then
    python=.venv/bin/python
elif ! python=$(find_python); then
    die "Python 3.11, 3.12 or 3.13 is needed; python3 here is" \
        "$(python3 --version 2>/dev/null || echo missing)." \
        "Install one, or name it: PYTHON=/path/to/python3 make setup"
fi

# ---- the environment -------------------------------------------------------------------------

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
