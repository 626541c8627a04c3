"""The booth: puts its parts together and runs the loop."""

import logging
import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Protocol

from kiosk import visit as v
from kiosk.booth import lit_captures
from kiosk.camera.frame import Controls, Frame, Picture
from kiosk.camera.process import CameraProcess
from kiosk.display.sound import Sounds
from kiosk.display.state import BoothLabels, ScreenState
from kiosk.display.window import Closed, Typed, Window
from kiosk.errors import CameraFault, KioskError, ModelError, StandardiseError
from kiosk.lighting import control_law
from kiosk.lighting.lamps import Lamps
from kiosk.pipeline.cutout.plate import Plate
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.judge.rules import words
from kiosk.pipeline.judge.steady import Steady, follow
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.look.attendance import FRAMES, swing
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Observation
from kiosk.pipeline.photo.burst import Shot, best_shot
from kiosk.pipeline.photo.provenance import NOTHING, Values
from kiosk.pipeline.photo.standardise import Evidence, Photo, Wanted
from kiosk.pipeline.specification import Specification
from kiosk.reader.capture_code import CaptureCodeError, parse
from kiosk.reader.picture import PictureReader
from kiosk.reader.reader import Reader
from kiosk.reader.wedge import Wedge
from kiosk.words.phrase import Words
from protocol.student import Student

log = logging.getLogger(__name__)

BURST = 5
"""Frames taken when the shutter is released."""

BURST_PATIENCE = 5.0
"""Seconds within which they must come."""

RETRY = 10.0
"""Seconds between two looks at what fails silently: the models, the room on the disk."""

PLATE_FRESH, PLATE_RETRY = 600.0, 30.0
"""Seconds for which a plate of the empty booth serves, and after which one that could not be taken
is tried again."""

NOBODY = 0.01
"""Share of a picture that MODNet takes for a person where nobody is. Of the twin's empty booth in
any light it takes none; a head alone is 0.1."""

AWAKE, ASLEEP = 30.0, 4.0
"""Frames a second wanted from the camera during a visit, and while nobody is there."""


class RegistrarLink(Protocol):
    """What the booth asks of the sync room: who a student is, and a safe place for the photo."""

    def resolve(self, code: str) -> Student | v.Reason:
        """Say whose capture code this is, or why its owner cannot be photographed."""
        ...

    def seal(
        self, student: Student, photo: Photo, shot: Shot, *, calibration: Values = NOTHING
    ) -> None:
        """Keep the photo, sealed, so that it cannot be lost; raises KioskError.

        `calibration` is how camera and lamps stood when it was taken.
        """
        ...

    def has_room(self) -> bool:
        """Say whether the disk can take more photos."""
        ...


class Actor(Protocol):
    """Who acts at the booth by script instead of in person (the twin's student)."""

    def act(self, visit: v.Visit, at: float) -> list[v.Tapped | Typed]:
        """See the screen, and give what was tapped and scanned since."""
        ...


class Watcher(Protocol):
    """Who is told of what the booth does (the demo's recorder)."""

    def shown(self, booth: "Booth", at: float) -> None:
        """The screen shows the booth's present state."""
        ...

    def shot(self, shot: Shot, levels: Mapping[str, float]) -> None:
        """The burst's best shot is chosen; lamps stood at these levels."""
        ...


@dataclass(frozen=True)
class Parts:
    """What a booth is made of. Whoever opens a part closes it."""

    camera: CameraProcess
    controls: Controls
    lamps: Lamps
    reader: Reader | None
    """A reader with a wire of its own; a keyboard wedge needs none."""
    picture_reader: PictureReader | None
    """Reads codes from the camera's picture, where no reader is: nothing of it is shown or kept."""
    window: Window
    sounds: Sounds
    load_models: Callable[[], LoadedModels]
    """Loads the models; raises ModelError. Tried again until they are there."""
    specification: Specification
    wanted: Wanted
    office: RegistrarLink
    words: BoothLabels
    guest: Actor | None = None
    watcher: Watcher | None = None
    clock: Callable[[], float] = time.monotonic


CALL_AGAIN = 4.0
"""Seconds from one swing of the lamps to the next, for a face that did not answer."""

AHEAD = 10.0
"""Yaw, degrees, up to which both cheeks are seen well enough to answer."""

KEYS = {"key_left", "key_right"}
"""The lamps that swing."""

STANDS = 0.5
"""Motion in T a second below which somebody stands, and can be called on."""


@dataclass(frozen=True, slots=True)
class Call:
    """A swing of the lamps that a face is to answer."""

    rest: Mapping[str, float]
    """The lamps' levels around which they swing."""
    number: int = 0
    """Frames since it began."""


@dataclass
class Booth:
    """The running booth. `tick` it some 30 times a second, or let `run` do so."""

    parts: Parts
    visit: v.Visit = field(default_factory=v.Visit)
    photo: Photo | None = None
    trouble: str | None = None
    """Why the last capture made no photo, in words for staff."""
    plate: Plate | None = None
    """The empty booth, taken when nobody was there."""
    plate_due: float = -math.inf
    """When the next is to be taken, if nobody is there then."""
    _frame: Frame | None = None
    """The newest preview; only while a visit looks."""
    _fresh: bool = False
    """Whether that frame was not looked at yet."""
    _shot: Shot | None = None
    _evidence: Evidence = field(default_factory=Evidence)
    """What is known beside the shot."""
    _calibration: Values = field(default_factory=dict)
    """How camera and lamps stood at the burst."""
    _steady: Steady = field(default_factory=Steady)
    _instructions: Mapping[tuple[str, str], Words] = field(default_factory=words)
    _call: Call | None = None
    """The lamps' swing under way."""
    _called: float = -math.inf
    """When the last one began, s."""
    _timer: float | None = None
    _wedge: Wedge = field(default_factory=Wedge)
    _eyes: LoadedModels | None = None
    _retry_at: float = 0.0
    _jobs: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="booth")
    )
    _job: tuple[Future[v.Event | None], v.Visit] | None = None
    """The work under way, and the visit it belongs to. Models bear one caller at a time."""
    _queue: list[Callable[[], v.Event | None]] = field(default_factory=list)
    _open: bool = True

    @property
    def prepared(self) -> bool:
        """Whether the booth has looked at itself while it was empty."""
        return self.plate_due > -math.inf

    def run(self, done: Callable[["Booth"], bool] = lambda _: False) -> None:
        """Serve students until `done` says so or the window is closed."""
        self._rest()
        try:
            while self._open and not done(self):
                self.tick(self.parts.clock())
        finally:
            self._jobs.shutdown(wait=True, cancel_futures=True)
            self._forget()
            if self._eyes is not None:
                self._eyes.looker.close()

    def tick(self, at: float) -> None:
        """Do one round: hear, look, step, show. Waits for the screen's next picture."""
        for event in self._heard(at):
            self._step(event)
        self._feel(at)
        self._see()
        if self._timer is not None and at >= self._timer:
            self._timer = None
            self._step(v.TimedOut())
        self._work()
        self.parts.window.show(self.scene(at))
        if self.parts.watcher is not None:
            self.parts.watcher.shown(self, at)

    def scene(self, at: float) -> ScreenState:
        """Give what the screen shows."""
        guiding = self.visit.stage is v.Stage.GUIDE
        return ScreenState(
            visit=self.visit,
            at=at,
            preview=self._frame.preview if self._frame and guiding else None,
            photo=None if self.photo is None else self.photo.picture,
            booth=self.parts.words,
            instructions=self._instructions,
        )

    # ---- senses ----

    def _heard(self, at: float) -> list[v.Event]:
        """Taps, scans, and the window's closing, as the visit's events."""
        inputs: list[v.Tapped | Typed | Closed] = [*self.parts.window.events()]
        if self.parts.guest is not None:
            inputs += self.parts.guest.act(self.visit, at)
        events: list[v.Event] = []
        for heard in inputs:
            match heard:
                case v.Tapped():
                    events.append(heard)
                case Typed(char, when):
                    events += _events(_code_event(self._wedge.feed(char, when)))
                case Closed():
                    self._open = False
        if self.parts.reader is not None:
            events += _events(_code_event(self.parts.reader.poll()))
        return events

    def _feel(self, at: float) -> None:
        """Notice what has failed, and what works again. Each is logged once by its owner."""
        parts = self.parts
        self._set_fault("camera", parts.camera.fault is not None)
        self._set_fault("lamps", not parts.lamps.available)
        self._set_fault("reader", parts.reader is not None and not parts.reader.available)
        if at >= self._retry_at and self._job is None:
            self._retry_at = at + RETRY
            self._set_fault("disk", not parts.office.has_room())
            if self._eyes is None:
                self._queue.append(self._open_eyes)

    def _set_fault(self, name: v.FaultName, broken: bool) -> None:
        if broken != (name in self.visit.faults):
            self._step(v.FaultRaised(name) if broken else v.FaultCleared(name))

    def _see(self) -> None:
        frame = self.parts.camera.newest()
        reads_codes = self.visit.stage is v.Stage.IDLE and self.parts.picture_reader is not None
        if frame is not None and (reads_codes or self.visit.stage is v.Stage.GUIDE):
            self._frame, self._fresh = frame, True

    # ---- the visit ----

    def _step(self, event: v.Event) -> None:
        before = self.visit.stage
        self.visit, effects = v.step(self.visit, event)
        if self.visit.stage is not before:
            log.info("visit: %s", self.visit.stage.value)
        for effect in effects:
            self._do(effect)

    def _do(self, effect: v.Effect) -> None:
        match effect:
            case v.Resolve(code):
                self._queue.append(lambda: self._resolve(code))
            case v.Watch():
                self.photo = self._shot = None
                self._evidence = Evidence()
                self._queue.append(self._look_anew)
                self.parts.camera.pace(AWAKE)
                self.parts.camera.control(self.parts.controls)
            case v.Capture():
                self._queue.append(self._capture)
            case v.Standardise():
                self._queue.append(self._standardise)
            case v.Seal():
                self._queue.append(self._seal)
            case v.Wait(seconds):
                self._timer = self.parts.clock() + seconds
            case v.Chime(sound):
                self.parts.sounds.play(sound)
            case v.Forget():
                self._forget()
                self._rest()

    def _forget(self) -> None:
        self._timer = None
        self._queue.clear()
        self._frame = self._shot = self.photo = None
        self._evidence = Evidence()
        self._fresh = False

    def _rest(self) -> None:
        self.parts.camera.pace(ASLEEP)
        self.parts.lamps.set(self._there(control_law.IDLE))

    def _there(self, levels: Mapping[str, float]) -> dict[str, float]:
        """Those of the levels whose lamps this booth has."""
        lamps = self.parts.lamps
        return {n: level for n, level in levels.items() if n in lamps.levels}

    # ---- work beside the screen ----

    def _work(self) -> None:
        """Take in the work that is done, and begin the next: jobs first, else a look."""
        if self._job is not None:
            future, then = self._job
            if not future.done():
                return
            self._job = None
            event = future.result()
            if then.student is not self.visit.student:
                # What comes in late, for a visit that has ended, belongs to nobody.
                self._shot = self.photo = None
                self._evidence = Evidence()
                if self.visit.stage is v.Stage.IDLE:
                    self._rest()
            elif event is not None:
                self._step(event)
        if self._queue:
            self._start(self._queue.pop(0))
        elif self._fresh and self._frame is not None:
            frame, self._fresh = self._frame, False
            if self.visit.stage is v.Stage.GUIDE:
                self._start(lambda: self._look(frame))
            else:
                self._start(lambda: self._read(frame))
        elif self._alone and self.parts.clock() >= self.plate_due:
            self._start(self._take_plate)

    @property
    def _alone(self) -> bool:
        """Whether nobody deals with the booth, and it can see."""
        return self.visit.stage is v.Stage.IDLE and self._eyes is not None and not self.visit.faults

    def _take_plate(self) -> v.Event | None:
        """Take the plate of the empty booth, where it is empty, and say when the next is due."""
        found: Plate | None = None
        if self._eyes is not None:
            try:
                found = self._plate(self._eyes)
            except CameraFault as fault:
                log.warning("plate: %s", fault)
        if found is not None:
            self.plate = found
            log.info("plate: taken")
        self.plate_due = self.parts.clock() + (PLATE_RETRY if found is None else PLATE_FRESH)
        return None

    def _plate(self, eyes: LoadedModels) -> Plate | None:
        parts = self.parts
        parts.camera.control(parts.controls)
        first = parts.camera.capture(1, BURST_PATIENCE)[0].image
        if first is None or not _empty(eyes, first):
            return None
        levels = self._there(control_law.WORKING)
        at = parts.clock()
        return lit_captures.plate(parts.camera, parts.lamps, levels, lambda: self._alone, at)

    def _start(self, job: Callable[[], v.Event | None]) -> None:
        self._job = self._jobs.submit(job), self.visit

    def _open_eyes(self) -> v.Event | None:
        try:
            self._eyes = self.parts.load_models()
        except ModelError as error:
            if "models" not in self.visit.faults:
                log.error("models: %s", error)
            return v.FaultRaised("models")
        return v.FaultCleared("models")

    def _read(self, frame: Frame) -> v.Event | None:
        """Look for a capture code; another code that happens to be in view was not shown to us."""
        if self.parts.picture_reader is None:
            return None
        event = _code_event(self.parts.picture_reader.feed(frame.preview, frame.time))
        return event if isinstance(event, v.CodeRead) else None

    def _look(self, frame: Frame) -> v.Event | None:
        if self._eyes is None:
            return None
        seen = self._eyes.looker.follow(
            frame.preview, frame.time, None if self._call is None else self.parts.lamps.levels
        )
        self._call_on(self._eyes.looker, seen, frame.time)
        if self._call is None:
            self._light(seen)
        elif seen.attendance is None:
            # Until the face has answered, nobody is there.
            seen = replace(seen, attendance=0.0)
        found = judge(seen, self.parts.specification)
        self._steady, steady = follow(self._steady, found, frame.time)
        return v.Assessed(steady, frame.time)

    def _call_on(self, looker: Looker, seen: Observation, at: float) -> None:
        """Let the lamps swing until the face has answered, and again later where it did not."""
        lamps = self.parts.lamps
        if self._call is None:
            ahead = seen.face is not None and abs(seen.face.yaw) < AHEAD
            present = ahead and seen.motion is not None and seen.motion < STANDS
            answered = seen.attendance is not None and seen.attendance >= 0.5
            able = looker.attends and lamps.available and lamps.levels.keys() >= KEYS
            if able and present and not answered and at >= self._called + CALL_AGAIN:
                self._call, self._called = Call(lamps.levels), at
            return
        call = self._call = replace(self._call, number=self._call.number + 1)
        over = seen.face is None or call.number > FRAMES
        lamps.set(call.rest if over else swing(call.rest, call.number))
        if over:
            self._call = None

    def _look_anew(self) -> v.Event | None:
        """Begin a look at a person: nothing seen of the one before counts."""
        # Here, after what the worker may still do with the lamps for a plate.
        self.parts.lamps.set(self._there(control_law.WORKING))
        self._steady, self._call, self._called = Steady(), None, -math.inf
        if self._eyes is not None:
            self._eyes.looker.forget()
        return None

    def _light(self, seen: Observation) -> None:
        if seen.skin is not None:
            left, right = seen.skin.light_picture_left, seen.skin.light_picture_right
            self.parts.lamps.set(control_law.even(self.parts.lamps.levels, left, right))

    def _resolve(self, code: str) -> v.Event:
        found = self.parts.office.resolve(code)
        return v.Admitted(found) if isinstance(found, Student) else v.Refused(found)

    def _capture(self) -> v.Event:
        parts, eyes = self.parts, self._eyes
        if eyes is None:
            return v.BurstSpoiled()
        try:
            frames = parts.camera.capture(BURST, BURST_PATIENCE)
        except CameraFault as fault:
            log.warning("burst: %s", fault)
            return v.BurstSpoiled()
        pictures: list[Picture] = [f.image for f in frames if f.image is not None]
        levels = parts.lamps.levels
        without = self._unlit(pictures[-1]) if pictures else None
        self._shot = best_shot(pictures, eyes.looker, parts.specification)
        if self._shot is None:
            return v.BurstSpoiled()
        self._evidence = self._known(levels, without)
        self._calibration = self._calibrated(frames[-1].controls, levels)
        if parts.watcher is not None:
            parts.watcher.shot(self._shot, parts.lamps.levels)
        return v.Captured()

    def _unlit(self, lit: Picture) -> Picture | None:
        """Take the picture with the backdrop's lamp out; the photo can do without."""
        try:
            return lit_captures.unlit(self.parts.camera, self.parts.lamps, lit)
        except CameraFault as fault:
            log.warning("lamp pair: %s", fault)
            return None

    def _calibrated(self, controls: Controls, levels: Mapping[str, float]) -> Values:
        """Tell how camera and lamps stand, for the record."""
        told: dict[str, float | int | str] = {
            "exposure_time": controls.exposure_time,
            "analogue_gain": controls.analogue_gain,
            "red_gain": controls.colour_gains[0],
            "blue_gain": controls.colour_gains[1],
        }
        told |= {f"lamp {name}": level for name, level in levels.items()}
        if self.plate is not None:
            told["plate_age_s"] = round(self.parts.clock() - self.plate.taken, 1)
        return told

    def _known(self, levels: Mapping[str, float], without: Picture | None) -> Evidence:
        """Put together what is known beside a shot that was taken under these levels."""
        if self.plate is None:
            return Evidence(unlit=without)
        dark = {**levels, lit_captures.BACKDROP: 0.0}
        return Evidence(self.plate.at(levels), without, self.plate.at(dark))

    def _standardise(self) -> v.Event | None:
        if self._shot is None or self._eyes is None:
            return None
        try:
            self.photo = self._eyes.standardiser.standardise(
                self._shot.picture, self.parts.wanted, self._evidence
            )
        except StandardiseError as error:
            self.trouble = str(error)
            log.warning("standardise: %s", error)
            return v.Refused("cannot_standardise")
        return v.Standardised()

    def _seal(self) -> v.Event | None:
        student, photo, shot = self.visit.student, self.photo, self._shot
        if student is None or photo is None or shot is None:
            return None
        try:
            self.parts.office.seal(student, photo, shot, calibration=self._calibration)
        except KioskError as error:
            log.error("outbox: %s", error)
            return v.Refused("cannot_save")
        return v.Sealed()


def _empty(eyes: LoadedModels, picture: Picture) -> bool:
    """Whether nobody is seen in a picture, from the front or from behind."""
    seen = eyes.looker.face(picture)
    return not seen.faces and seen.face is None and eyes.matter.alpha(picture).mean() < NOBODY


def _code_event(text: str | None) -> v.CodeRead | v.CodeUnreadable | None:
    """Turn what a reader gave into an event."""
    if text is None:
        return None
    try:
        return v.CodeRead(parse(text).text)
    except CaptureCodeError as error:
        log.info("reader: %s", error)
        return v.CodeUnreadable()


def _events(event: v.Event | None) -> list[v.Event]:
    return [] if event is None else [event]
