# shellcheck shell=bash
# Every file that the machine gets besides the release and the data: laid out in a folder as they
# shall lie below /, then compared, copied, and remembered so that they can be removed.

# Below it: the folder that they are laid out in.
put() { # PATH [MODE]: standard input is its content
    mkdir -p "$laid$(dirname "$1")"
    cat >"$laid$1"
    chmod "${2:-644}" "$laid$1"
}

lay_out() {
    local unit
    put /etc/systemd/system/kiosk-firewall.service <"$from/systemd/kiosk-firewall.service"
    has_option registrar-only || lay_out_booth
    if has_option registrar; then
        for unit in registrar.service registrar-vault.service registrar-vault.socket \
            registrar-upkeep.service registrar-upkeep.timer; do
            put "/etc/systemd/system/$unit" <"$from/systemd/$unit"
        done
        put /usr/local/bin/registrar 755 <"$from/systemd/lib/registrar"
    fi
    lay_out_settings
    firewall | put /usr/local/lib/kiosk/firewall.nft
    if may_close_passwords; then
        put /etc/ssh/sshd_config.d/10-kiosk.conf <<'END'
# A key opens this machine, and no password.
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
END
    fi
    if has_option read-only; then
        put /etc/overlayroot.local.conf <<'END'
# What is written to / is forgotten at the next start; other partitions are written as ever.
overlayroot="tmpfs:recurse=0"
END
    fi
}

lay_out_booth() {
    local unit rules script of_a_release
    for unit in "$from"/systemd/kiosk*.{service,timer}; do
        put "/etc/systemd/system/${unit##*/}" <"$unit"
    done
    lay_out_drop_ins
    for rules in "$from"/systemd/*.rules; do
        put "/etc/udev/rules.d/${rules##*/}" <"$rules"
    done
    for script in trial confirm nightly; do
        [ ! -e "$from/systemd/lib/$script" ] ||
            put "/usr/local/lib/kiosk/$script" 755 <"$from/systemd/lib/$script"
    done
    if on_pi; then echo i2c-dev | put /etc/modules-load.d/kiosk.conf; fi
    mkdir -p "$laid/usr/local/bin"
    ln -s "$opt/current/.venv/bin/kiosk" "$laid/usr/local/bin/kiosk"
    for of_a_release in bash:bash-completion/completions/kiosk zsh:zsh/site-functions/_kiosk \
        fish:fish/vendor_completions.d/kiosk.fish 1:man/man1/kiosk.1; do
        mkdir -p "$laid/usr/local/share/$(dirname "${of_a_release#*:}")"
        ln -s "$opt/current/share/kiosk.${of_a_release%%:*}" "$laid/usr/local/share/${of_a_release#*:}"
    done
}

lay_out_drop_ins() {
    local drop_ins=/etc/systemd/system/kiosk.service.d
    if [ "$(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')" -ge 254 ]; then
        put "$drop_ins/20-back-off.conf" <<'END'
[Service]
# From 2 s between two tries to 30 s: what is mended serves again soon, and nothing runs hot.
RestartSteps=4
RestartMaxDelaySec=30
END
    fi
    if [ ! -e /dev/tty1 ]; then
        put "$drop_ins/10-no-console.conf" <<'END'
[Service]
# There is no console here, as in a container: the booth shows its screens to nobody.
StandardInput=null
TTYPath=
TTYReset=no
TTYVHangup=no
TTYVTDisallocate=no
Environment=SDL_VIDEODRIVER=dummy
END
    fi
}

lay_out_settings() {
    put /etc/systemd/journald.conf.d/kiosk.conf <<'END'
[Journal]
# Some months of a booth's words; the disk is the photos'.
Storage=persistent
SystemMaxUse=200M
RuntimeMaxUse=32M
END
    put /etc/apt/apt.conf.d/52kiosk <<'END'
// Security updates every night, and nothing else by itself. A restart that one of them needs is at
// 04:00, when nobody is photographed.
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
APT::Periodic::AutocleanInterval "7";
#clear Unattended-Upgrade::Origins-Pattern;
Unattended-Upgrade::Origins-Pattern { "origin=Debian,codename=${distro_codename}-security,label=Debian-Security"; };
Unattended-Upgrade::Automatic-Reboot "true";
Unattended-Upgrade::Automatic-Reboot-WithUsers "true";
Unattended-Upgrade::Automatic-Reboot-Time "04:00";
END
    at_night apt-daily 01:30
    at_night apt-daily-upgrade 02:30
}

at_night() {
    put "/etc/systemd/system/$1.timer.d/kiosk.conf" <<END
[Timer]
OnCalendar=
OnCalendar=*-*-* $2
RandomizedDelaySec=30min
END
}

# ---- the firewall ----

firewall() {
    local ports port
    ports=$( (sshd -T 2>/dev/null || true) | sed -n 's/^port //p')
    cat <<'END'
# Loaded by kiosk-firewall.service: nobody comes in but by these ports.
table inet kiosk
delete table inet kiosk
table inet kiosk {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        iif "lo" accept
        # ICMP for IPv4 and IPv6, by number: a small Debian knows no names (/etc/protocols).
        meta l4proto { 1, 58 } accept
        # Answers of a DHCP server, which come from addresses that were not asked.
        udp sport 67 udp dport 68 accept
        udp sport 547 udp dport 546 accept
END
    for port in ${ports:-22}; do echo "        tcp dport $port accept"; done
    if has_option registrar; then
        port=$(sed -n 's/^REGISTRAR_OPTIONS=.*--port[ =]\([0-9]*\).*/\1/p' /etc/kiosk/registrar.env 2>/dev/null || true)
        echo "        tcp dport ${port:-8760} accept"
    fi
    cat <<'END'
    }
    chain forward {
        type filter hook forward priority filter; policy drop;
    }
}
END
}

# ---- compared, copied, remembered ----

# Sets `different` to the files that are not as laid out, `stale` to those that no longer belong.
compare_files() {
    laid=$(mktemp -d)
    lay_out
    different=() stale=()
    local path
    while read -r path; do
        same "$laid$path" "$path" || different+=("$path")
    done < <(cd "$laid" && find . \( -type f -o -type l \) -printf '/%P\n' | sort)
    while read -r path; do
        [ -e "$laid$path" ] || [ -L "$laid$path" ] || stale+=("$path")
    done < <(cat "$record/files" 2>/dev/null || true)
}

same() {
    if [ -L "$1" ]; then
        [ "$(readlink "$1")" = "$(readlink "$2")" ]
    else
        cmp -s "$1" "$2" && [ "$(stat -c %a "$1")" = "$(stat -c %a "$2")" ]
    fi
}

check_files() {
    local laid different stale
    compare_files
    rm -rf "$laid"
    [ ${#different[@]} -eq 0 ] && [ ${#stale[@]} -eq 0 ] && return 0
    echo "${#different[@]} files to write, ${#stale[@]} to remove: ${different[*]} ${stale[*]}"
    return 1
}

apply_files() {
    local laid different stale path folder
    compare_files
    for path in "${different[@]}"; do
        note files "$path"
        folder=$(dirname "$path")
        while [ ! -d "$folder" ]; do
            note folders "$folder"
            folder=$(dirname "$folder")
        done
        mkdir -p "$(dirname "$path")"
        # In one step: a machine that loses its power meanwhile has the old file or the new one.
        cp -P "$laid$path" "$path.kiosk-new"
        mv -T "$path.kiosk-new" "$path"
    done
    for path in "${stale[@]}"; do
        rm -f "$path"
        sed -i "\\|^$path\$|d" "$record/files"
    done
    rm -rf "$laid"
    make_heard "${different[@]}" "${stale[@]}"
}

# Has whoever reads the files read them again.
make_heard() {
    systemctl daemon-reload
    case "$*" in *journald*) systemctl restart systemd-journald.service ;; esac
    case "$*" in
        *udev*)
            udevadm control --reload 2>/dev/null || true
            udevadm trigger 2>/dev/null || true
            ;;
    esac
    case "$*" in
        *firewall*) ! systemctl --quiet is-active kiosk-firewall.service || systemctl reload kiosk-firewall.service ;;
    esac
    case "$*" in
        *sshd_config*)
            if ! sshd -t; then
                rm -f /etc/ssh/sshd_config.d/10-kiosk.conf
                die "sshd refuses its settings (see above), which are taken back; mend /etc/ssh first"
            fi
            systemctl try-reload-or-restart ssh.service
            ;;
    esac
    case "$*" in *overlayroot*) update-initramfs -u ;; esac
    case "$*" in *.timer*) systemctl try-restart apt-daily.timer apt-daily-upgrade.timer ;; esac
}
