"""What `kiosk doctor` and `kiosk status` find: each check gives one line in staff's words."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.config import Config
from kiosk.errors import KioskError

FRAME_PATIENCE = 15.0
"""Seconds that `doctor` waits for the camera's first frame."""

HOT = 80.0
"""Degrees Celsius from which a Pi slows itself down (Raspberry Pi documentation)."""

TEMPERATURE = Path("/sys/class/thermal/thermal_zone0/temp")


@dataclass(frozen=True, slots=True)
class Found:
    """One check's finding; `ok` is None where it could not be judged."""

    name: str
    ok: bool | None
    says: str


Check = Callable[[Config], Found]


def _models(config: Config) -> Found:
    from kiosk.models import load_manifest, status

    rows = status(load_manifest().values(), config.models.store)
    wrong = [row for row in rows if not row.ok]
    required = [row for row in wrong if row.model.required]
    says = "; ".join(
        f"{row.model.name} {row.error}, so not judged: {row.model.used_for}" for row in wrong
    )
    if required:
        says += "; get them with: kiosk models --fetch"
    return Found("models", not required, says or "all there and verified")


def _fonts(config: Config) -> Found:
    from kiosk.display.text import FAMILY, face

    face("bold")
    return Found("fonts", True, FAMILY)


def _camera(config: Config) -> Found:
    from kiosk.booth.assembly import open_camera
    from kiosk.twin import Twin

    pins = config.lamps.pins
    twin = Twin("lin", pins, seed=0) if config.camera.kind == "twin" else None
    camera = open_camera(config, twin)
    camera.start()
    try:
        until = time.monotonic() + FRAME_PATIENCE
        while time.monotonic() < until:
            frame = camera.newest()
            if frame is not None:
                height, width = frame.preview.shape[:2]
                return Found("camera", True, f"{config.camera.kind}: {width} × {height} preview")
            time.sleep(0.05)
        return Found("camera", False, camera.fault or f"no frame in {FRAME_PATIENCE:.0f} s")
    finally:
        camera.stop()


def _lamps(config: Config) -> Found:
    from kiosk.lighting.lamps import Lamps
    from kiosk.twin import Twin

    pins = config.lamps.pins
    factory = Twin("lin", pins, seed=0).pin_factory if config.camera.kind == "twin" else None
    with Lamps(pins, config.lamps.frequency, factory) as lamps:
        if lamps.missing:
            return Found("lamps", False, f"not there: {', '.join(sorted(lamps.missing))}")
        return Found("lamps", True, ", ".join(f"{n} on GPIO{pin}" for n, pin in pins.items()))


def _reader(config: Config) -> Found:
    import zxingcpp
    from pyzbar import pyzbar  # fails where libzbar is missing

    decoders = f"{zxingcpp.__name__}, {pyzbar.__name__}"
    device = config.reader.device
    if config.reader.kind == "serial" and not device.exists():
        return Found("reader", False, f"{device} is not there; plug the scanner in")
    return Found("reader", True, f"{config.reader.kind}; {decoders}")


def _registrar(config: Config) -> Found:
    from kiosk.booth.registrar_link import open_client
    from kiosk.sync import read_extract

    if config.sync.registrar_public_key is None:
        return Found("registrar", None, "none is configured; enrol with `registrar booth add`")
    client, _ = open_client(config)
    with client:
        client.roster(read_extract(config.sync.roster, client.registrar_verify_key))
    return Found("registrar", True, f"{config.sync.registrar} answers, and knows this booth")


def _outbox(config: Config) -> Found:
    from kiosk.sync import Outbox

    if not config.sync.outbox.exists():
        return Found("outbox", True, "empty: nothing was photographed yet")
    outbox = Outbox(config.sync.outbox)
    counts, damaged = outbox.counts(), outbox.set_aside()
    says = f"{counts.pending} waiting, {counts.sent} sent, {counts.refused} refused"
    if counts.refused:
        reasons = (f"{n} {why.replace('_', ' ')}" for why, n in outbox.refusals().items())
        says += f" ({', '.join(reasons)})"
    if damaged:
        says += f"; damaged, with photos in it: {', '.join(map(str, damaged))}"
    return Found("outbox", not (counts.refused or damaged), says)


def _roster(config: Config) -> Found:
    from kiosk.sync import read_extract, registrar_verify_key

    if config.sync.registrar_verify_key is None:
        return Found("roster", None, "no registrar is configured")
    extract = read_extract(
        config.sync.roster, registrar_verify_key(config.sync.registrar_verify_key)
    )
    if extract is None:
        return Found("roster", False, "none yet: codes cannot be resolved offline; run kiosk sync")
    age = datetime.now(UTC) - extract.issued_at
    return Found("roster", True, f"{len(extract)} entries, {age.total_seconds() / 3600:.1f} h old")


def _disk(config: Config) -> Found:
    from kiosk.booth.registrar_link import LEAST_FREE

    folder = config.sync.outbox.parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return Found("disk", free >= LEAST_FREE, f"{free / 1e9:.1f} GB free at {folder}")


def _temperature(config: Config) -> Found:
    try:
        degrees = int(TEMPERATURE.read_text()) / 1000
    except (OSError, ValueError):
        return Found("temperature", None, "this machine tells none")
    return Found("temperature", degrees < HOT, f"{degrees:.0f} °C")


def _guarded(name: str, check: Check) -> Check:
    """A check that fails with a named error is a finding, not the end."""

    def guarded(config: Config) -> Found:
        try:
            return check(config)
        except (KioskError, ImportError, OSError) as error:
            return Found(name, False, str(error))

    return guarded


_STATUS: dict[str, Check] = {
    "outbox": _outbox,
    "roster": _roster,
    "disk": _disk,
    "temperature": _temperature,
}

_DOCTOR: dict[str, Check] = {
    "models": _models,
    "fonts": _fonts,
    "camera": _camera,
    "lamps": _lamps,
    "reader": _reader,
    "registrar": _registrar,
}

CHECKS = tuple(_guarded(name, check) for name, check in (_DOCTOR | _STATUS).items())
"""Everything `kiosk doctor` looks at."""


def status(config: Config) -> list[Found]:
    """Say how the booth stands, from what lies on its disk; asks nobody and opens nothing."""
    return [_guarded(name, check)(config) for name, check in _STATUS.items()]
