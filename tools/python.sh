# Which Python and which lock files serve this machine; sourced by setup.sh and environment.sh.
# shellcheck shell=bash

on_pi_os() { [ -e /etc/rpi-issue ]; }

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

# The Python below any activated environment, which may be the one about to go.
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

# shellcheck disable=SC2034 # for who sources this
locks=(requirements.lock) venv_options=() pip_options=()
if on_pi_os; then
    # Debian's simplejpeg, which picamera2 imports, is built for another numpy: see
    # docs/decisions/0003. Nothing but picamera2, libcamera and lgpio shall come from Debian.
    locks+=(requirements-pi.lock)
    venv_options+=(--system-site-packages)
    pip_options+=(--ignore-installed)
fi
