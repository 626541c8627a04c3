# shellcheck shell=bash
# Takes back all that install.sh did, but for the data: photos on their way, roster, keys, settings.

uninstall() {
    [ -d "$record" ] || die "nothing is installed here"
    # What a folder held before may be needed while this runs.
    cd /
    stop_services
    restore_boot
    remove_files
    remove_users
    remove_packages
    rm -rf "$record" /usr/local/lib/kiosk "$opt"
    local folder kept=()
    for folder in /var/lib/kiosk /var/lib/registrar /var/lib/registrar-vault /etc/kiosk; do
        [ ! -e "$folder" ] || kept+=("$folder")
    done
    say "removed; the data are left, for root alone: ${kept[*]}"
}

stop_services() {
    local unit
    for unit in kiosk.service kiosk-resolver.service kiosk-sync.timer kiosk-sync.service \
        kiosk-maintenance.timer kiosk-maintenance.service kiosk-firewall.service registrar.service \
        registrar-vault.socket registrar-vault.service registrar-upkeep.timer registrar-upkeep.service; do
        if [ -e "/etc/systemd/system/$unit" ]; then
            systemctl --quiet disable "$unit" 2>/dev/null || true
            systemctl stop "$unit" || true
        fi
    done
}

restore_boot() {
    local folder word
    systemctl --quiet unmask getty@tty1.service
    case $(cat "$record/default-target" 2>/dev/null || true) in
        '') ;;
        none) rm -f /etc/systemd/system/default.target ;; # Debian's own was in force
        *) systemctl --quiet set-default "$(cat "$record/default-target")" ;;
    esac
    folder=$(boot_folder)
    [ -e "$record/kernel-words" ] && [ -n "$folder" ] || return 0
    while read -r word; do sed -i "1s/ $word\\b//" "$folder/cmdline.txt"; done <"$record/kernel-words"
}

remove_files() {
    local path heard=()
    mapfile -t heard < <(cat "$record/files" 2>/dev/null || true)
    for path in "${heard[@]}"; do rm -f "$path"; done
    # Folders that were made for them; those that hold something else by now stay.
    while read -r path; do
        rmdir --ignore-fail-on-non-empty "$path" 2>/dev/null || true
    done < <(sort -r "$record/folders" 2>/dev/null || true)
    make_heard "${heard[@]}"
    systemctl reset-failed 'kiosk*' 'registrar*' 2>/dev/null || true
}

remove_users() {
    local name
    # Their numbers may be given to somebody else one day, who must not own what is left.
    for name in kiosk registrar registrar-vault; do
        [ ! -d "/var/lib/$name" ] || chown -R root: "/var/lib/$name"
    done
    [ ! -d /etc/kiosk ] || chown -R root: /etc/kiosk
    while read -r name; do userdel "$name" 2>/dev/null || true; done < <(cat "$record/users" 2>/dev/null || true)
    while read -r name; do groupdel "$name" 2>/dev/null || true; done < <(cat "$record/groups" 2>/dev/null || true)
}

# Of the packages that came with the booth those that nothing else needs by now.
remove_packages() {
    local ours before removable
    mapfile -t ours < <(cat "$record/packages" 2>/dev/null || true)
    [ ${#ours[@]} -gt 0 ] || return 0
    # What others only recommend was not there before, and goes too.
    removable_packages() {
        apt-get -o APT::AutoRemove::RecommendsImportant=false \
            -o APT::AutoRemove::SuggestsImportant=false --simulate autoremove 2>/dev/null |
            sed -n 's/^Remv \([^ ]*\).*/\1/p' | sort
    }
    before=$(removable_packages)
    mapfile -t ours < <(for name in "${ours[@]}"; do ! installed "$name" || echo "$name"; done)
    apt-mark -qq auto "${ours[@]}" >/dev/null
    mapfile -t removable < <(comm -13 <(echo "$before") <(removable_packages))
    [ ${#removable[@]} -gt 0 ] || return 0
    # Debian's own removal leaves some of the links by which their units start.
    # shellcheck disable=SC2046 # names of units, without spaces
    systemctl --quiet disable $(dpkg-query --listfiles "${removable[@]}" |
        sed -n 's#.*/systemd/system/\([^/@]*\.\(service\|timer\)\)$#\1#p') 2>/dev/null || true
    say "removing ${#removable[@]} of Debian's packages that came with the booth"
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq purge --yes "${removable[@]}" >/dev/null
}
