"""What `kiosk doctor` and `kiosk status` check: each check is one function here."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.config import Config
from kiosk.errors import KioskError

FIRST_FRAME_PATIENCE = 15.0
"""Seconds that the camera has for its first frame."""

THROTTLING = 80.0
"""Degrees Celsius from which a Pi slows itself down (Raspberry Pi documentation)."""

THERMOMETER = Path("/sys/class/thermal/thermal_zone0/temp")
"""The processor's temperature in thousandths of a degree Celsius."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, in staff's words; `ok` is None where it could not be judged."""

    check: str
    ok: bool | None
    says: str


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a booth that is configured."""

    name: str
    judge: Callable[[Config], tuple[bool | None, str]]
    at_rest: bool
    """Whether it asks nobody and opens no device, so that a booth at work is not disturbed."""

    def __call__(self, config: Config) -> Finding:
        """Do the check; one that ends with a named error has found something wrong."""
        try:
            return Finding(self.name, *self.judge(config))
        except (KioskError, ImportError, OSError) as error:
            return Finding(self.name, False, str(error))


CHECKS: list[Check] = []
"""Every check, in the order in which it is told: `doctor` does all, `status` those at rest."""

Judge = Callable[[Config], tuple[bool | None, str]]


def _check(name: str, *, at_rest: bool = False) -> Callable[[Judge], Judge]:
    """Make the function below one of CHECKS: whether all is well, and what there is to say."""

    def register(judge: Judge) -> Judge:
        CHECKS.append(Check(name, judge, at_rest))
        return judge

    return register


@_check("models")
def _models(config: Config) -> tuple[bool, str]:
    from kiosk.models import load_manifest, status

    rows = status(load_manifest().values(), config.models.store)
    wrong = [row for row in rows if not row.ok]
    required = [row for row in wrong if row.model.required]
    says = "; ".join(
        f"{row.model.name} {row.error}, so not judged: {row.model.used_for}" for row in wrong
    )
    if required:
        says += "; get them with: kiosk models --fetch"
    return not required, says or "all there and verified"


@_check("fonts")
def _fonts(config: Config) -> tuple[bool, str]:
    from kiosk.display.text import FAMILY, load_font

    load_font("bold")
    return True, FAMILY


@_check("camera")
def _camera(config: Config) -> tuple[bool, str]:
    from kiosk.booth.assembly import open_camera
    from kiosk.twin import Twin

    twin = Twin("lin", config.lamps.pins, seed=0) if config.camera.kind == "twin" else None
    camera = open_camera(config, twin)
    camera.start()
    try:
        until = time.monotonic() + FIRST_FRAME_PATIENCE
        while time.monotonic() < until:
            frame = camera.newest()
            if frame is not None:
                height, width = frame.preview.shape[:2]
                return True, f"{config.camera.kind}: {width} × {height} preview"
            time.sleep(0.05)
        return False, camera.fault or f"no frame in {FIRST_FRAME_PATIENCE:.0f} s"
    finally:
        camera.stop()


@_check("lamps")
def _lamps(config: Config) -> tuple[bool, str]:
    from kiosk.lighting.lamps import Lamps
    from kiosk.twin import Twin

    pins = config.lamps.pins
    factory = Twin("lin", pins, seed=0).pin_factory if config.camera.kind == "twin" else None
    with Lamps(pins, config.lamps.frequency, factory) as lamps:
        if lamps.missing:
            return False, f"not there: {', '.join(sorted(lamps.missing))}"
        return True, ", ".join(f"{name} on GPIO{pin}" for name, pin in pins.items())


@_check("reader")
def _reader(config: Config) -> tuple[bool, str]:
    import zxingcpp
    from pyzbar import pyzbar  # fails where libzbar is missing

    decoders = f"{zxingcpp.__name__}, {pyzbar.__name__}"
    device = config.reader.device
    if config.reader.kind == "serial" and not device.exists():
        return False, f"{device} is not there; plug the scanner in"
    return True, f"{config.reader.kind}; {decoders}"


@_check("registrar")
def _registrar(config: Config) -> tuple[bool | None, str]:
    from kiosk.booth.registrar_link import open_client
    from kiosk.sync.roster import read_extract

    if config.sync.registrar_public_key is None:
        return None, "none is configured; enrol with `registrar booth add`"
    client, _ = open_client(config)
    with client:
        client.roster(read_extract(config.sync.roster, client.registrar_verify_key))
    return True, f"{config.sync.registrar} answers, and knows this booth"


@_check("outbox", at_rest=True)
def _outbox(config: Config) -> tuple[bool, str]:
    from kiosk.sync.outbox import Outbox

    if not config.sync.outbox.exists():
        return True, "empty: nothing was photographed yet"
    outbox = Outbox(config.sync.outbox)
    counts, damaged = outbox.counts(), outbox.damaged_files()
    says = f"{counts.pending} waiting, {counts.sent} sent, {counts.refused} refused"
    if counts.refused:
        reasons = (f"{n} {why.replace('_', ' ')}" for why, n in outbox.refusals().items())
        says += f" ({', '.join(reasons)})"
    if damaged:
        says += f"; damaged, with photos in it: {', '.join(map(str, damaged))}"
    return not (counts.refused or damaged), says


@_check("roster", at_rest=True)
def _roster(config: Config) -> tuple[bool | None, str]:
    from kiosk.sync.keys import parse_registrar_verify_key
    from kiosk.sync.roster import read_extract

    if config.sync.registrar_verify_key is None:
        return None, "no registrar is configured"
    extract = read_extract(
        config.sync.roster, parse_registrar_verify_key(config.sync.registrar_verify_key)
    )
    if extract is None:
        return False, "none yet: codes cannot be resolved offline; run kiosk sync"
    age = datetime.now(UTC) - extract.issued_at
    return True, f"{len(extract)} entries, {age.total_seconds() / 3600:.1f} h old"


@_check("disk", at_rest=True)
def _disk(config: Config) -> tuple[bool, str]:
    from kiosk.sync.outbox import LEAST_FREE_BYTES

    folder = config.sync.outbox.parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return free >= LEAST_FREE_BYTES, f"{free / 1e9:.1f} GB free at {folder}"


@_check("temperature", at_rest=True)
def _temperature(config: Config) -> tuple[bool | None, str]:
    try:
        degrees = int(THERMOMETER.read_text()) / 1000
    except (OSError, ValueError):
        return None, "this machine tells none"
    return degrees < THROTTLING, f"{degrees:.0f} °C"
