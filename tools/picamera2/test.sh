#!/usr/bin/env bash
# Runs the Pi's camera driver on Debian's libcamera and the real picamera2: `make test-picamera2`.
#
# In a Debian of its own, kept in .cache/machines/picamera2 (remove it to make it anew). Mounts are
# made in a namespace of their own and end with it, whatever happens.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD/.cache/machines/picamera2
picamera2=0.3.38

[ "$(id -u)" -eq 0 ] || {
    echo "test-picamera2: it makes a Debian to run in, which only root can: sudo make test-picamera2" >&2
    exit 1
}
if [ ! -e "$root/made" ]; then
    rm -rf "$root"
    tools/machines/root.sh trixie "$(dpkg --print-architecture)" "$root"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PYTHONPATH=. .venv/bin/python tools/picamera2/frames.py "$work/frames"

export root work picamera2 repository=$PWD
# shellcheck disable=SC2016 # the inner shell expands them
unshare --mount --fork bash -euo pipefail -c '
    mount -t proc proc "$root/proc"
    mkdir -p "$root/dev/shm" "$root/repository" "$root/work"
    mount -t tmpfs shm "$root/dev/shm"
    mount --bind "$repository" "$root/repository"
    mount -o remount,bind,ro "$root/repository"
    mount --bind "$work" "$root/work"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    # The certificates and the index of this machine, where it has its own.
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    if [ -e /etc/pip.conf ]; then cp /etc/pip.conf "$root/etc/pip.conf"; fi
    exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        PICAMERA2="$picamera2" bash /repository/tools/picamera2/inside.sh
'
