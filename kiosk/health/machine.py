"""Checks of the machine: disk, heat, power, and which release and system it runs."""

import platform
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from kiosk import installed_version
from kiosk.health.finding import Finding, Verdict, check, find
from kiosk.health.site import Site
from kiosk.sync.clock import describe_span
from kiosk.upkeep.vitals import (
    HOT,
    SOFT_LIMIT,
    THROTTLED,
    THROTTLING,
    UNDER_VOLTAGE,
    read_machine,
    read_vitals,
)

NEARLY_FULL = 0.9
"""Share of the disk from which on room is to be made, long before photos have none."""

MAKE_ROOM = "sudo journalctl --vacuum-size=50M; sudo apt clean; sudo du -xh / | sort -h | tail"

ASK_SYSTEMD = 5.0
"""Seconds that systemd's commands have to answer."""

UNITS = (
    "kiosk.service",
    "kiosk-resolver.service",
    "kiosk-sync.timer",
    "kiosk-maintenance.timer",
    "kiosk-firewall.service",
)
"""What the installation enables."""

SERVES_WITHOUT = frozenset({"kiosk.service", "kiosk-firewall.service"})
"""Of these the booth itself is stopped so that its parts can be tried, and no photo waits for the
other."""


@check("disk")
def disk(site: Site) -> Iterator[Finding]:
    """Whether there is room for photos, and whether the disk can truly be written."""
    from kiosk.sync.write_probe import find_write_fault

    folder = site.state_folder
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    used = 1 - usage.free / max(usage.total, 1)
    room = f"{used:.0%} full, {usage.free / 1e9:.1f} GB free"
    if (wrong := find_write_fault(folder)) is not None:
        full = "is full" in wrong
        found = find("disk", "fail", wrong, spare="" if full else "storage")
        next_step = MAKE_ROOM if full else found.next_step
        says = f"{found.says}; {room}" if full else found.says
        yield Finding("disk", "fail", says, next_step, found.spare)
    elif used >= NEARLY_FULL:
        yield Finding("disk", "warn", f"{room}, can still be written ({folder})", MAKE_ROOM)
    else:
        yield Finding("disk", "ok", f"{room}, can be written ({folder})")


@check("heat")
def heat(site: Site) -> Iterator[Finding]:
    """The processor's temperature, and whether it was slowed down because of it."""
    vitals = read_vitals(site.root)
    celsius, throttled = vitals.celsius, vitals.throttled
    if celsius is None and throttled is None:
        yield Finding("heat", "unknown", "this machine tells no temperature")
        return
    degrees = "" if celsius is None else f"{celsius:.0f} °C"
    bits = THROTTLED | SOFT_LIMIT
    slow = throttled is not None and throttled.now(bits)
    was_slow = throttled is not None and throttled.ever(bits)
    way_out = "clean the cooler and the filter, look whether the fan turns, give it 40 mm of air"
    if slow or (celsius is not None and celsius >= THROTTLING):
        yield Finding(
            "heat", "fail", f"{degrees}: too hot, it slows itself down", way_out, "computer cooler"
        )
    elif celsius is not None and celsius >= HOT:
        yield Finding("heat", "warn", f"{degrees}: nearly too hot", way_out, "computer cooler")
    elif was_slow:
        yield Finding("heat", "warn", f"{degrees} now; was throttled since the start", way_out)
    else:
        says = "" if throttled is None else ", never throttled since the start"
        yield Finding("heat", "ok", f"{degrees}{says}")


@check("power")
def power(site: Site) -> Iterator[Finding]:
    """Whether the supply's voltage holds."""
    vitals = read_vitals(site.root)
    throttled, alarm = vitals.throttled, vitals.under_voltage
    up = "" if vitals.up is None else f"; up {describe_span(vitals.up)}"
    way_out = (
        "take the Pi's own 27 W supply and its cable, plugged into nothing else; take USB devices"
        " off that draw much"
    )
    if throttled is None and alarm is None:
        yield Finding("power", "unknown", f"this machine tells no voltage{up}")
    elif alarm or (throttled is not None and throttled.now(UNDER_VOLTAGE)):
        yield Finding("power", "fail", f"under-voltage now{up}", way_out, "computer supply")
    elif throttled is not None and throttled.ever(UNDER_VOLTAGE):
        says = f"was under-voltage since the start{up}"
        yield Finding("power", "warn", says, way_out, "computer supply")
    else:
        yield Finding("power", "ok", f"no under-voltage{up}")


@check("release")
def release(site: Site) -> Iterator[Finding]:
    """Which release runs, and on what."""
    from kiosk.release.installed import ROOT, read_installed

    machine = read_machine(site.root)
    on = (machine.get("system", platform.system()), f"Python {platform.python_version()}")
    rest = (machine.get("kernel", platform.release()), machine.get("model", platform.machine()))
    running = site.running
    version = installed_version() if running is None else running.version
    says = ", ".join((*on, *rest))
    installed = read_installed(site.root / ROOT.relative_to("/"))
    trial, failed = installed.trial, installed.failed
    if trial is not None:
        yield Finding(
            "release",
            "warn",
            f"kiosk {version}; {trial.version} is on trial; {says}",
            "wait for its attract screen: it is kept then, and else taken back by itself",
        )
    elif failed is not None and failed.previous == installed.current:
        yield Finding(
            "release",
            "warn",
            f"kiosk {version}; {failed.version} was given up ({failed.reason}); {says}",
            "kiosk logs tells why; then kiosk update --to another",
        )
    else:
        yield Finding("release", "ok", f"kiosk {version}; {says}")


# ---- what systemd does for the booth ----


@check("services")
def services(site: Site) -> Iterator[Finding]:
    """Whether the booth's units run."""
    if not (site.root / "run/systemd/system").exists():
        yield Finding("services", "unknown", "no systemd runs here")
        return
    states = _ask_for_units()
    if "kiosk.service" not in states:
        yield Finding(
            "services", "unknown", "the booth's units are not installed", "sudo ./install.sh"
        )
        return
    for unit, state in states.items():
        if state not in ("active", "activating"):
            name = unit.removesuffix(".service")
            verdict: Verdict = "warn" if unit in SERVES_WITHOUT else "fail"
            way_out = f"sudo systemctl enable --now {name}; kiosk logs --unit {name}"
            yield Finding("services", verdict, f"{name} is {state}", way_out)
    if set(states.values()) <= {"active", "activating"}:
        names = ", ".join(unit.removesuffix(".service") for unit in states)
        yield Finding("services", "ok", f"{names} run")


def _ask_for_units() -> dict[str, str]:
    """How each unit stands that is installed."""
    told = _ask("systemctl", "show", "--property=Id,LoadState,ActiveState", *UNITS)
    blocks = [
        dict(line.partition("=")[::2] for line in each.split()) for each in told.split("\n\n")
    ]
    return {
        block.get("Id", ""): block.get("ActiveState", "")
        for block in blocks
        if block.get("LoadState") == "loaded"
    }


@check("time")
def time_sync(site: Site) -> Iterator[Finding]:
    """Whether network time keeps the clock right."""
    if not (site.root / "run/systemd/system").exists():
        yield Finding("time", "unknown", "no systemd runs here")
        return
    synchronized = _ask("timedatectl", "show", "--value", "--property=NTPSynchronized")
    if synchronized == "yes":
        yield Finding("time", "ok", "the clock follows network time")
    else:
        yield Finding(
            "time",
            "warn",
            "the clock does not follow network time",
            "sudo timedatectl set-ntp true; look whether the network lets UDP 123 out",
            "clock battery",
        )


def _ask(*command: str) -> str:
    """What a command prints; "" where it cannot be run."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=ASK_SYSTEMD, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


@check("stock")
def stock(site: Site) -> Iterator[Finding]:
    """Whether wipes, mirrors, cloths and paper last, and the lamps."""
    from kiosk.upkeep.stock import Stock, stock_path

    config = site.config
    path: Path = stock_path(config.sync.outbox)
    if not path.exists():
        yield Finding("stock", "unknown", "nothing was counted yet")
        return
    supplies = Stock(path, config.stock, config.lamps.life).supplies()
    low = [supply for supply in supplies if supply.is_low]
    for supply in low:
        if supply.is_lamp:
            name = supply.name.partition(".")[2]
            says = f"lamp {name} has burnt {supply.amount:.0f} h of its {supply.bound:.0f} h"
            way_out = f"exchange it, then kiosk stock set {supply.name} 0 --by NAME"
        else:
            says = f"{supply.name}: {supply.amount:.0f} left, {supply.bound:.0f} is the least"
            way_out = f"bring more, then kiosk stock restock {supply.name} AMOUNT --by NAME"
        yield Finding("stock", "warn", says, way_out)
    if not low:
        told = [
            f"{supply.amount:.0f} {supply.name.replace('_', ' ')}"
            for supply in supplies
            if supply.amount is not None and not supply.is_lamp
        ]
        yield Finding("stock", "ok", ", ".join(told) or "nothing was counted yet")
