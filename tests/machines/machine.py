"""A clean Debian, booted in a container with systemd as its first process.

It has a network of its own behind this machine's address, so that its firewall is its own too.
"""

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

NETWORK = "kiosk-machine"
"""The network namespace, and this machine's end of the line into it."""

OURS, THEIRS = "10.213.78.1", "10.213.78.2"
"""Addresses at the two ends of the line."""

NAT = f"""table ip {NETWORK} {{
 chain out {{
  type nat hook postrouting priority srcnat
  ip saddr {THEIRS} masquerade
 }}
}}
"""

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}
"""What a person has who has logged in as root."""

BOOT_PATIENCE = 240.0
"""Seconds until systemd has started all that starts by itself."""


def require_tools() -> str | None:
    """What is missing here, in words and with the way out; None where nothing is."""
    if os.geteuid() != 0:
        return "only root can boot a machine: sudo make test-system"
    needed = {
        "debootstrap": "debootstrap", "systemd-nspawn": "systemd-container", "nft": "nftables",
        "ip": "iproute2", "nsenter": "util-linux", "Xvfb": "xvfb",
    }  # fmt: skip
    missing = [package for tool, package in needed.items() if shutil.which(tool) is None]
    return f"missing here: apt-get install {' '.join(missing)}" if missing else None


REBOOT = 133
"""How systemd-nspawn says, where it keeps its unit, that the machine is to be started anew."""


class Machine:
    """The booted machine. Commands run in it as root."""

    def __init__(self, folder: Path, start: Callable[[], "subprocess.Popen[bytes]"]) -> None:
        """`folder` is its file system as seen from outside; `start` boots it in a container."""
        self.folder = folder
        self._start = start
        self._container = start()

    def run(self, *command: str, ok: bool = True, timeout: float = 900) -> str:
        """Run a command, and return what it said on both channels; with `ok` it must succeed."""
        done = self.try_to(*command, timeout=timeout)
        if ok and done.returncode != 0:
            raise AssertionError(f"{shlex.join(command)}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def try_to(self, *command: str, timeout: float = 900) -> "subprocess.CompletedProcess[str]":
        """Run a command that may fail."""
        enter = ["nsenter", "-t", str(self._first_process()), "-m", "-u", "-i", "-n", "-p", "-C"]
        return subprocess.run(
            [*enter, "env", "-i", *(f"{k}={v}" for k, v in ENVIRONMENT.items()), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )

    def show(self, unit: str, name: str) -> str:
        """One property of a unit."""
        return self.run("systemctl", "show", "--value", "--property", name, unit).strip()

    def journal(self, unit: str) -> str:
        """What a unit has said since the start of the machine."""
        return self.run("journalctl", "--no-pager", "--boot", "--output=cat", "--unit", unit)

    def wait(self, until: Callable[[], object], what: str, patience: float = 240.0) -> None:
        """Wait for a state; fails with what was waited for, and the booth's last words."""
        end = time.monotonic() + patience
        while not until():
            if time.monotonic() > end:
                said = "\n".join(self.journal("kiosk").splitlines()[-25:])
                raise AssertionError(f"{what}: not within {patience:.0f} s\n{said}")
            time.sleep(0.2)

    def reboot(self) -> None:
        """Restart it, and wait until it is up."""
        self.try_to("systemctl", "reboot")
        assert self._container.wait(BOOT_PATIENCE) == REBOOT
        self._container = self._start()
        self.await_start()

    def shut_down(self) -> None:
        """End it in an orderly way, or else by force."""
        self._container.send_signal(signal.SIGTERM)
        try:
            self._container.wait(60)
        except subprocess.TimeoutExpired:
            self._container.kill()
            self._container.wait()

    def await_start(self) -> None:
        """Wait until all has started that starts by itself."""
        end = time.monotonic() + BOOT_PATIENCE
        while (state := self._state()) not in ("running", "degraded"):
            assert time.monotonic() < end, f"the machine does not start: {state}"
            time.sleep(0.2)

    def _state(self) -> str:
        if self._first_process() is None:
            return "no process"
        return self.try_to("systemctl", "is-system-running").stdout.strip()

    def _first_process(self) -> int | None:
        """The machine's process 1, by its number outside."""
        children = Path(f"/proc/{self._container.pid}/task/{self._container.pid}/children")
        with suppress(FileNotFoundError):
            for child in map(int, children.read_text().split()):
                with suppress(FileNotFoundError):
                    if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                        return child
        return None


@contextmanager
def booted(folder: Path, binds: Mapping[Path, str]) -> Iterator[Machine]:
    """Boot a file system; `binds` are folders of this machine and where they lie in that one."""
    command = [
        "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot",
        f"--directory={folder}", f"--network-namespace-path=/run/netns/{NETWORK}",
        "--capability=CAP_NET_ADMIN", "--resolv-conf=copy-host", "--console=pipe",
        *(f"--bind={outside}:{inside}" for outside, inside in binds.items()),
    ]  # fmt: skip

    def start() -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            command,
            env=os.environ | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    with _network():
        machine = Machine(folder, start)
        try:
            machine.await_start()
            yield machine
        finally:
            machine.shut_down()


@contextmanager
def _network() -> Iterator[None]:
    """A network namespace that reaches the world by this machine's address."""

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True)

    _close_network()
    ip("netns", "add", NETWORK)
    try:
        ip("link", "add", NETWORK, "type", "veth", "peer", "name", "host0", "netns", NETWORK)
        ip("addr", "add", f"{OURS}/30", "dev", NETWORK)
        ip("link", "set", NETWORK, "up")
        for device in ("lo", "host0"):
            ip("-n", NETWORK, "link", "set", device, "up")
        ip("-n", NETWORK, "addr", "add", f"{THEIRS}/30", "dev", "host0")
        ip("-n", NETWORK, "route", "add", "default", "via", OURS)
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        subprocess.run(["nft", "-f", "-"], input=NAT, text=True, check=True)
        yield
    finally:
        _close_network()


def _close_network() -> None:
    for command in (
        ["ip", "link", "delete", NETWORK],
        ["ip", "netns", "delete", NETWORK],
        ["nft", "delete", "table", "ip", NETWORK],
    ):
        subprocess.run(command, stderr=subprocess.DEVNULL, check=False)
