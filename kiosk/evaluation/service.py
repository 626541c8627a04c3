"""The booth as systemd runs it, for benches: `kiosk run` on the twin, heard from outside."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.sync.keys import make_signing_key
from kiosk.upkeep.listening import Ear, listen
from kiosk.upkeep.told_state import FILE
from protocol.keys import encode_key

SCREEN = (1080, 1920)
"""The booth's usual screen."""

BEAT = 0.02
"""Seconds between two signs of life, at most two thirds of a picture's time."""

FAREWELL = 20.0
"""Seconds that the booth has to end."""


@dataclass
class Service:
    """A booth that was started."""

    process: subprocess.Popen[bytes]
    ear: Ear
    began: float
    """Monotonic seconds when it was started."""
    state: Path
    """The file in which it tells its state, from its first screen on."""

    @property
    def cpu(self) -> float:
        """Seconds of processor that its process has used, without the camera's process."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def require_alive(self) -> None:
        """Raise KioskError where it has ended."""
        if self.process.poll() is not None:
            raise KioskError(f"the booth ended with status {self.process.returncode}")


@contextmanager
def start(config: Config, folder: Path) -> Iterator[Service]:
    """Start a booth whose files lie in a folder, and end it. Raises KioskError.

    Python's bytecode is kept there too: it is compiled by the first start.
    """
    place = folder / "kiosk.toml"
    if not place.exists():
        _write_config(config, place)
    socket, state = folder / "notify", folder / FILE
    for old in (socket, state):
        old.unlink(missing_ok=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environ |= {
        "NOTIFY_SOCKET": str(socket),
        "WATCHDOG_USEC": str(round(4e6 * BEAT)),  # of a watchdog's time it beats four times
        "RUNTIME_DIRECTORY": str(folder),
        "STATE_DIRECTORY": str(folder),
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "SDL_VIDEODRIVER": "dummy",
        "SDL_AUDIODRIVER": "dummy",
    }
    command = [sys.executable, "-m", "kiosk", "--config", str(place), "run"]
    with listen(socket) as ear:
        began = time.monotonic()
        process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
        try:
            yield Service(process, ear, began, state)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(FAREWELL)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _write_config(config: Config, place: Path) -> None:
    """A booth's configuration, on the twin and with keys that nobody else has."""
    key = place.parent / "signing.key"
    make_signing_key(key)
    public = encode_key(bytes(PrivateKey.generate().public_key))
    verify = encode_key(bytes(SigningKey.generate().verify_key))
    place.write_text(
        f"""[camera]
kind = "twin"
[display]
fullscreen = false
size = [{SCREEN[0]}, {SCREEN[1]}]
[models]
store = "{config.models.store}"
[sync]
signing_key_file = "{key}"
registrar_public_key = "{public}"
registrar_verify_key = "{verify}"
outbox = "{place.parent / "outbox.sqlite"}"
roster = "{place.parent / "roster.extract"}"
socket = "{place.parent / "resolver.socket"}"
""",
        encoding="utf-8",
    )
