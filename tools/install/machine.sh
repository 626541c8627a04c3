# shellcheck shell=bash
# The machine around the booth: how it starts, keeps time, is updated and entered.

# ---- straight to the booth ----

boot_folder() {
    local folder
    for folder in /boot/firmware /boot; do
        if [ -e "$folder/cmdline.txt" ]; then echo "$folder"; return; fi
    done
}

# Memory is counted (the units bound it); the screen stays lit; no cursor blinks beside the booth.
kernel_words=(cgroup_enable=memory consoleblank=0 vt.global_cursor_default=0)

lacking_kernel_words() {
    local word folder
    folder=$(boot_folder)
    [ -n "$folder" ] && on_pi || return 0
    for word in "${kernel_words[@]}"; do
        grep -qw -- "$word" "$folder/cmdline.txt" || echo "$word"
    done
}

check_boot() {
    local lacking
    lacking=$(lacking_kernel_words)
    if [ -n "$lacking" ]; then
        echo "the kernel's command line lacks: ${lacking//$'\n'/ } (in force from the next start)"
        return 1
    fi
    [ "$(systemctl get-default)" = multi-user.target ] || { echo "it does not start straight to the booth"; return 1; }
    [ "$(systemctl is-enabled getty@tty1.service 2>/dev/null)" = masked ] ||
        { echo "a login prompt has the console"; return 1; }
}

apply_boot() {
    local lacking folder
    lacking=$(lacking_kernel_words)
    if [ -n "$lacking" ]; then
        folder=$(boot_folder)
        cp "$folder/cmdline.txt" "$folder/cmdline.txt.new"
        sed -i "1s/\$/ ${lacking//$'\n'/ }/" "$folder/cmdline.txt.new"
        mv "$folder/cmdline.txt.new" "$folder/cmdline.txt"
        local word
        for word in $lacking; do note kernel-words "$word"; done
    fi
    if [ "$(systemctl get-default)" != multi-user.target ]; then
        if [ -e /etc/systemd/system/default.target ]; then
            note default-target "$(systemctl get-default)"
        else
            note default-target none
        fi
        systemctl --quiet set-default multi-user.target
    fi
    systemctl --quiet mask getty@tty1.service
}

# ---- time ----

clocks=(systemd-timesyncd chrony ntpsec openntpd)

# Prints what keeps the clock right, if anything is enabled to.
keeps_time() {
    local clock
    for clock in "${clocks[@]}"; do
        if systemctl --quiet is-enabled "$clock.service" 2>/dev/null; then echo "$clock"; return; fi
    done
    return 1
}

check_time() { keeps_time >/dev/null || { echo "nothing keeps the clock right"; return 1; }; }
apply_time() { systemctl --quiet enable --now systemd-timesyncd.service; }

# ---- security updates ----

update_units=(apt-daily.timer apt-daily-upgrade.timer unattended-upgrades.service)

check_updates() {
    local unit wanted=enabled
    # What a read-only system forgets at the next start need not be fetched every night.
    if has_option read-only; then wanted=disabled; fi
    for unit in "${update_units[@]}"; do
        [ "$(systemctl is-enabled "$unit" 2>/dev/null)" = "$wanted" ] ||
            { echo "security updates at night are not $wanted"; return 1; }
    done
}

apply_updates() {
    if has_option read-only; then
        systemctl --quiet disable --now "${update_units[@]}"
    else
        systemctl --quiet enable --now "${update_units[@]}"
    fi
}

# ---- SSH: by key only, and never so that staff are locked out ----

key_files() {
    local name home
    while IFS=: read -r name _ _ _ _ home _; do
        if [ "$name" = root ] || id -nG "$name" 2>/dev/null | grep -qw sudo; then
            echo "$home/.ssh/authorized_keys"
        fi
    done < <(getent passwd)
}

some_key_opens() {
    local file
    while read -r file; do
        ! grep -qsE '^[^#]*(ssh|ecdsa|sk)-' "$file" || return 0
    done < <(key_files)
    return 1
}

may_close_passwords() { command -v sshd >/dev/null && some_key_opens; }

# Whom a new key lets in: who called sudo, else the first person who may use it.
staff_user() {
    local name uid
    if [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then echo "$SUDO_USER"; return; fi
    while IFS=: read -r name _ uid _; do
        if [ "$uid" -ge 1000 ] && id -nG "$name" | grep -qw sudo; then echo "$name"; return; fi
    done < <(getent passwd)
    echo root
}

check_ssh() {
    [ -n "$ssh_key" ] || return 0
    local file
    file=$(getent passwd "$(staff_user)" | cut -d : -f 6)/.ssh/authorized_keys
    grep -qsxF -f "$ssh_key" "$file" || { echo "$ssh_key does not open this machine yet"; return 1; }
}

apply_ssh() {
    local name home
    name=$(staff_user)
    home=$(getent passwd "$name" | cut -d : -f 6)
    grep -qE '^(ssh|ecdsa|sk)-' "$ssh_key" || die "$ssh_key is no public key of SSH: name the .pub file"
    install -d -m 0700 -o "$name" -g "$(id -g "$name")" "$home/.ssh"
    cat "$ssh_key" >>"$home/.ssh/authorized_keys"
    chown "$name:" "$home/.ssh/authorized_keys"
    chmod 600 "$home/.ssh/authorized_keys"
}

# ---- the services ----

units() {
    echo kiosk-firewall.service
    if has_option registrar; then echo registrar.service registrar-upkeep.timer; fi
    has_option registrar-only ||
        echo kiosk-resolver.service kiosk-sync.timer kiosk-maintenance.timer kiosk.service
}

check_services() {
    local unit
    for unit in $(units); do
        systemctl --quiet is-enabled "$unit" 2>/dev/null ||
            { echo "$unit does not start by itself"; return 1; }
        # The firewall where it may not act, and a booth that waits to be enrolled, need not run.
        case $unit in
            kiosk-firewall.service)
                [ "$(systemctl show --property ConditionResult --value "$unit")" = yes ] || continue
                ;;
            kiosk*) [ -e /etc/kiosk/signing.key ] || continue ;;
        esac
        case $(systemctl is-active "$unit" 2>/dev/null) in
            active | activating | reloading) ;;
            *) echo "$unit does not run"; return 1 ;;
        esac
        ! is_stale "$unit" || { echo "$unit still runs from another release"; return 1; }
    done
}

# Whether a service was started before the release in force came into it.
is_stale() {
    local started
    case $1 in kiosk.service | kiosk-resolver.service | registrar.service) ;; *) return 1 ;; esac
    started=$(systemctl show --timestamp=unix --property ExecMainStartTimestamp --value "$1")
    systemctl --quiet is-active "$1" && [ -n "$started" ] || return 1
    [ "$(stat -c %Y "$release/whole")" -gt "${started#@}" ] ||
        [ "$(stat -c %Y "$opt/current")" -gt "${started#@}" ]
}

apply_services() {
    # shellcheck disable=SC2046 # names of units, without spaces
    systemctl --quiet enable $(units)
    local unit how
    for unit in $(units); do
        how=start
        ! is_stale "$unit" || how=restart
        # A booth that is not enrolled yet is tried again and again: nobody waits for it.
        case $unit in
            kiosk*) [ -e /etc/kiosk/signing.key ] || { systemctl --no-block "$how" "$unit"; continue; } ;;
        esac
        systemctl "$how" "$unit" || say "$unit did not start yet; see: journalctl --unit $unit"
    done
}

# ---- what nobody but staff can do ----

tell_what_is_left() {
    [ "$action" = install ] || return 0
    if ! has_option registrar-only && [ ! -e /etc/kiosk/signing.key ]; then
        say "to do: enrol the booth: sudo kiosk enrol URL CODE, by a one-time code from the" \
            "registrar's page of booths, or from 'registrar booth code NAME' on its machine"
    fi
    has_option registrar-only || [ -e "$state/staff.pin" ] || say "to do: set the staff's PIN: sudo kiosk pin"
    if command -v sshd >/dev/null && ! some_key_opens; then
        say "to do: SSH takes passwords, for no key opens this machine yet: sudo ./install.sh" \
            "--ssh-key your.pub"
    fi
    if [ -n "$(cat "$record/kernel-words" 2>/dev/null)" ] && ! grep -qw cgroup_enable=memory /proc/cmdline; then
        say "to do: start anew once (sudo reboot): the kernel's command line has changed"
    fi
}
