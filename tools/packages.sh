# shellcheck shell=bash
# Debian's packages that the booth needs. Sourced, after python.sh, by setup.sh and install.sh, which
# have the functions `say` and `die`.

# One package a word; of names joined by | the first that there is (Debian 13 renamed some).
#   mediapipe links EGL and GLES; OpenCV links GL and GLib; pyzbar loads ZBar; the screens need
#   fonts with the characters of every name, which Pillow sets from right to left with FriBidi;
#   espeak-ng reads the phrases aloud.
packages=(libegl1 libgles2 libgl1 'libglib2.0-0t64|libglib2.0-0' 'libzbar0t64|libzbar0' libfribidi0)
packages+=(fonts-noto-cjk fonts-noto-core fonts-hanazono fonts-babelstone-han espeak-ng)
if on_pi_os; then
    # Bound to the system's libcamera and kernel: only Raspberry Pi's own builds will do.
    packages+=(python3-picamera2 python3-lgpio)
fi

# Whoever changes the booth needs these too: tests show the screens in a virtual display, and trace
# what reaches for the network; `make check` reads the shell's scripts.
# shellcheck disable=SC2034 # setup.sh's
packages_to_develop=(xvfb libxtst6 strace shellcheck)

# A booth's machine: SDL draws through the kernel's mode setting.
# shellcheck disable=SC2034 # install.sh's
packages_to_serve=(libgbm1 libdrm2 udev)
# shellcheck disable=SC2034 # install.sh's, for a booth's machine and the registrar's
packages_to_keep_up=(nftables unattended-upgrades python3-venv)

installed() {
    { dpkg-query --show --showformat='${db:Status-Status}\n' "$@" 2>/dev/null || true; } |
        grep -qx installed
}

# Sets `missing` to those of the names of which none is installed.
find_missing() {
    missing=()
    local names
    for names in "$@"; do
        # shellcheck disable=SC2086 # the names are words
        installed ${names//|/ } || missing+=("$names")
    done
}

install_packages() {
    local missing
    find_missing "$@"
    [ ${#missing[@]} -gt 0 ] || return 0

    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            die "these packages are missing and there is no sudo; as root: apt-get install ${missing[*]%%|*}"
        root=(sudo)
    fi
    local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq)
    say "installing system packages: ${missing[*]%%|*}"
    local attempt names name
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
    die "apt-get could not install: ${missing[*]}; is there a network, and room on the disk (df -h)?"
}
