"""A clean Debian becomes a booth, serves a student, survives, is updated, and is given back.

The tests are one story: each goes on where the one before has ended, so run them all (`-x`).
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pygame
import pytest

from kiosk.display.gallery import screen_states
from kiosk.display.monitor import Monitor
from kiosk.display.screens import draw_screen
from kiosk.upkeep.told_state import ToldState, read_told_state
from tests.machines.machine import Machine, booted, require_tools
from tests.x_input import Display, virtual_display

SUITE = os.environ.get("KIOSK_MACHINES", "trixie")
"""The release of Debian, by its name."""

SIZE = (720, 1280)
"""The booth's screen, upright."""

CODE = "DEMO-3F6A-91C7-04BD"

ROSTER = f"""capture_code,record_id,name,student_no,institution_code,institution,college
{CODE},r-1,林小雨,2022010001,10000,示范大学,文学院
"""

SCREEN = """[Service]
BindReadOnlyPaths=/x11:/tmp/.X11-unix
Environment=SDL_VIDEODRIVER=x11 DISPLAY={display}
"""
"""A drop-in: the booth's screen is a virtual one, with a pointer and a keyboard."""

UNITS = ("kiosk", "kiosk-resolver", "kiosk-sync", "kiosk-maintenance", "registrar")

PASSING = re.compile(
    r"/(dev|proc|run|sys|tmp|x11|models|booth|releases)(/|$)|/var/(log|tmp|cache|backups)/|/root/"
    r"|/var/lib/(apt|dpkg|systemd|private|ucf|pam|logrotate|polkit-1|unattended-upgrades)(/|$)"
    r"|/etc/(machine-id|mtab|resolv\.conf|hostname|\.updated|\.pwd\.lock|ld\.so\.cache)"
    r"|/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?$|/var/\.updated"
)
"""What any Debian changes by itself as it runs, or was lent to this one by the test."""

DATA = re.compile(r"/var/lib/(kiosk|registrar)(/|$)|/etc/kiosk(/|$)")

_begun = time.monotonic()


def tell(what: str) -> None:
    """Say how far the story is, with the time since its beginning."""
    print(f"\n[{time.monotonic() - _begun:5.0f} s] {what}", flush=True)


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    with virtual_display(SIZE, "-ac") as opened:
        yield opened


@pytest.fixture(scope="module")
def machine(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    if missing := require_tools():
        pytest.fail(missing)
    folder = tmp_path_factory.mktemp("machine") / "root"
    said = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True)
    architecture = said.stdout.strip()
    subprocess.run([root / "tools/machines/root.sh", SUITE, architecture, folder], check=True)
    # Behind a proxy with a certificate of its own, pip and apt need what this machine has.
    for lent in ("/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf"):
        if Path(lent).exists():
            shutil.copy(lent, folder / lent.lstrip("/"))
    copy_tree(root, folder / "booth")
    pip = root / ".cache/machines/pip"
    pip.mkdir(parents=True, exist_ok=True)
    binds = {pip: "/root/.cache/pip", Path("/tmp/.X11-unix"): "/x11"}
    models = root.parent / "shared/data/models"
    if models.is_dir():
        binds[models] = "/models"
    tell("a clean Debian is booted")
    try:
        with booted(folder, binds) as machine:
            yield machine
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copy_tree(root: Path, to: Path) -> None:
    """Copy what git has and would add, as a checkout has it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, check=True,
    ).stdout.split(b"\0")  # fmt: skip
    for name in filter(None, map(os.fsdecode, listed)):
        if (root / name).exists() and not name.startswith(("kiosk/twin/strangers", "docs/")):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, to / name)


def list_files(machine: Machine) -> set[str]:
    """Every file, link and folder of the machine, but for what any Debian changes by itself."""
    found = set()
    for folder, folders, files in os.walk(machine.folder):
        inside = folder.removeprefix(str(machine.folder))
        folders[:] = [name for name in folders if not PASSING.match(f"{inside}/{name}")]
        found |= {f"{inside}/{name}" for name in (*folders, *files)}
    return {path for path in found if not PASSING.match(path)}


def identify_files(machine: Machine) -> dict[str, tuple[int, float]]:
    """Each file's number and time of change, of all that an installation writes."""
    return {
        path: (found.st_ino, found.st_ctime)
        for path in list_files(machine)
        if path.startswith(("/etc", "/opt", "/usr"))
        and (found := (machine.folder / path.lstrip("/")).lstat())
    }


def told(machine: Machine) -> ToldState | None:
    """What the booth tells of itself."""
    text = machine.try_to("cat", "/run/kiosk/state.json")
    if text.returncode != 0:
        return None
    copied = machine.folder / "root/state.json"
    copied.write_text(text.stdout)
    return read_told_state(copied)


def stage(machine: Machine) -> str | None:
    state = told(machine)
    return None if state is None else state.stage


def find_button(screen: str, button: str) -> tuple[int, int]:
    """Where a button stands, as the same screen is drawn here."""
    picture = np.zeros((64, 48, 3), np.uint8)
    states = dict(screen_states(picture, monitor=Monitor(SIZE, 15.6, 1.25)))
    shown = draw_screen(pygame.Surface(SIZE), states[screen])
    (place,) = (target.rect.center for target in shown.targets if target.button == button)
    return place


@contextmanager
def a_look_at_starts(machine: Machine) -> Iterator[None]:
    """The booth has ended and started anew once the block is over."""
    before = machine.show("kiosk", "MainPID")
    yield
    machine.wait(
        lambda: (
            machine.show("kiosk", "MainPID") not in (before, "0")
            and machine.show("kiosk", "ActiveState") == "active"
        ),
        "the booth comes back",
    )


def test_a_clean_debian_becomes_a_booth(machine: Machine) -> None:
    Before.files = list_files(machine)
    options = ["--models", "/models"] if (machine.folder / "models").is_dir() else []
    said = machine.run("/booth/install.sh", "--twin", "--registrar", *options, timeout=3000)
    tell(f"installed:\n{said}")
    assert machine.run("id", "-nG", "kiosk").split() == ["kiosk"]
    assert (machine.folder / "opt/kiosk/current").readlink() == Path("releases") / version(machine)
    assert "to do: enrol the booth" in said


NOBODY = ToldState("", 0, 0.0, 0.0, 0.0, "")
"""What a booth tells that is not there."""


class Before:
    """What the machine held before it was a booth."""

    files: set[str] = set()  # noqa: RUF012 (filled by the first test)


def version(machine: Machine) -> str:
    text = (machine.folder / "booth/pyproject.toml").read_text()
    return re.search(r'^version = "(.+)"$', text, re.MULTILINE).group(1)  # type: ignore[union-attr]


def test_systemd_finds_nothing_wrong_with_the_units(machine: Machine) -> None:
    for name in (*UNITS, "kiosk-firewall"):
        said = machine.run("systemd-analyze", "verify", "--man=no", f"{name}.service")
        assert said == ""
    for name in UNITS:
        line = machine.run("systemd-analyze", "security", "--no-pager", f"{name}.service")
        exposure = float(line.strip().splitlines()[-1].split(": ")[1].split()[0])
        tell(f"{name}: exposure {exposure}")
        assert exposure <= 2.5


def test_the_booth_is_enrolled_with_the_registrar(machine: Machine) -> None:
    data = machine.folder / "var/lib/registrar"
    (data / "roster.csv").write_text(ROSTER)
    machine.run("chown", "registrar:", "/var/lib/registrar/roster.csv")
    machine.run("registrar", "roster", "import", "roster.csv")
    said = machine.run("registrar", "booth", "add", "booth-1")
    lines = [line for line in said.splitlines() if not line.startswith("registrar: ")]
    section = "\n".join((*lines, "")).replace("booth-1.signing.key", "signing.key")
    config = machine.folder / "etc/kiosk/kiosk.toml"
    text = re.sub(r"^\[sync\]\n(?:[^\[].*\n)*", section, config.read_text(), flags=re.MULTILINE)
    config.write_text(text)
    machine.run("mv", "/var/lib/registrar/booth-1.signing.key", "/etc/kiosk/signing.key")
    said = machine.run("/booth/install.sh")
    assert "signing.key is not the booth's alone" in said
    assert machine.run("stat", "-c", "%U %a", "/etc/kiosk/signing.key").strip() == "kiosk 600"
    machine.wait(lambda: machine.show("kiosk", "ActiveState") == "active", "the booth starts")
    started = int(machine.show("kiosk", "ExecMainStartTimestampMonotonic"))
    reached = int(machine.show("kiosk", "ActiveEnterTimestampMonotonic"))
    tell(f"from the start to the attract screen: {(reached - started) / 1e6:.1f} s")
    machine.run("systemctl", "start", "kiosk-sync.service")


def test_a_second_installation_changes_nothing(machine: Machine) -> None:
    before, process = identify_files(machine), machine.show("kiosk", "MainPID")
    assert machine.run("/booth/install.sh", "--check").endswith("all is as it should be\n")
    said = machine.run("/booth/install.sh")
    assert "nothing was to be done" in said
    tell(f"again: {said.strip()}")
    assert identify_files(machine) == before
    assert machine.show("kiosk", "MainPID") == process


def test_a_check_tells_what_differs_and_leaves_it(machine: Machine) -> None:
    machine.run("rm", "/etc/systemd/journald.conf.d/kiosk.conf")
    machine.run("systemctl", "unmask", "getty@tty1.service")
    done = machine.try_to("/booth/install.sh", "--check")
    assert done.returncode == 1
    assert "files: 1 files to write" in done.stdout
    assert "boot: a login prompt has the console" in done.stdout
    assert machine.try_to("/booth/install.sh", "--check").returncode == 1
    machine.run("/booth/install.sh")
    assert machine.try_to("/booth/install.sh", "--check").returncode == 0


def test_the_machine_lets_nobody_in_but_by_its_ports(machine: Machine) -> None:
    rules = machine.run("nft", "list", "table", "inet", "kiosk")
    assert "policy drop" in rules
    assert re.findall(r"dport (\d+) accept", rules) == ["68", "546", "22", "8760"]


def test_the_booth_has_no_network_and_no_other_device(machine: Machine) -> None:
    process = machine.show("kiosk", "MainPID")
    links = machine.run("nsenter", "-t", process, "-n", "ip", "-brief", "link").splitlines()
    assert [line.split()[0] for line in links] == ["lo"]
    assert machine.show("kiosk", "DevicePolicy") == "closed"


def test_a_student_is_photographed_and_the_registrar_has_the_photo(
    machine: Machine, display: Display
) -> None:
    drop_in = machine.folder / "etc/systemd/system/kiosk.service.d/50-screen.conf"
    drop_in.write_text(SCREEN.format(display=display.name))
    machine.run("systemctl", "daemon-reload")
    with a_look_at_starts(machine):
        machine.run("systemctl", "restart", "kiosk")

    def tap(screen: str, button: str, then: tuple[str, ...]) -> None:
        """Tap until the booth goes on: a screen that has just come takes no tap."""
        place, end = find_button(screen, button), time.monotonic() + 60
        while stage(machine) not in then:
            assert time.monotonic() < end, f"{screen}: {stage(machine)}"
            display.tap(place)
            time.sleep(1.0)
        tell(f"{screen}: tapped {button}")

    tap("idle", "start", ("consent",))
    tap("consent", "agree", ("scan",))
    display.type(CODE + "\r")
    machine.wait(lambda: stage(machine) == "confirm", "the code is known")
    tap("confirm", "yes", ("checklist",))
    tap("checklist", "ready", ("guide", "shutter", "standardising", "review"))
    machine.wait(lambda: stage(machine) == "review", "a photo is taken", 300)
    tap("review", "approve", ("saving", "done"))
    machine.wait(lambda: stage(machine) == "done", "the photo is kept")
    tap("done", "close", ("idle",))

    machine.run("systemctl", "start", "kiosk-sync.service")
    listed = machine.run("registrar", "roster", "list")
    assert listed.rstrip().splitlines()[-2].rstrip(" │").endswith("yes"), listed
    machine.run("registrar", "export", "/var/lib/registrar/exported")
    exported = machine.folder / "var/lib/registrar/exported"
    assert [path.read_bytes()[:2] for path in exported.glob("*.jpg")] == [b"\xff\xd8"]
    state = told(machine)
    assert state is not None
    assert (state.visits_today, state.photos_today) == (1, 1)


def test_what_staff_run_as_root_locks_the_booth_out_of_nothing(machine: Machine) -> None:
    machine.run("kiosk", "sync")
    machine.run("kiosk", "models", "--fetch")
    strangers = machine.run("find", "/var/lib/kiosk", "!", "-user", "kiosk")
    assert strangers == ""


def test_staff_see_how_it_is_and_take_it_out_of_service(machine: Machine) -> None:
    assert machine.try_to("kiosk", "status").stdout.startswith(("OK", "WARNING"))
    machine.run("kiosk", "maintenance", "on")
    assert (told(machine) or NOBODY).maintenance
    machine.run("kiosk", "maintenance", "off")
    machine.wait(lambda: not (told(machine) or NOBODY).maintenance, "the booth serves again")


def test_a_booth_that_is_killed_comes_back(machine: Machine) -> None:
    begun = time.monotonic()
    with a_look_at_starts(machine):
        machine.run("kill", "-KILL", machine.show("kiosk", "MainPID"))
    tell(f"killed, and back after {time.monotonic() - begun:.1f} s")


def test_a_booth_that_is_stuck_is_restarted_by_the_watchdog(machine: Machine) -> None:
    begun = time.monotonic()
    with a_look_at_starts(machine):
        os.kill(outside(machine, machine.show("kiosk", "MainPID")), signal.SIGSTOP)
    tell(f"stopped, and back after {time.monotonic() - begun:.1f} s")
    assert "Watchdog timeout" in machine.journal("kiosk")


def outside(machine: Machine, process: str) -> int:
    """The number, on this machine, of a process of that one."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            numbers = re.search(r"^NSpid:\s+(\d+)\s+(\d+)$", status.read_text(), re.MULTILINE)
        except OSError:
            continue
        if numbers and numbers.group(2) == process:
            root = Path(f"/proc/{numbers.group(1)}/root/run/kiosk/state.json")
            if root.exists() or os.path.lexists(root):
                return int(numbers.group(1))
    raise AssertionError(f"no process {process} in the machine")


def test_the_night_verifies_the_models_and_mends_them(machine: Machine) -> None:
    model = next((machine.folder / "var/lib/kiosk/models").glob("face_landmarker*"))
    model.write_bytes(b"damaged")
    machine.run("systemctl", "start", "kiosk-maintenance.service")
    assert "ok" in machine.run("kiosk", "models")
    assert model.stat().st_size > 1_000_000


def build_release(root: Path, machine: Machine, version: str, *, broken: bool = False) -> None:
    """Make a signed release of what is installed, under another version, into /releases."""
    tree = machine.folder / f"root/tree-{version}"
    shutil.copytree(machine.folder / "booth", tree)
    if broken:
        with (tree / "kiosk/booth/loop.py").open("a") as file:
            file.write('raise SystemExit("this release is broken")\n')
    program = [sys.executable, str(root / "tools/release.py")]
    key, out = machine.folder / "root/release.key", machine.folder / "releases"
    if not key.exists():
        subprocess.run([*program, "new-key", str(key)], check=True, cwd=root)
    options = {"--key": key, "--source": tree, "--version": version, "--out": out}
    words = [str(word) for option in options.items() for word in option]
    subprocess.run([*program, "build", *words], check=True, cwd=root)
    shutil.rmtree(tree)


def release_in_force(machine: Machine) -> str:
    return (machine.folder / "opt/kiosk/current").readlink().name


def test_the_booth_takes_the_next_release(machine: Machine, root: Path) -> None:
    build_release(root, machine, "0.2.0")
    machine.run("/booth/install.sh", "--release-key", "/root/release.key.pub")
    begun = time.monotonic()
    tell(machine.run("kiosk", "update", "--from", "/releases", "--to", "0.2.0"))
    tell(f"updated in {time.monotonic() - begun:.0f} s")
    assert release_in_force(machine) == "0.2.0"
    machine.wait(lambda: (told(machine) or NOBODY).version == "0.2.0", "0.2.0 serves")
    assert not (machine.folder / "opt/kiosk/trial").exists()


def test_a_broken_release_is_given_up_and_the_one_before_serves(
    machine: Machine, root: Path
) -> None:
    build_release(root, machine, "0.3.0", broken=True)
    begun = time.monotonic()
    done = machine.try_to("kiosk", "update", "--from", "/releases", "--to", "0.3.0")
    tell(f"{done.stdout}given up after {time.monotonic() - begun:.0f} s")
    assert done.returncode == 1
    assert release_in_force(machine) == "0.2.0"
    assert (machine.folder / "opt/kiosk/failed").read_text().startswith("0.3.0 0.2.0 ")
    machine.wait(lambda: machine.show("kiosk", "ActiveState") == "active", "0.2.0 is back")
    state = told(machine)
    assert state is not None
    assert state.version == "0.2.0"


def test_after_a_restart_of_the_machine_all_is_there_again(machine: Machine) -> None:
    begun = time.monotonic()
    machine.reboot()
    machine.wait(lambda: machine.show("kiosk", "ActiveState") == "active", "the booth starts")
    tell(f"the machine restarted; the booth serves after {time.monotonic() - begun:.1f} s")
    active = {
        unit: machine.show(unit, "ActiveState")
        for unit in ("kiosk-resolver.service", "kiosk-sync.timer", "kiosk-maintenance.timer",
                     "kiosk-firewall.service", "registrar.service")
    }  # fmt: skip
    assert set(active.values()) == {"active"}, active
    assert machine.run("systemctl", "list-units", "--failed", "--no-legend", "--plain") == ""


def test_an_uninstalled_booth_leaves_nothing_but_data(machine: Machine) -> None:
    (machine.folder / "etc/systemd/system/kiosk.service.d/50-screen.conf").unlink(missing_ok=True)
    said = machine.run("/opt/kiosk/current/install.sh", "--uninstall")
    tell(said)
    left = list_files(machine) - Before.files
    data = {path for path in left if DATA.match(path)}
    assert sorted(left - data) == []
    assert sorted(Before.files - list_files(machine)) == []
    owners = machine.run("stat", "-c", "%U %a", "/var/lib/kiosk", "/var/lib/registrar")
    assert owners.split("\n")[:2] == ["root 700", "root 700"]
    assert machine.try_to("id", "kiosk").returncode == 1
    assert machine.try_to("systemctl", "is-enabled", "getty@tty1.service").stdout != "masked\n"
