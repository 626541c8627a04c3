"""The booth: hears, feels, steps the visit, and shows it, some 30 times a second.

Only this loop writes the booth's state. Slow work goes to the worker, whose outcomes it takes in.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk import visit as v
from kiosk.booth.capture import Capture, take_capture, with_photo
from kiosk.booth.faults import feel_faults, look_for_faults, shows_wrong_colours
from kiosk.booth.parts import Parts
from kiosk.booth.plate_schedule import PlateSchedule, take_empty_picture, take_plate
from kiosk.booth.watch import Watch
from kiosk.booth.wiping import find_pictures, return_freed_memory, wipe_pictures
from kiosk.booth.worker import NOTHING_FOUND, Job, Outcome, Worker
from kiosk.camera.frame import Frame, Picture
from kiosk.display.state import ScreenState
from kiosk.display.window import Closed, Typed
from kiosk.errors import CameraFault, KioskError, ModelError, StandardiseError
from kiosk.pipeline.loading import LoadedModels
from kiosk.reader.capture_code import CaptureCodeError, parse_capture_code
from kiosk.reader.reader import Heard
from protocol.student import Student

log = logging.getLogger(__name__)

RETRY = 10.0
"""Seconds between two looks at what fails silently: the models, the room on the disk."""

AWAKE, ASLEEP = 30.0, 4.0
"""Frames a second wanted from the camera during a visit, and while nobody is there."""


@dataclass
class Booth:
    """The running booth. `tick` it some 30 times a second, or let `run` do so."""

    parts: Parts
    visit: v.Visit = field(default_factory=v.Visit)
    capture: Capture | None = None
    """What is known of the present capture, its photo included."""
    plates: PlateSchedule = field(default_factory=PlateSchedule)
    trouble: str | None = None
    """Why the last capture made no photo, in words for staff."""
    _frame: Frame | None = None
    """The newest preview; only while a visit looks."""
    _fresh: bool = False
    """Whether that frame was not looked at yet."""
    _models: LoadedModels | None = None
    _watch: Watch | None = None
    """The worker's, which alone looks through it."""
    _worker: Worker = field(default_factory=Worker)
    _asker: Worker = field(default_factory=Worker)
    """Asks whose a code is, so that who waits for an answer holds up nothing that looks."""
    _visit_number: int = 0
    """Grows as each visit ends: an answer to an earlier one belongs to nobody."""
    _queue: list[Job] = field(default_factory=list)
    _to_wipe: list[Picture] = field(default_factory=list)
    """Pictures that are dropped, to be overwritten once the worker uses none of them."""
    _timer: float | None = None
    _retry_at: float = 0.0
    _open: bool = True

    @property
    def prepared(self) -> bool:
        """Whether the booth has looked at itself while it was empty."""
        return self.plates.tried

    @property
    def at_rest(self) -> bool:
        """Whether nobody is served, and nothing is left to be done for whoever was."""
        working = self._queue or self._to_wipe or self._worker.busy or self._asker.busy
        return self.visit.stage is v.Stage.IDLE and not working

    def run(self, done: Callable[["Booth"], bool] = lambda _: False) -> None:
        """Serve students until `done` says so or the window is closed."""
        self._rest()
        try:
            while self._open and not done(self):
                self.tick(self.parts.clock())
        finally:
            self._worker.close()
            self._forget()
            self._asker.close()
            if self._models is not None:
                self._models.looker.close()

    def tick(self, at: float) -> None:
        """Do one round: hear, feel, see, step, show. Waits for the screen's next picture."""
        for event in self._hear(at):
            self._step(event)
        self._feel(at)
        if self._timer is not None and at >= self._timer:
            self._timer = None
            self._step(v.TimedOut())
        self._work()
        self.parts.window.show(self.screen_state(at))
        if self.parts.watcher is not None:
            self.parts.watcher.shown(self, at)

    def screen_state(self, at: float) -> ScreenState:
        """What the screen shows."""
        guiding = self.visit.stage is v.Stage.GUIDE
        photo = None if self.capture is None else self.capture.photo
        return ScreenState(
            visit=self.visit,
            at=at,
            preview=self._frame.preview if self._frame and guiding else None,
            photo=None if photo is None else photo.picture,
            booth=self.parts.labels,
        )

    # ---- senses ----

    def _hear(self, at: float) -> list[v.Event]:
        """Taps, scans, and the window's closing, as the visit's events; and the newest frame."""
        inputs: list[v.Tapped | Typed | Closed] = [*self.parts.window.events()]
        if self.parts.actor is not None:
            inputs += self.parts.actor.act(self.visit, at)
        events: list[v.Event] = [heard for heard in inputs if isinstance(heard, v.Tapped)]
        self._open = self._open and not any(isinstance(heard, Closed) for heard in inputs)
        keys = tuple((heard.char, heard.at) for heard in inputs if isinstance(heard, Typed))
        frame = self.parts.camera.newest()
        if frame is not None and self.visit.stage is v.Stage.GUIDE:
            self._frame, self._fresh = frame, True
        waiting = self.visit.stage is v.Stage.IDLE
        picture = frame.preview if frame is not None and waiting else None
        code = self.parts.reader.listen(Heard(at=at, keys=keys, picture=picture))
        if code is not None:
            events.append(_read_code(code))
        return events

    def _feel(self, at: float) -> None:
        """Notice what has failed, and what works again. Each is logged once by its owner."""
        for name, broken in feel_faults(self.parts).items():
            self._set_fault(name, broken)
        if at >= self._retry_at and not self._worker.busy:
            self._retry_at = at + RETRY
            self._queue.append(self._look_for_faults)
            if self._models is None:
                self._queue.append(self._load_models)

    def _set_fault(self, name: v.FaultName, broken: bool) -> None:
        if broken != (name in self.visit.faults):
            self._step(v.FaultRaised(name) if broken else v.FaultCleared(name))

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
                self._asker.start(lambda: self._resolve(code), self._visit_number)
            case v.Watch():
                self._drop_pictures()
                self._queue.append(self._begin_watch)
                self.parts.camera.pace(AWAKE)
                self.parts.camera.control(self.parts.controls)
            case v.Capture():
                self._queue.append(self._take_capture)
            case v.Standardise():
                capture = self.capture
                self._queue.append(lambda: self._make_photo(capture))
            case v.Seal():
                student, capture = self.visit.student, self.capture
                self._queue.append(lambda: self._seal(student, capture))
            case v.Wait(seconds):
                self._timer = self.parts.clock() + seconds
            case v.Chime(sound):
                self.parts.sounds.play(sound)
            case v.Forget():
                self._forget()
                self._rest()

    def _forget(self) -> None:
        """Drop every picture and word of the student; the worker's memory goes with `_rest`."""
        self._timer = None
        self._visit_number += 1
        if self._asker.busy:
            self._asker.abandon()
            self._asker = Worker()
        self._queue.clear()
        self._drop_pictures()
        if self.visit.stage is v.Stage.IDLE:
            self.trouble = None  # until then whoever asks may be told
        self.parts.window.forget()

    def _drop_pictures(self) -> None:
        """Drop the student's pictures; they are wiped once the worker is done with them."""
        self._to_wipe += find_pictures(self.capture, self._frame)
        self._frame = self.capture = None
        self._fresh = False

    def _rest(self) -> None:
        self.parts.camera.pace(ASLEEP)
        self._queue.append(self._end_watch)

    # ---- work beside the screen: each job runs on the worker, and writes nothing here ----

    def _work(self) -> None:
        """Take in the work that is done, and begin the next: jobs first, else a look."""
        for worker in (self._asker, self._worker):
            if (found := worker.take_outcome()) is not None:
                self._take_in(*found)
        if self._worker.busy:
            return
        wipe_pictures(self._to_wipe)
        self._to_wipe.clear()
        if self._queue:
            self._start(self._queue.pop(0))
        elif self._fresh and self._frame is not None:
            frame, self._fresh = self._frame, False
            self._start(lambda: self._look(frame))
        elif self._alone and self.parts.clock() >= self.plates.due:
            self._start(self._take_plate)

    def _start(self, job: Job) -> None:
        self._worker.start(job, self._visit_number)

    def _take_in(self, outcome: Outcome, visit_number: int) -> None:
        if outcome.models is not None:
            self._models = outcome.models
            self._watch = Watch(outcome.models.looker, self.parts.lamps, self.parts.specification)
        if outcome.plates is not None:
            self.plates = outcome.plates
        for name, broken in (outcome.faults or {}).items():
            self._set_fault(name, broken)
        of_the_booth = isinstance(outcome.event, v.FaultRaised | v.FaultCleared)
        if visit_number != self._visit_number and not of_the_booth:
            # What comes in late, for a visit that has ended, belongs to nobody.
            self._to_wipe += find_pictures(outcome.capture, None)
            return
        if outcome.capture is not None:
            self.capture = outcome.capture
        self.trouble = outcome.trouble or self.trouble
        if outcome.event is not None:
            self._step(outcome.event)

    @property
    def _alone(self) -> bool:
        """Whether nobody deals with the booth, and it can see."""
        # Wrong colours are looked at again, or it would not be noticed that they are mended.
        seeing = self._models is not None and self.visit.faults <= {"colour"}
        return self.visit.stage is v.Stage.IDLE and seeing

    def _take_plate(self) -> Outcome:
        models = self._models
        empty = None if models is None else take_empty_picture(self.parts, models)
        wrong = plate = None
        if empty is not None:
            wrong = self.parts.blue_backdrop and shows_wrong_colours(empty)
            if wrong and "colour" not in self.visit.faults:
                log.error(
                    "camera: the light blue backdrop has another colour: red and blue are"
                    " exchanged, or there is none; correct the driver's pixel format (for a"
                    " backdrop that is not light blue: booth.backdrop)"
                )
            plate = None if wrong else take_plate(self.parts, lambda: self._alone)
        faults: dict[v.FaultName, bool] = {} if wrong is None else {"colour": wrong}
        return Outcome(plates=self.plates.after(plate, self.parts.clock()), faults=faults)

    def _look_for_faults(self) -> Outcome:
        return Outcome(faults=look_for_faults(self.parts))

    def _load_models(self) -> Outcome:
        try:
            return Outcome(v.FaultCleared("models"), models=self.parts.load_models())
        except ModelError as error:
            if "models" not in self.visit.faults:
                log.error("models: %s", error)
            return Outcome(v.FaultRaised("models"))

    def _begin_watch(self) -> Outcome:
        """Nothing seen of the person before counts. Here, after what a plate does with lamps."""
        if self._watch is not None:
            self._watch.forget()
        self.parts.lamps.set(self.parts.levels(self.parts.working))
        return NOTHING_FOUND

    def _end_watch(self) -> Outcome:
        if self._watch is not None:
            self._watch.forget()
        self.parts.lamps.set(self.parts.levels(self.parts.idle))
        return_freed_memory()
        return NOTHING_FOUND

    def _look(self, frame: Frame) -> Outcome:
        return NOTHING_FOUND if self._watch is None else Outcome(self._watch.look(frame))

    def _resolve(self, code: str) -> Outcome:
        found = self.parts.registrar.resolve(code)
        return Outcome(v.Admitted(found) if isinstance(found, Student) else v.Refused(found))

    def _take_capture(self) -> Outcome:
        if self._models is None:
            return Outcome(v.BurstSpoiled())
        try:
            capture = take_capture(self.parts, self._models, self.plates.plate)
        except CameraFault as fault:
            log.warning("burst: %s", fault)
            capture = None
        if capture is None:
            return Outcome(v.BurstSpoiled())
        if self.parts.watcher is not None:
            self.parts.watcher.shot(capture.shot, self.parts.lamps.levels)
        return Outcome(v.Captured(), capture)

    def _make_photo(self, capture: Capture | None) -> Outcome:
        if self._models is None or capture is None:
            return NOTHING_FOUND
        try:
            made = with_photo(capture, self._models, self.parts)
        except StandardiseError as error:
            log.warning("standardise: %s", error)
            return Outcome(v.Refused("cannot_standardise"), trouble=str(error))
        return Outcome(v.Standardised(), made)

    def _seal(self, student: Student | None, capture: Capture | None) -> Outcome:
        if student is None or capture is None or capture.photo is None:
            return NOTHING_FOUND
        try:
            self.parts.registrar.seal(
                student, capture.photo, capture.shot, calibration=capture.calibration
            )
        except KioskError as error:
            log.error("outbox: %s", error)
            return Outcome(v.Refused("cannot_save"))
        return Outcome(v.Sealed())


def _read_code(text: str) -> v.CodeRead | v.CodeUnreadable:
    """Turn what the reader read into an event."""
    try:
        return v.CodeRead(parse_capture_code(text).text)
    except CaptureCodeError as error:
        log.info("reader: %s", error)
        return v.CodeUnreadable()
