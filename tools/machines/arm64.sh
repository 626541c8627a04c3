#!/usr/bin/env bash
# Tries the booth on 64-bit ARM, as a Raspberry Pi is, by qemu's user mode: arm64.sh [SUITE].
#
# A Debian is unpacked and not set up (that takes qemu an hour); in it every locked package is
# installed and imported, and `kiosk check` and `kiosk standardise` see one of the twin's pictures.
# What they find has to be what this machine finds: compare_arm64.py says how nearly. The first time
# takes ten minutes and 3 GB, later ones five; all is kept in .cache/machines/arm64-SUITE.
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf 'arm64: %s\n' "$*"; }
die() { printf 'arm64: %s\n' "$*" >&2; exit 1; }

suite=${1:-trixie}
machine=$PWD/.cache/machines/arm64-$suite root=$PWD/.cache/machines/arm64-$suite/root
python=.venv/bin/python

# ---- what it takes -----------------------------------------------------------------------------

[ "$(id -u)" -eq 0 ] || die "only root can enter another machine's system: sudo make test-arm64"
# What is mounted below is gone with this process, however it ends: no /dev is left in .cache.
[ -n "${ARM64_MOUNTS_ALONE:-}" ] ||
    ARM64_MOUNTS_ALONE=yes exec unshare --mount tools/machines/arm64.sh "$suite"
[ -x "$python" ] || die "there is no .venv: run make setup"
for tool in debootstrap:debootstrap dpkg-deb:dpkg qemu-aarch64-static:qemu-user-static \
    update-binfmts:binfmt-support; do
    command -v "${tool%%:*}" >/dev/null ||
        die "${tool%%:*} is missing: apt-get install ${tool##*:}"
done
handlers=/proc/sys/fs/binfmt_misc
if [ "$(uname -m)" != aarch64 ] && [ ! -e "$handlers/qemu-aarch64" ]; then
    die "this kernel does not hand ARM's programs to qemu:" \
        "mount -t binfmt_misc none $handlers; update-binfmts --enable qemu-aarch64"
fi

# A Pi 5's cores. On a Pi 4's (QEMU_CPU=cortex-a72) all packages import, but MediaPipe's library needs
# ARMv8.1's atomic instructions, which those lack: models do not load there, and that is told.
export QEMU_CPU=${QEMU_CPU:-cortex-a76}

# ---- the machine -------------------------------------------------------------------------------

mkdir -p "$machine"
exec 9>"$machine/lock"
flock --nonblock 9 || die "another trial is under way"

glib=libglib2.0-0t64 zbar=libzbar0t64
[ "$suite" != bookworm ] || glib=libglib2.0-0 zbar=libzbar0
packages=python3,libegl1,libgles2,libgl1,$glib,$zbar,libfribidi0,fonts-noto-cjk
if [ ! -e "$machine/unpacked" ]; then
    say "unpacking Debian $suite for arm64"
    rm -rf "$root"
    debootstrap --foreign --variant=minbase --arch=arm64 --include="$packages" "$suite" "$root" \
        >"$machine/debootstrap.log" || die "see $machine/debootstrap.log"
    for package in "$root"/var/cache/apt/archives/*.deb; do
        # As dpkg unpacks: what is a link to a folder stays one.
        dpkg-deb --fsys-tarfile "$package" |
            tar -C "$root" --keep-directory-symlink --no-same-owner -x
    done
    touch "$machine/unpacked"
fi
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 \
    QEMU_CPU="$QEMU_CPU" PYTHONDONTWRITEBYTECODE=1 SDL_VIDEODRIVER=dummy "$@"; }
# debootstrap makes /proc a link to our own where it thinks that it may not mount.
[ ! -L "$root/proc" ] || rm "$root/proc"
mkdir -p "$root/proc" "$root/sys" "$root/dev"
mount -t proc none "$root/proc"
mount -t sysfs -o ro none "$root/sys"
mount --rbind --make-rslave /dev "$root/dev"
if [ "$(uname -m)" != aarch64 ]; then
    # qemu 7.2 hands our own on. ONNX Runtime, which finds processors in /sys but none of ARM's in
    # it, then dies of a segmentation fault as it is imported.
    for ((number = 0; number < $(nproc); number++)); do
        printf '%s\t: %s\n' processor "$number" Features \
            'fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm asimddp' \
            'CPU implementer' 0x41 'CPU architecture' 8 'CPU variant' 0x4 'CPU part' 0xd0b \
            'CPU revision' 1
        echo
    done >"$machine/cpuinfo"
    mount --bind "$machine/cpuinfo" "$root/proc/cpuinfo"
fi
version=$(in_root python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
say "$(in_root uname -m), Python $version, $QEMU_CPU"

# ---- the packages ------------------------------------------------------------------------------

# pip chooses, verifies and unpacks for another machine, too: under qemu that takes it half an hour.
want="$version $(sha256sum <requirements.lock)"
if [ "$(cat "$machine/installed" 2>/dev/null)" != "$want" ]; then
    say "installing the locked packages for arm64: 700 MB"
    rm -rf "$root/kiosk/site" "$machine/installed"
    "$python" tools/machines/lock_for.py requirements.lock "$version" >"$machine/requirements.lock"
    platforms=(--platform manylinux2014_aarch64)
    for glibc in 17 24 26 27 28 31 34; do
        platforms+=(--platform "manylinux_2_${glibc}_aarch64")
    done
    "$python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-compile \
        --require-hashes --only-binary=:all: --ignore-requires-python "${platforms[@]}" --python-version "$version" \
        --implementation cp --abi "cp${version/./}" --abi abi3 --abi none \
        --target "$root/kiosk/site" -r "$machine/requirements.lock"
    printf '%s' "$want" >"$machine/installed"
fi

# ---- the booth ---------------------------------------------------------------------------------

rm -rf "$root/kiosk/src" "$machine/found"
mkdir -p "$root/kiosk/src" "$machine/found"
cp -R durable kiosk protocol registrar "$root/kiosk/src/"
store=$("$python" -c 'from kiosk.models import default_store; print(default_store())')
rm -rf "$root/kiosk/models"
cp -R "$store" "$root/kiosk/models"
printf '[models]\nstore = "/kiosk/models"\n' >"$root/kiosk/kiosk.toml"
"$python" -m kiosk twin frame lin -o "$machine/found/picture.png"
cp "$machine/found/picture.png" "$machine/requirements.lock" tools/machines/import_locked.py \
    "$root/kiosk/"

booth() { in_root PYTHONPATH=/kiosk/src:/kiosk/site python3 -W ignore "$@"; }
say "importing every locked package"
booth /kiosk/import_locked.py /kiosk/requirements.lock
say "check and standardise, here and there"
status_here=0 status_there=0
"$python" -m kiosk check --json "$machine/found/picture.png" >"$machine/found/check-here.json" ||
    status_here=$?
booth -m kiosk --config /kiosk/kiosk.toml check --json /kiosk/picture.png \
    >"$machine/found/check-arm64.json" || status_there=$?
[ "$status_here" -eq "$status_there" ] ||
    die "check ends with $status_here here and with $status_there on arm64"
"$python" -m kiosk standardise --json "$machine/found/picture.png" "$machine/found/photo-here.jpg" \
    >"$machine/found/standardise-here.json"
booth -m kiosk --config /kiosk/kiosk.toml standardise --json /kiosk/picture.png /kiosk/photo.jpg \
    >"$machine/found/standardise-arm64.json"
cp "$root/kiosk/photo.jpg" "$machine/found/photo-arm64.jpg"
"$python" tools/machines/compare_arm64.py "$machine/found"
