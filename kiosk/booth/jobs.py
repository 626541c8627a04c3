"""The worker's jobs: everything slow, each a function that returns what it found.

None writes the booth's state; the loop does, from the outcome.
"""

import logging
from collections.abc import Callable, Mapping
from uuid import UUID

from kiosk import visit as v
from kiosk.booth.attendance_call import Proof
from kiosk.booth.capture import Capture, take_capture, with_photo
from kiosk.booth.faults import look_for_faults
from kiosk.booth.parts import Parts
from kiosk.booth.plate_schedule import PlateSchedule, take_empty_picture, take_plate
from kiosk.booth.watch import Watch
from kiosk.booth.wiping import return_freed_memory
from kiosk.booth.worker import NOTHING_FOUND, Outcome
from kiosk.camera.frame import Frame
from kiosk.errors import CameraFault, KioskError, ModelError, StandardiseError
from kiosk.pipeline.hue import shows_wrong_colours
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.photo.burst import Spoiled
from kiosk.reader import kind_of_wrong_code
from kiosk.upkeep import maintenance
from protocol.roster import Wait
from protocol.student import Student

log = logging.getLogger(__name__)

WRONG_COLOURS = (
    "the light blue backdrop has another colour: red and blue are exchanged, or there is none; "
    "correct the driver's pixel format (for a backdrop that is not light blue: booth.backdrop)"
)


# ---- the booth's own affairs ----


def feel_slowly(parts: Parts) -> Outcome:
    """Look for what fails silently, and takes a moment to tell; and for lamps that came back."""
    parts.lamps.look_again()
    return Outcome(
        faults=look_for_faults(parts),
        kept=parts.registrar.count_kept(),
        agenda=parts.schedule.agenda(),
    )


def load_models(parts: Parts, *, told: bool) -> Outcome:
    """Load the models; that they are missing is logged unless it was `told` before."""
    try:
        return Outcome(v.FaultCleared("models"), models=parts.load_models())
    except ModelError as error:
        if not told:
            log.error("models: %s", error)
        return Outcome(v.FaultRaised("models"))


def look_at_empty_booth(
    parts: Parts,
    models: LoadedModels,
    plates: PlateSchedule,
    alone: Callable[[], bool],
    *,
    told: bool,
) -> Outcome:
    """See whether colours are right, and take the plate, while the booth is `alone`.

    That colours are wrong is logged unless it was `told` before.
    """
    empty = take_empty_picture(parts, models)
    wrong = plate = None
    if empty is not None:
        wrong = parts.blue_backdrop and shows_wrong_colours(empty)
        plate = None if wrong else take_plate(parts, alone)
    return Outcome(
        plates=plates.after(plate, parts.clock()), faults=_tell_colours(wrong, told=told)
    )


# ---- watching ----


def begin_watch(parts: Parts, watch: Watch | None) -> Outcome:
    """Nothing seen of the person before counts but the light that is right for them: whoever was
    there before was forgotten as their visit ended. Here, after what a plate does with lamps."""
    levels = dict(parts.working)
    if watch is not None:
        watch.look_again()
        levels |= watch.levels
    parts.lamps.set(parts.levels(levels))
    return NOTHING_FOUND


def watch_frame(
    parts: Parts, watch: Watch, frame: Frame, *, told: bool, holding: bool = False
) -> Outcome:
    """Look at a frame of the person whom the booth guides, and whether its colours are right.

    That they are wrong is logged unless it was `told` before. `holding`: they hold still, and so do
    the lamps.
    """
    seen = watch.look(frame, holding=holding)
    wrong = watch.wrong_colours if parts.blue_backdrop else None
    for place, source in watch.found:
        log.info("reflection: %s mirrors %s", place, source)
    return Outcome(seen, faults=_tell_colours(wrong, told=told), found=watch.found)


def _tell_colours(wrong: bool | None, *, told: bool) -> Mapping[v.FaultName, bool]:
    """Whether the fault is there, where that can be told; logged unless it was `told` before."""
    if wrong and not told:
        log.error("camera: %s", WRONG_COLOURS)
    return {} if wrong is None else {"colour": wrong}


def end_watch(parts: Parts, watch: Watch | None, begun: UUID | None) -> Outcome:
    """Forget the person, and dim the lamps; the standardisation that was `begun` is over."""
    if watch is not None:
        watch.forget()
    parts.registrar.leave(begun)
    parts.lamps.set(parts.levels(parts.idle))
    return_freed_memory()
    return NOTHING_FOUND


def set_lamps(parts: Parts, levels: Mapping[str, float]) -> Outcome:
    """Set lamps as staff or the visit want them."""
    parts.lamps.set(levels)
    return NOTHING_FOUND


def set_maintenance(parts: Parts, *, on: bool) -> Outcome:
    """Take the booth out of service as staff want it at the screen, or put it back."""
    path = parts.maintenance_file
    if path is None:
        return NOTHING_FOUND
    try:
        if on:
            maintenance.begin(path, maintenance.SCREEN, "")
        else:
            maintenance.end(path)
    except OSError as error:
        log.error("%s: maintenance cannot be noted (%s)", path, error.strerror)
        return NOTHING_FOUND
    log.warning("staff: %s", "out of service" if on else "in service again")
    return Outcome(faults={"maintenance": on})


# ---- the student, and their photo ----


def resolve(parts: Parts, code: str) -> Outcome:
    """Ask whose a capture code is; of one that nobody knows it may be plain what it is instead."""
    try:
        found = parts.registrar.resolve(code)
    except KioskError as error:
        log.error("ledger: %s", error)
        return Outcome(v.Refused("cannot_save"))
    if isinstance(found, Wait):
        return Outcome(v.Refused("wait", found.until))
    if found in ("code_unknown", "code_unreadable"):
        kind = kind_of_wrong_code(code)
        found = found if kind == "code_unreadable" else kind
    if isinstance(found, Student):
        proof = parts.registrar.proof_asked
        return Outcome(v.Admitted(found, parts.schedule.turn_of(found), proof))
    return Outcome(v.Refused(found))


def take_shot(
    parts: Parts,
    models: LoadedModels | None,
    plates: PlateSchedule,
    excused: frozenset[str],
    proof: Proof | None,
) -> Outcome:
    """Take the burst; rules that are `excused` need not hold. `proof` is that somebody is there."""
    if models is None:
        return Outcome(v.BurstSpoiled())
    try:
        found = take_capture(parts, models, plates.plate, excused, proof)
    except CameraFault as fault:
        log.warning("burst: %s", fault)
        return Outcome(v.BurstSpoiled())
    if isinstance(found, Spoiled):
        return Outcome(v.BurstSpoiled(found.assessment))
    if parts.watcher is not None:
        parts.watcher.shot(found.shot, parts.lamps.levels)
    return Outcome(v.Captured(), found)


def make_photo(
    parts: Parts, models: LoadedModels | None, capture: Capture | None, begun: UUID | None
) -> Outcome:
    """Make the photo of a capture; where none can be made, what the student can do about it.

    With it the standardisation that was `begun` counts.
    """
    if models is None or capture is None:
        return Outcome(v.PhotoFailed())
    try:
        made = with_photo(capture, models, parts)
        parts.registrar.make(begun)  # on the disk before the photo is seen
    except StandardiseError as error:
        log.warning("standardise: %s", error)
        return Outcome(v.PhotoFailed(error.rule, error.side), trouble=str(error))
    except KioskError as error:
        log.error("ledger: %s", error)
        return Outcome(v.Refused("cannot_save"))
    return Outcome(v.Standardised(), made)


def seal(parts: Parts, student: Student | None, capture: Capture | None, asked: v.Seal) -> Outcome:
    """Seal a capture's photo into the outbox."""
    if student is None or capture is None or capture.photo is None:
        return Outcome(v.Refused("cannot_save"))
    excused = dict.fromkeys(sorted(asked.waived), "waived")
    excused |= dict.fromkeys(sorted(asked.granted), "granted")
    try:
        number = parts.registrar.seal(
            student,
            capture.photo,
            capture.shot,
            calibration=capture.calibration,
            excused=excused,
        )
    except KioskError as error:
        log.error("outbox: %s", error)
        return Outcome(v.Refused("cannot_save"))
    return Outcome(v.Sealed(number))
