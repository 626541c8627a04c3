#!/usr/bin/env bash
# Makes a clean Debian as a folder, to boot or to enter: root.sh SUITE ARCH FOLDER.
#
# The system itself is made once and kept in .cache/machines; each call unpacks it anew into FOLDER,
# which must not be there yet. ARCH may be another machine's where binfmt_misc runs its programs.
set -euo pipefail
[ $# -eq 3 ] || { echo "usage: root.sh SUITE ARCH FOLDER" >&2; exit 2; }
suite=$1 arch=$2 folder=$3
cache=$(cd "$(dirname "$0")/../.." && pwd)/.cache/machines
archive=$cache/$suite-$arch.tar

[ "$(id -u)" -eq 0 ] || { echo "root.sh: only root can make a system" >&2; exit 1; }
[ ! -e "$folder" ] || { echo "root.sh: $folder is there already: remove it first" >&2; exit 1; }
command -v debootstrap >/dev/null ||
    { echo "root.sh: debootstrap is missing: apt-get install debootstrap" >&2; exit 1; }

mkdir -p "$cache"
exec 9>"$archive.lock"
flock 9
if [ ! -e "$archive" ]; then
    made=$cache/$suite-$arch.making
    rm -rf "$made"
    packages=systemd,systemd-sysv,dbus,python3,python3-venv,sudo,ca-certificates,procps,iproute2
    if [ "$arch" = "$(dpkg --print-architecture)" ]; then
        debootstrap --variant=minbase --include="$packages" "$suite" "$made"
    else
        debootstrap --foreign --variant=minbase --arch="$arch" --include="$packages" "$suite" "$made"
        chroot "$made" /debootstrap/debootstrap --second-stage
    fi
    # The rest of the release's packages, not only those of the day it was made.
    printf 'deb http://deb.debian.org/debian %s main\n' "$suite" >"$made/etc/apt/sources.list"
    rm -rf "$made"/var/cache/apt/archives/*.deb
    tar -C "$made" --xattrs --numeric-owner -cf "$archive.part" .
    rm -rf "$made"
    mv "$archive.part" "$archive"
fi
mkdir -p "$folder"
tar -C "$folder" --xattrs --numeric-owner -xpf "$archive"
