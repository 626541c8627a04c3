# shellcheck shell=bash
# The booth's software: Debian's packages, users, the release, configuration, models and voice.

opt=/opt/kiosk
state=/var/lib/kiosk
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$from/pyproject.toml")
release=$opt/releases/$version

# ---- the system ----

is_read_only_now() { [ "$(findmnt -no FSTYPE /)" = overlay ] && [ -e /etc/overlayroot.conf ]; }

require_system() {
    [ -e /etc/debian_version ] ||
        die "this is neither Debian nor Raspberry Pi OS: it needs Debian 12 or 13"
    [ -d /run/systemd/system ] || die "systemd does not run here: install on the booted machine"
    [ -n "$version" ] || die "$from/pyproject.toml names no version: unpack the release again"
    # MediaPipe's library for 64-bit ARM is compiled with ARMv8.1's atomic instructions.
    if [ "$(uname -m)" = aarch64 ] && ! has_option registrar-only && ! grep -qw atomics /proc/cpuinfo; then
        die "this processor cannot run the models (a Raspberry Pi 4 or 3 cannot): take a Raspberry Pi 5"
    fi
    if is_read_only_now && [ "$action" != check ]; then
        [ ${#unchosen[@]} -gt 0 ] ||
            die "the root file system is read-only, so nothing done to it would last. First:" \
                "sudo $opt/current/install.sh --writable && sudo reboot"
        make_writable
        exit
    fi
    if has_option read-only && ! mountpoint --quiet "$state"; then
        die "with --read-only all is forgotten at each start that lies on no partition of its own," \
            "and $state, with the photos on their way, does not: give it one (a line in /etc/fstab)," \
            "or install --writable"
    fi
}

# From the next start on; overlayroot-chroot enters what lies below the memory.
make_writable() {
    overlayroot-chroot rm -f /etc/overlayroot.local.conf
    overlayroot-chroot sed -i '/^read-only$/d' "$record/options"
    say "written again from the next start on: sudo reboot; then sudo ./install.sh mends the rest"
}

# ---- packages ----

wanted_packages() {
    wanted=("${packages_to_keep_up[@]}")
    has_option registrar-only || wanted+=("${packages[@]}" "${packages_to_serve[@]}")
    keeps_time >/dev/null || wanted+=(systemd-timesyncd)
    if has_option read-only; then wanted+=(overlayroot); fi
}

check_packages() {
    local wanted missing
    wanted_packages
    find_missing "${wanted[@]}"
    [ ${#missing[@]} -eq 0 ] || { echo "Debian's packages are missing: ${missing[*]%%|*}"; return 1; }
}

apply_packages() {
    local wanted before after name
    wanted_packages
    list_installed() { dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u; }
    before=$(list_installed)
    install_packages "${wanted[@]}"
    after=$(list_installed)
    while read -r name; do note packages "$name"; done < <(comm -13 <(echo "$before") <(echo "$after"))
}

# ---- users and groups ----

users() {
    has_option registrar-only || echo kiosk
    if has_option registrar; then echo registrar registrar-vault; fi
}

# Those that the booth's unit names: systemd starts none that names a group that is not there.
device_groups() {
    has_option registrar-only || sed -n 's/^SupplementaryGroups=//p' "$from/systemd/kiosk.service"
}

check_users() {
    local name missing=()
    for name in $(device_groups); do getent group "$name" >/dev/null || missing+=("group $name"); done
    for name in $(users); do getent passwd "$name" >/dev/null || missing+=("user $name"); done
    [ ${#missing[@]} -eq 0 ] || { local IFS=,; echo "missing: ${missing[*]}"; return 1; }
}

apply_users() {
    local name
    for name in $(device_groups); do
        getent group "$name" >/dev/null && continue
        groupadd --system "$name"
        note groups "$name"
    done
    for name in $(users); do
        getent passwd "$name" >/dev/null && continue
        # The group may be left of an installation that was broken off.
        local its_group=(--user-group)
        ! getent group "$name" >/dev/null || its_group=(--gid "$name")
        useradd --system "${its_group[@]}" --home-dir "/var/lib/$name" --no-create-home \
            --shell /usr/sbin/nologin "$name"
        note users "$name"
    done
}

# ---- the release ----

# One number for all that a release is made of.
source_digest() {
    (
        cd "$from"
        # A checkout has no wheels, a release no kiosk: find complains of what is not there.
        # shellcheck disable=SC2046 # names of files, without spaces
        { find durable kiosk protocol registrar wheels $(cat tools/release-files) -type f \
            ! -path '*/__pycache__/*' -print0 2>/dev/null || true; } |
            sort -z | xargs -0 sha256sum | sha256sum
    ) | cut -d ' ' -f 1
}

release_is_made() {
    [ -e "$release/whole" ] || return 1
    [ "$from" = "$release" ] || [ "$(source_digest)" = "$(cat "$release/source.sha256" 2>/dev/null)" ]
}

check_release() {
    release_is_made || { echo "release $version is not in $opt (some minutes)"; return 1; }
    [ "$(readlink "$opt/current")" = "releases/$version" ] ||
        { echo "release $version is there, but not in force"; return 1; }
}

apply_release() {
    if ! release_is_made; then
        if [ "$(readlink "$opt/current")" = "releases/$version" ]; then
            systemctl stop kiosk.service kiosk-resolver.service registrar.service 2>/dev/null || true
        fi
        rm -rf "$release"
        mkdir -p "$opt/releases"
        bash "$from/tools/environment.sh" "$from" "$release" ${wheels:+"$wheels"}
        source_digest >"$release/source.sha256"
    fi
    local before schemas=migrations/schemas.json
    before=$(readlink "$opt/current" || true)
    # Only an update takes the data along, forward and back.
    if [ -n "$before" ] && ! cmp -s "$opt/$before/$schemas" "$release/$schemas"; then
        die "$opt/$before is in force, and keeps its data otherwise than $version does: take the" \
            "release in hand by sudo kiosk update --to $version"
    fi
    if [ -n "$before" ] && [ "$before" != "releases/$version" ]; then
        switch_link previous "$before"
    fi
    switch_link current "releases/$version"
}

switch_link() {
    ln -sfn "$2" "$opt/$1.new"
    mv -T "$opt/$1.new" "$opt/$1"
}

as_kiosk() {
    runuser -u kiosk -- env "HOME=$state" "STATE_DIRECTORY=$state" \
        KIOSK_CONFIG=/etc/kiosk/kiosk.toml "$@"
}

# ---- configuration: written once, and never over what staff have written ----

default_camera() {
    if has_option twin; then echo twin; elif on_pi; then echo pi; else echo webcam; fi
}

on_pi() { grep -qs "Raspberry Pi" /proc/device-tree/model; }

# The example's exposure and gains are a Pi's camera's: another would see white, or pink. A machine
# that is no Pi has no pins either.
example_config() {
    local lamps=none
    if has_option twin; then lamps=gpio; fi
    if [ "$(default_camera)" = pi ]; then
        cat "$from/systemd/kiosk.toml"
    else
        sed -E "s/^kind = \"pi\" /kind = \"$(default_camera)\" /
            s/^(exposure_time|analogue_gain|colour_gains|main_size) =/# &/
            s/^# driver = \"gpio\" /driver = \"$lamps\" /" "$from/systemd/kiosk.toml"
    fi
}

check_config() {
    has_option registrar-only || [ -e /etc/kiosk/kiosk.toml ] ||
        { echo "/etc/kiosk/kiosk.toml is missing"; return 1; }
    if has_option registrar && [ ! -e /etc/kiosk/registrar.env ]; then
        echo "/etc/kiosk/registrar.env is missing"
        return 1
    fi
    local key=/etc/kiosk/signing.key
    if [ -e "$key" ] && getent passwd kiosk >/dev/null && [ "$(stat -c '%U %a' "$key")" != "kiosk 600" ]; then
        echo "$key is not the booth's alone"
        return 1
    fi
    if [ -n "$release_key" ] && ! grep -qsxF -f "$release_key" /etc/kiosk/release.pub; then
        echo "releases signed with $release_key are not taken yet"
        return 1
    fi
}

apply_config() {
    mkdir -p /etc/kiosk
    if ! has_option registrar-only && [ ! -e /etc/kiosk/kiosk.toml ]; then
        example_config >/etc/kiosk/kiosk.toml.part
        mv /etc/kiosk/kiosk.toml.part /etc/kiosk/kiosk.toml
    fi
    if has_option registrar && [ ! -e /etc/kiosk/registrar.env ]; then
        cp "$from/systemd/registrar.env" /etc/kiosk/registrar.env
    fi
    if [ -e /etc/kiosk/signing.key ] && getent passwd kiosk >/dev/null; then
        chown kiosk: /etc/kiosk/signing.key
        chmod 600 /etc/kiosk/signing.key
    fi
    if [ -n "$release_key" ]; then cat "$release_key" >>/etc/kiosk/release.pub; fi
}

# ---- data: each folder its user's ----

check_data() {
    local name
    for name in $(users); do
        [ -d "/var/lib/$name" ] || { echo "/var/lib/$name is missing"; return 1; }
        [ -z "$(find "/var/lib/$name" ! -user "$name" -print -quit)" ] ||
            { echo "not all in /var/lib/$name is the user $name's"; return 1; }
    done
}

apply_data() {
    local name
    for name in $(users); do
        install -d -m 0700 "/var/lib/$name"
        chown -R "$name:" "/var/lib/$name"
    done
}

# ---- models and voice ----

check_models() {
    [ -x "$opt/current/.venv/bin/kiosk" ] || { echo "the models are not fetched"; return 1; }
    as_kiosk "$opt/current/.venv/bin/kiosk" models >/dev/null 2>&1 ||
        { echo "the models are not all there in $state/models"; return 1; }
}

apply_models() {
    local mirror=${models:-${KIOSK_MODEL_MIRROR:-}} copied=()
    if [ -n "$mirror" ]; then
        # The booth's user may not be allowed to read where they lie.
        local readable
        readable=$(mktemp -d)
        cp -R "$mirror/." "$readable"
        chmod -R a+rX "$readable"
        copied=(--mirror "$readable")
    fi
    as_kiosk "$opt/current/.venv/bin/kiosk" models --fetch "${copied[@]}" ||
        die "models are missing: bring them from another machine, and name their folder:" \
            "sudo ./install.sh --models DIR"
    [ -z "$mirror" ] || rm -rf "$readable"
}

check_voice() {
    local heard
    heard=$(as_kiosk "$opt/current/.venv/bin/kiosk" voice --json 2>/dev/null) ||
        { echo "the voice is not made"; return 1; }
    case $heard in *'"origin": "none"'*) echo "not all phrases can be heard"; return 1 ;; esac
}

apply_voice() {
    as_kiosk "$opt/current/.venv/bin/kiosk" voice --make || say "the booth will not say all"
}
