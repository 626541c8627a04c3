"""What `kiosk doctor` and `kiosk status` check: each check is one function here."""

import shlex
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.config import Config
from kiosk.errors import KioskError

if TYPE_CHECKING:
    from kiosk.sync.roster import RosterExtract

OLD_ROSTER = 7 * 86_400.0
"""Seconds after which an extract that nobody confirmed is told as old: a booth that has not reached
the registrar for a week does not know who was enrolled or photographed meanwhile."""

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
        except PermissionError as error:
            return Finding(
                self.name,
                False,
                f"{error.filename}: may not be read ({error.strerror}); ask as the booth's user, or"
                " give the folder back to it: sudo chown -R",
            )
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


@_check("models", at_rest=True)
def _models(config: Config) -> tuple[bool | None, str]:
    from kiosk.models import load_manifest, status

    rows = status(load_manifest().values(), config.models.store)
    wrong = [row for row in rows if not row.ok]
    if not wrong:
        return True, "all there and verified"
    says = "; ".join(
        f"{row.model.name} {row.error}, so "
        + ("nobody is photographed" if row.model.required else f"not judged: {row.model.used_for}")
        for row in wrong
    )
    required = any(row.model.required for row in wrong)
    return False if required else None, f"{says}; get them with: kiosk models --fetch"


@_check("fonts")
def _fonts(config: Config) -> tuple[bool, str]:
    from kiosk.display.fonts import SAMPLES
    from kiosk.display.text import FAMILY, load_font

    font = load_font("bold")
    lacking = {package: font.undrawable(sample) for package, sample in SAMPLES.items()}
    missing = [package for package, characters in lacking.items() if characters]
    if missing:
        characters = "".join(lacking.values())
        return False, (
            f"names with characters such as {characters} would be shown as codes in frames: "
            f"apt install {' '.join(missing)} libfribidi0, or run make setup"
        )
    return True, f"{FAMILY}, and others for rare characters and other scripts"


@_check("screens")
def _screens(config: Config) -> tuple[bool, str]:
    """Raises TextOverflow where the fullest screens have no room."""
    import numpy as np
    import pygame

    from kiosk.display.gallery import FULLEST, screen_states
    from kiosk.display.monitor import Monitor, usual_distance
    from kiosk.display.screens import draw_screen

    display = config.display
    distance = display.distance or usual_distance(display.diagonal)
    monitor = Monitor(display.size, display.diagonal, distance)
    surface, picture = pygame.Surface(display.size), np.zeros((64, 48, 3), np.uint8)
    first, second = display.languages
    for languages in ((first, second), (second, first)):
        states = dict(screen_states(picture, languages, monitor))
        for name in FULLEST:
            draw_screen(surface, states[name])
    return True, f"room for all that must be said on {monitor}"


@_check("voice")
def _voice(config: Config) -> tuple[bool | None, str]:
    from kiosk.voice.files import look_up
    from kiosk.voice.phrases import utterances

    voice = config.voice
    if not voice.enabled:
        return True, "switched off"
    found = look_up(utterances(), voice.store, voice.recordings)
    unheard = sum(spoken.origin == "none" for spoken in found)
    if unheard:
        says = f"{unheard} of {len(found)} phrases are not heard"
        return None, f"{says}; make their files with: kiosk voice --make"
    heard = sorted({spoken.synthesizer or "recordings" for spoken in found})
    return True, f"{len(found)} phrases, spoken by {', '.join(heard)}"


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
    from kiosk.sync.enrolment import open_client
    from kiosk.sync.roster import read_extract

    if config.sync.registrar_public_key is None:
        return None, "none is configured; enrol with `registrar booth add`"
    client = open_client(config.sync)
    with client:
        client.roster(read_extract(config.sync.roster, client.registrar_verify_key))
    return True, f"{config.sync.registrar} answers, and knows this booth"


@_check("outbox", at_rest=True)
def _outbox(config: Config) -> tuple[bool, str]:
    from kiosk.sync.outbox import Outbox
    from kiosk.sync.tally import read_tally

    if not config.sync.outbox.exists() and not read_tally(config.sync.outbox):
        return True, "empty: nothing was photographed yet"
    outbox = Outbox(config.sync.outbox)
    counts, damaged, loss = outbox.counts(), outbox.damaged_files(), outbox.find_loss()
    set_aside = outbox.set_aside_reasons()
    says = f"{counts.pending} waiting, {counts.sent} sent, {counts.refused} refused"
    if counts.refused:
        reasons = (f"{n} {why.replace('_', ' ')}" for why, n in outbox.refusals().items())
        says += f" ({', '.join(reasons)})"
    if set_aside:
        each = (f"photo {number}: {why}" for number, why in set_aside.items())
        says += (
            f", {len(set_aside)} set aside ({'; '.join(each)}); try kiosk sync --retry-set-aside"
        )
    if damaged:
        says += f"; damaged, with photos in it: {', '.join(map(str, damaged))}"
    if loss:
        says += f"; {loss}"
    return not (counts.refused or set_aside or damaged or loss), says


@_check("roster", at_rest=True)
def _roster(config: Config) -> tuple[bool | None, str]:
    from kiosk.sync.clock import describe_span, read_clocks, read_told_time
    from protocol.request import CLOCK_WINDOW

    if config.sync.registrar_verify_key is None:
        return None, "no registrar is configured"
    extract = _read_extract(config)
    if extract is None:
        return False, "none yet: codes cannot be resolved offline; run kiosk sync"
    now, told = read_clocks().wall, read_told_time(config.sync.roster)
    issued = extract.issued_at.timestamp()
    if issued > now + CLOCK_WINDOW:
        return False, (
            f"{len(extract)} entries, made {describe_span(issued - now)} after this clock's time:"
            " the registrar's clock was ahead, or this one is slow; set both by network time, then"
            " run kiosk sync"
        )
    confirmed = told.roster_confirmed if told is not None else None
    age = max(now - (issued if confirmed is None else max(confirmed, issued)), 0.0)
    says = f"{len(extract)} entries, as the registrar had them {describe_span(age)} ago"
    if age > OLD_ROSTER:
        return False, f"{says}; who was enrolled or photographed since is not known: run kiosk sync"
    return True, says


def _read_extract(config: Config) -> "RosterExtract | None":
    from kiosk.sync.keys import parse_registrar_verify_key
    from kiosk.sync.roster import read_extract

    key = parse_registrar_verify_key(config.sync.registrar_verify_key or "")
    return read_extract(config.sync.roster, key)


@_check("clock", at_rest=True)
def _clock(config: Config) -> tuple[bool, str]:
    from kiosk.sync.clock import find_clock_fault, read_clocks, read_told_time

    now, told, issued_at = read_clocks(), read_told_time(config.sync.roster), None
    if told is None and config.sync.registrar_verify_key is not None:
        with suppress(KioskError):  # the roster's own check tells
            extract = _read_extract(config)
            issued_at = None if extract is None else extract.issued_at.timestamp()
    if (wrong := find_clock_fault(now, told, issued_at)) is not None:
        return False, wrong
    if told is None or told.registrar_now(now) is None:
        return True, "plausible; the registrar was not asked since this machine was started"
    return True, "as the registrar's"


@_check("disk", at_rest=True)
def _disk(config: Config) -> tuple[bool, str]:
    from kiosk.sync.write_probe import find_write_fault

    folder = config.sync.outbox.parent
    while not folder.exists():
        folder = folder.parent
    if (wrong := find_write_fault(folder)) is not None:
        return False, wrong
    return True, f"{shutil.disk_usage(folder).free / 1e9:.1f} GB free at {folder}, and writable"


@_check("owners", at_rest=True)
def _owners(config: Config) -> tuple[bool | None, str]:
    sync = config.sync
    folder = sync.outbox.parent
    if not folder.exists():
        return None, "nothing was written yet"
    owner = folder.stat()
    beside = [
        *folder.glob(f"{sync.outbox.name}*"),
        *sync.roster.parent.glob(f"{sync.roster.name}*"),
    ]
    foreign = [
        path
        for path in sorted({*beside, sync.signing_key_file})
        if path.exists() and path.stat().st_uid != owner.st_uid
    ]
    if not foreign:
        return True, f"all is the booth's own in {folder}"
    names = " ".join(shlex.quote(str(path)) for path in foreign)
    return False, (
        f"not the booth's own, which may not read or write them: {', '.join(map(str, foreign))};"
        f" give them back: sudo chown -R {owner.st_uid}:{owner.st_gid} {names}"
    )


@_check("temperature", at_rest=True)
def _temperature(config: Config) -> tuple[bool | None, str]:
    try:
        degrees = int(THERMOMETER.read_text()) / 1000
    except (OSError, ValueError):
        return None, "this machine tells none"
    return degrees < THROTTLING, f"{degrees:.0f} °C"
