#!/usr/bin/env bash
# Tries lamps, switches and fan on the real gpiozero and lgpio, over a gpiochip that is none.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v cc >/dev/null; then
    echo "test-lgpio: there is no C compiler; install one: apt install gcc libc6-dev" >&2
    exit 1
fi
place=.cache/lgpio
if ! [ -d "$place/lgpio.libs" ]; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
        --only-binary=:all: --target "$place" lgpio==0.2.2.0
fi
cc -O2 -Wall -Wextra -Werror -shared -fPIC -o "$place/gpiochip.so" tools/gpio/gpiochip.c -ldl -pthread
head -c 4096 /dev/zero > "$place/state"
# lgpio makes its pipes in the working folder.
pipes=$(mktemp --directory)
trap 'rm -rf "$pipes"' EXIT
export LG_WD="$pipes" PYTHONPATH="$place" GPIOCHIP_STATE="$PWD/$place/state"
LD_PRELOAD="$PWD/$place/gpiochip.so" .venv/bin/python -m pytest -n0 -v --rootdir=. \
    tools/gpio/test_lgpio.py
