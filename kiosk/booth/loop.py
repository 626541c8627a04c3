"""The booth: hears, feels, steps the visit, and shows it, some 30 times a second.

Only this loop writes the booth's state. Slow work goes to the worker, whose outcomes it takes in.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from kiosk import staff
from kiosk import visit as v
from kiosk.booth import jobs
from kiosk.booth.attendance_call import Proof
from kiosk.booth.booth_light import BoothLight
from kiosk.booth.faults import feel_faults
from kiosk.booth.lamp_phases import Phase, who_has_lamps
from kiosk.booth.parts import Parts
from kiosk.booth.pictures import StudentPictures
from kiosk.booth.plate_schedule import PlateSchedule
from kiosk.booth.sleep import Sleep
from kiosk.booth.staff_desk import StaffDesk, Wanted
from kiosk.booth.teller import Teller
from kiosk.booth.watch import Watch
from kiosk.booth.worker import NOTHING_FOUND, Job, Outcome, Worker
from kiosk.display.state import ScreenState
from kiosk.display.window import Closed, Input, Typed
from kiosk.pipeline.loading import LoadedModels
from kiosk.reader import CaptureCodeError, Heard, kind_of_wrong_code, parse_capture_code
from kiosk.upkeep import maintenance
from protocol.turn import NO_AGENDA, Agenda

log = logging.getLogger(__name__)

RETRY, SELDOM = 10.0, 60.0
"""Seconds between two looks at what fails silently: the models, the room on the disk; and asleep
while nothing fails, when each costs a memory card some writing that nobody waits for."""

LONGEST_JOB = 120.0
"""Seconds after which a job of the worker will never end: a driver or the disk has caught it. The
slowest, models from a memory card or a photo on a Pi 4, take a fraction of it."""

AWAKE, ATTENTIVE, ASLEEP = 30.0, 4.0, 5.0
"""Frames a second wanted from the camera while it guides, while it only looks whether somebody is
there, and while nobody is looked at: who steps in is noticed within a fifth of a second."""

SCANNING = frozenset(
    {
        *(v.Stage.IDLE, v.Stage.CONSENT, v.Stage.SCAN, v.Stage.WAITING),
        *(v.Stage.DONE, v.Stage.TURNED_AWAY),
    }
)
"""The stages in which a code means something."""

MIRRORING = frozenset({v.Stage.GUIDE, v.Stage.SHUTTER})
"""The stages that show what the camera sees; at the shutter, what it saw last."""


@dataclass
class Booth:
    """The running booth. `tick` it some 30 times a second, or let `run` do so."""

    parts: Parts
    visit: v.Visit = field(default_factory=v.Visit)
    pictures: StudentPictures = field(default_factory=StudentPictures)
    plates: PlateSchedule = field(default_factory=PlateSchedule)
    restarts: bool = False
    """Whether it has ended to be started anew."""
    trouble: str | None = None
    """Why the last capture made no photo, in words for staff."""
    _models: LoadedModels | None = None
    _watch: Watch | None = None
    """The worker's, which alone looks through it."""
    _worker: Worker = field(default_factory=Worker)
    _asker: Worker = field(default_factory=Worker)
    """Asks whose a code is, so that who waits for an answer holds up nothing that looks."""
    _desk: StaffDesk = field(init=False)
    _teller: Teller = field(init=False)
    _sleep: Sleep = field(default_factory=Sleep)
    _agenda: Agenda = NO_AGENDA
    _visit_number: int = 0
    """Grows as each visit ends: an answer to an earlier one belongs to nobody."""
    _queue: list[Job] = field(default_factory=list)
    _looks_at_itself: bool = False
    """Whether the worker looks at the empty booth."""
    _job_since: float = 0.0
    """Since when the worker does what it does."""
    _timer: float | None = None
    """When the stage's time is over."""
    _ticked_at: float = 0.0
    _retry_at: float = 0.0
    _look_at: float = 0.0
    """When it is looked next whether staff have begun or ended maintenance."""
    _open: bool = True

    def __post_init__(self) -> None:
        self._desk = StaffDesk(self.parts)
        self._teller = Teller(self.parts.state_file)

    @property
    def prepared(self) -> bool:
        """Whether the booth has looked at itself while it was empty."""
        return self.plates.tried

    @property
    def at_rest(self) -> bool:
        """Whether nobody is served, and nothing is left to be done for whoever was."""
        working = self._queue or self._worker.busy or self._asker.busy
        idle = self.visit.stage is v.Stage.IDLE and not self._desk.menu.is_open
        return idle and self.pictures.wiped and not working

    @property
    def lamps_do(self) -> Phase:
        """Who has the lamps."""
        guided = None if self._watch is None else self._watch.phase
        return who_has_lamps(self.visit.stage, guided, empty=self._looks_at_itself)

    @property
    def light_notices(self) -> frozenset[str]:
        """What the control law has noticed of the lamps."""
        return frozenset() if self._watch is None else self._watch.notices

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
            self._desk.close()
            if self._models is not None:
                self._models.looker.close()

    def tick(self, at: float) -> None:
        """Do one round: hear, feel, see, step, show. Waits for the screen's next picture."""
        for event in self._hear(at):
            self._step(event)
        self._attend_staff(at)
        self._sleep_or_wake(at)
        self._attend_board(at)
        self._feel(at)
        if self._timer is not None and at >= self._timer:
            self._timer = None
            self._step(v.TimedOut())
        self._work()
        shown = self.screen_state(at)
        self.parts.window.show(shown, slowly=self._sleep.asleep)
        self.parts.screen_light.note_drawn(shown.brightness, self.parts.clock())
        if self.parts.notifier is not None and not self._hangs(at):
            self.parts.notifier.beat(at, ready=self._knows_its_models)
        self._speak(at)
        self._teller.tell(self)
        if self.parts.stock is not None:
            self.parts.stock.follow(self.parts.lamps, at)
        if self.parts.watcher is not None:
            self.parts.watcher.shown(self, at)

    def screen_state(self, at: float) -> ScreenState:
        """What the screen shows."""
        frame = self.pictures.frame if self.visit.stage in MIRRORING else None
        mounting = self.parts.mounting
        return ScreenState(
            visit=self.visit,
            at=at,
            preview=None if frame is None else frame.preview,
            photos=self.pictures.photos,
            booth=self.parts.labels,
            monitor=mounting.monitor(self.parts.window.size),
            lens=mounting.lens,
            reader_faces=mounting.reader_faces,
            camera_reads=mounting.camera_reads,
            low_reach=mounting.low_reach,
            seated=mounting.seated,
            in_reach=mounting.in_reach,
            agenda=self._agenda,
            remaining=None if self._timer is None else max(self._timer - at, 0.0),
            staff=self._desk.view(self.visit),
            brightness=self.parts.screen_light.level if self.visit.stage in MIRRORING else 1.0,
        )

    def _speak(self, at: float) -> None:
        if self.parts.voice is not None:
            language = self.parts.labels.languages[self.visit.view.language]
            self.parts.voice.follow(self.parts.window.shown.spoken, language, at)

    # ---- senses ----

    def _hear(self, at: float) -> list[v.Event]:
        """Taps, scans, and the window's closing, as the visit's events; and the newest frame."""
        inputs: list[Input] = [*self.parts.window.events()]
        stage = self.visit.stage
        if self.parts.actor is not None:
            inputs += self.parts.actor.act(self.parts.window.shown, stage, at)
        self._open = self._open and not any(isinstance(one, Closed) for one in inputs)
        events: list[v.Event] = []
        for one in inputs:
            match one:
                case v.Tapped() | v.Touched():
                    events.append(one)
                case staff.LongPressed() | staff.StaffTapped():
                    self._do_for_staff(self._desk.hear(one, at, self.visit))
        frame = self.parts.camera.newest()
        if frame is not None and (stage is v.Stage.GUIDE or stage in v.ATTENDED):
            self.pictures.see(frame)
        elif frame is not None and stage is v.Stage.IDLE:
            self._sleep.see(frame, self.parts.lamps.levels, at)
        if inputs:
            self._sleep.stir(at)
        reading = stage in SCANNING or self._desk.menu.tests_reader
        code = self.parts.reader.listen(
            Heard(
                at=at,
                keys=tuple((one.char, one.at) for one in inputs if isinstance(one, Typed)),
                picture=frame.preview if frame is not None and reading else None,
            )
        )
        if code is not None:
            events += self._hear_code(_read_code(code), at)
        return events

    def _hear_code(self, code: v.CodeRead | v.CodeUnreadable, at: float) -> list[v.Event]:
        """A code is the visit's, unless staff have the screen."""
        if not self._desk.menu.is_open:
            return [code]
        if self._desk.menu.tests_reader:
            kind = "capture_code" if isinstance(code, v.CodeRead) else code.kind
            self._do_for_staff(self._desk.hear(staff.ReaderHeard(kind), at, self.visit))
        return []

    def _sleep_or_wake(self, at: float) -> None:
        """Put the lamps out once nothing stirs, and light them as soon as something does."""
        if self.visit.stage is not v.Stage.IDLE or self._desk.menu.is_open:
            self._sleep.stir(at)
            self._sleep.forget()
        if self._sleep.changes(at):
            self._retry_at = at
            levels = {} if self._sleep.asleep else self.parts.idle
            self._queue.append(partial(jobs.set_lamps, self.parts, self.parts.levels(levels)))

    def _attend_board(self, at: float) -> None:
        """Do what the button inside the booth asks for."""
        match self.parts.board.follow(at, somebody=not self._sleep.asleep):
            case "end_visit":
                log.warning("reset button: the visit at hand ends")
                self._step(v.Reset())
            case "restart":
                log.warning("reset button: the booth starts anew")
                self.restarts, self._open = True, False

    def _feel(self, at: float) -> None:
        """Notice what has failed, and what works again. Each is logged once by its owner."""
        for name, broken in feel_faults(self.parts).items():
            self._set_fault(name, broken)
        self._look_for_maintenance(at)
        if at >= self._retry_at and not self._worker.busy:
            well = not self.visit.faults
            self._retry_at = at + (SELDOM if well and self._sleep.asleep else RETRY)
            self._queue.append(partial(jobs.feel_slowly, self.parts))
            if self._models is None:
                told = "models" in self.visit.faults
                self._queue.append(partial(jobs.load_models, self.parts, told=told))

    def _look_for_maintenance(self, at: float) -> None:
        path = self.parts.maintenance_file
        if path is None or at < self._look_at:
            return
        self._look_at = at + maintenance.LOOK_EVERY
        if (on := maintenance.is_on(path)) is not None:
            self._set_fault("maintenance", on)

    def _set_fault(self, name: v.FaultName, broken: bool) -> None:
        if broken != (name in self.visit.faults):
            self._step(v.FaultRaised(name) if broken else v.FaultCleared(name))

    # ---- the visit ----

    def _step(self, event: v.Event) -> None:
        before, student = self.visit.stage, self.visit.student
        self.visit, effects = v.step(self.visit, event)
        if student is not None and self.visit.student is None and self.parts.stock is not None:
            self.parts.stock.visit_ended()
        self._teller.count(
            began=student is None and self.visit.student is not None,
            handed_in=self.visit.stage is v.Stage.DONE and before is not v.Stage.DONE,
        )
        if self.visit.stage is not before:
            log.info("visit: %s", self.visit.stage.value)
            self._look_as_wanted()
        for effect in effects:
            self._do(effect)

    def _look_as_wanted(self) -> None:
        """Let the camera see as often as this stage looks, and drop what it does not look at."""
        stage = self.visit.stage
        if stage in MIRRORING:
            self.parts.camera.pace(AWAKE)
        elif stage in v.ATTENDED:
            self.parts.camera.pace(ATTENTIVE)
        else:
            self.parts.camera.pace(ASLEEP)
            self.pictures.drop_frame()

    def _do(self, effect: v.Effect) -> None:
        parts = self.parts
        match effect:
            case v.Resolve(code):
                self._asker.start(partial(jobs.resolve, parts, code), self._visit_number)
            case v.Watch():
                self.pictures.drop_frame()
                self.pictures.drop_taken()
                self._queue.append(lambda: jobs.begin_watch(parts, self._watch))
                parts.camera.control(parts.controls)
            case v.Capture(excused):
                self._queue.append(
                    lambda: jobs.take_shot(parts, self._models, self.plates, excused, self._proof)
                )
            case v.Standardise():
                taken = self.pictures.taken
                begun = parts.registrar.begun
                self._queue.append(partial(jobs.make_photo, parts, self._models, taken, begun))
            case v.DropPhoto(number):
                self.pictures.drop_photo(number)
            case v.Seal(number):
                student, capture = self.visit.student, self.pictures.captures[number]
                self._queue.append(partial(jobs.seal, parts, student, capture, effect))
            case v.Wait(seconds):
                self._timer = parts.clock() + seconds
            case v.Chime(sound):
                parts.sounds.play(sound)
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
        self.pictures.drop_all()
        if self.visit.stage is v.Stage.IDLE:
            self.trouble = None  # until then whoever asks may be told
        self.parts.window.forget()

    def _rest(self) -> None:
        self.parts.camera.pace(ASLEEP)
        begun = self.parts.registrar.begun
        self._queue.append(lambda: jobs.end_watch(self.parts, self._watch, begun))

    # ---- staff, whose menu lies over the visit ----

    def _attend_staff(self, at: float) -> None:
        """Let time pass for the menu; for the visit it stands still while the menu is open."""
        self._do_for_staff(self._desk.pass_time(at, self.visit))
        if self._desk.menu.is_open and self._timer is not None:
            self._timer += at - self._ticked_at
        self._ticked_at = at

    def _do_for_staff(self, wanted: Wanted) -> None:
        self._queue += wanted.jobs
        for event in wanted.events:
            self._step(event)
        if wanted.code is not None:
            self._step(_read_code(wanted.code))

    # ---- work beside the screen: each job runs on the worker, and writes nothing here ----

    def _work(self) -> None:
        """Take in the work that is done, and begin the next: jobs first, else a look."""
        if not self._worker.busy:
            self._looks_at_itself = False
        for worker in (self._asker, self._worker):
            if (found := worker.take_outcome()) is not None:
                self._take_in(*found)
        if self._worker.busy:
            return
        self.pictures.wipe()
        if self._queue:
            self._start(self._queue.pop(0))
        elif self._desk.menu.is_open:
            return
        elif self._watch is not None and (frame := self.pictures.take_fresh_frame()) is not None:
            watch, told = self._watch, "colour" in self.visit.faults
            if self.visit.stage in v.ATTENDED:
                self._start(lambda: Outcome(watch.count_faces(frame)))
            else:
                holding = self.visit.guidance.praising
                job = jobs.watch_frame
                self._start(partial(job, self.parts, watch, frame, told=told, holding=holding))
        elif self._alone and self.parts.clock() >= self.plates.due:
            self._start(self._look_at_empty_booth)

    def _start(self, job: Job) -> None:
        self._job_since = self.parts.clock()
        self._looks_at_itself = job == self._look_at_empty_booth
        self._worker.start(job, self._visit_number)

    def _take_in(self, outcome: Outcome, visit_number: int) -> None:
        if outcome.models is not None:
            self._models = outcome.models
            parts = self.parts
            light = BoothLight(parts.lamps, parts.working, parts.response, parts.screen_light)
            self._watch = Watch(outcome.models.looker, light, parts.specification)
        if outcome.plates is not None:
            self.plates = outcome.plates
        for name, broken in (outcome.faults or {}).items():
            self._set_fault(name, broken)
        self._desk.kept = outcome.kept or self._desk.kept
        self._agenda = outcome.agenda or self._agenda
        of_the_booth = isinstance(outcome.event, v.FaultRaised | v.FaultCleared)
        late = visit_number != self._visit_number
        if outcome.capture is not None:
            if late:
                self.pictures.drop(outcome.capture)
            else:
                self.pictures.keep(outcome.capture, self.visit.stage)
        if late and not of_the_booth:
            return  # it belongs to nobody
        self.trouble = outcome.trouble or self.trouble
        self._teller.count_found(outcome.found)
        if outcome.event is not None:
            self._step(outcome.event)

    def _hangs(self, at: float) -> bool:
        """Whether the worker is caught in a job: a loop that goes round alone serves nobody."""
        return self._worker.busy and at - self._job_since > LONGEST_JOB

    @property
    def _proof(self) -> Proof | None:
        """What is proven of who is there."""
        return None if self._watch is None else self._watch.proof

    @property
    def _knows_its_models(self) -> bool:
        """Whether they are loaded, or the screen says that they cannot be: then it is at work."""
        return self._models is not None or "models" in self.visit.faults

    @property
    def _alone(self) -> bool:
        """Whether nobody deals with the booth, and it can see."""
        # Wrong colours are looked at again, or it would not be noticed that they are mended.
        seeing = self._models is not None and self.visit.faults <= {"colour", "maintenance"}
        idle = self.visit.stage is v.Stage.IDLE and not self._desk.menu.is_open
        return idle and seeing

    def _look_at_empty_booth(self) -> Outcome:
        if self._models is None:
            return NOTHING_FOUND
        told = "colour" in self.visit.faults
        return jobs.look_at_empty_booth(
            self.parts, self._models, self.plates, lambda: self._alone, told=told
        )


def _read_code(text: str) -> v.CodeRead | v.CodeUnreadable:
    """Turn what the reader read into an event."""
    try:
        return v.CodeRead(parse_capture_code(text).text)
    except CaptureCodeError as error:
        log.info("reader: %s", error)
        return v.CodeUnreadable(kind_of_wrong_code(text))
