"""The capture: a burst's best shot with all that is known beside it, and then its photo.

All of it is one value, so that it is dropped in one place.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from kiosk.booth import lit_captures
from kiosk.booth.attendance_call import Proof
from kiosk.booth.parts import Parts
from kiosk.camera.frame import Controls, Picture
from kiosk.errors import CameraFault
from kiosk.pipeline.cutout.plate import Plate
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.photo.burst import Shot, Spoiled, best_shot
from kiosk.pipeline.photo.provenance import RecordValues
from kiosk.pipeline.photo.standardise import Evidence, Photo

log = logging.getLogger(__name__)

BURST = 5
"""Frames taken when the shutter is released."""

BURSTS = 2
"""Bursts that are taken at most where eyes were closed: a blink may last as long as a burst, and is
nobody's fault."""

BURST_PATIENCE = 5.0
"""Seconds within which they must come."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture, and what became of it."""

    shot: Shot
    evidence: Evidence
    """What is known beside the shot."""
    calibration: RecordValues
    """How camera and lamps stood at the burst."""
    excused: frozenset[str] = frozenset()
    """Rules that need not hold."""
    photo: Photo | None = None
    """None until it is made."""


def take_capture(
    parts: Parts,
    models: LoadedModels,
    plate: Plate | None,
    excused: frozenset[str],
    proof: Proof | None = None,
) -> Capture | Spoiled:
    """Take the burst and choose its best shot, in which the `excused` rules need not hold.

    A burst that a blink has spoiled is taken once more. `plate` is the empty booth's, where one was
    taken; `proof` is that somebody is there. Raises CameraFault.
    """
    for _ in range(BURSTS):
        found = _take_burst(parts, models, plate, excused, proof)
        if isinstance(found, Capture) or not found.blinked:
            break
    return found


def _take_burst(
    parts: Parts,
    models: LoadedModels,
    plate: Plate | None,
    excused: frozenset[str],
    proof: Proof | None,
) -> Capture | Spoiled:
    frames = parts.camera.capture(BURST, BURST_PATIENCE)
    pictures: list[Picture] = [f.image for f in frames if f.image is not None]
    # All of the burst are taken under the same: from the praise on the lamps stand still.
    levels = parts.lamps.levels_at(frames[-1].time)
    unlit = _without_backdrop_lamp(parts, pictures[-1]) if pictures else None
    answer = None if proof is None else proof.attendance
    shot = best_shot(pictures, models.looker, parts.specification, excused, attendance=answer)
    if isinstance(shot, Spoiled):
        return shot
    age = None if plate is None else parts.clock() - plate.taken
    calibration = _calibration(frames[-1].controls, levels, age)
    if proof is not None:
        calibration = {**calibration, **_proof(proof, parts.clock())}
    return Capture(shot, _evidence(plate, levels, unlit), calibration, excused)


def with_photo(capture: Capture, models: LoadedModels, parts: Parts) -> Capture:
    """Make the capture's photo. Raises StandardiseError."""
    photo = models.standardiser.standardise(
        capture.shot.picture, parts.wanted, capture.evidence, capture.excused
    )
    return replace(capture, photo=photo)


def _without_backdrop_lamp(parts: Parts, lit: Picture) -> Picture | None:
    """Take the picture with the backdrop's lamp out; the photo can do without."""
    try:
        return lit_captures.capture_unlit(parts.camera, parts.lamps, lit)
    except CameraFault as fault:
        log.warning("lamp pair: %s", fault)
        return None


def _evidence(plate: Plate | None, levels: Mapping[str, float], unlit: Picture | None) -> Evidence:
    """Put together what is known beside a shot that was taken under these levels."""
    if plate is None:
        return Evidence(unlit=unlit)
    dark = {**levels, lit_captures.BACKDROP: 0.0}
    return Evidence(plate.at(levels), unlit, plate.at(dark) if unlit is not None else None)


def _proof(proof: Proof, now: float) -> RecordValues:
    """By what attendance was proven, and when, for the record; `now` is of the same clock."""
    at = datetime.now(UTC) - timedelta(seconds=now - proof.at)
    return {"attendance_by": "lamps", "attendance_at": at.isoformat(timespec="milliseconds")}


def _calibration(
    controls: Controls, levels: Mapping[str, float], age: float | None
) -> RecordValues:
    """How camera and lamps stood, for the record; `age` is the plate's, in seconds."""
    told: dict[str, float | int | str] = {
        "exposure_time": controls.exposure_time,
        "analogue_gain": controls.analogue_gain,
        "red_gain": controls.colour_gains[0],
        "blue_gain": controls.colour_gains[1],
    }
    told |= {f"lamp {name}": level for name, level in levels.items()}
    if age is not None:
        told["plate_age_s"] = round(age, 1)
    return told
