"""The real window on a virtual display: pointer and scanner through a visit's every way out.

Camera and models are stood in for, and time is told, so that a visit takes a moment.
"""

import gc
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import numpy as np
import pygame
import pytest
from gpiozero.pins.mock import MockFactory

from kiosk import staff
from kiosk import visit as v
from kiosk.board.board import Board
from kiosk.board.switches import END_VISIT, Switches
from kiosk.board.switches import RESTART as RESTART_HELD
from kiosk.booth import jobs
from kiosk.booth.capture import Capture
from kiosk.booth.lamp_phases import Phase
from kiosk.booth.loop import LONGEST_JOB, Booth
from kiosk.booth.parts import KeptPhotos, Mounting, Parts
from kiosk.booth.plate_schedule import PlateSchedule
from kiosk.booth.reflections import Found
from kiosk.booth.worker import Job, Outcome
from kiosk.camera.frame import Controls, Frame, Picture
from kiosk.config import Config
from kiosk.demo.town import Town
from kiosk.display.screens import draw_screen
from kiosk.display.sound import Sounds
from kiosk.display.state import BoothLabels
from kiosk.display.touch import LONG_PRESS, QUIET
from kiosk.display.window import Window
from kiosk.errors import StandardiseError
from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.rules import RULES
from kiosk.pipeline.photo.burst import Shot
from kiosk.pipeline.photo.standardise import Evidence, Photo
from kiosk.pipeline.specification import Wanted, specification
from kiosk.reader import open_reader
from kiosk.staff.pin import Cost, hash_pin, write_pin
from kiosk.upkeep.maintenance import SCREEN, begin, read_maintenance
from kiosk.upkeep.notify import Notifier
from kiosk.upkeep.told_state import ToldState, read_told_state
from kiosk.visit import PATIENCE, Stage
from kiosk.visit.presence import AWAY_END
from tests.booth.traces import STUDENT, Cache, find_caches, left_of_a_student, words_in_caches
from tests.staff.test_menu import typing
from tests.x_input import Display, virtual_display

SIZE = (800, 480)

DOOR, RESET = 17, 27

STEP = 0.5
"""Seconds of the told time from one picture to the next."""

GOOD = Assessment(
    tuple(
        RuleResult(rule.id, 1.0, True, True, (0.0, 2.0), (0.0, 2.0), rule.who, rule.force)
        for rule in RULES
        if rule.force in ("required", "where judged")
    )
)
NOBODY = Assessment((replace(GOOD.rules[0], id="one_face", value=0.0, ok=False, good=False),))


@dataclass
class Hallway:
    """What the booth's stand-ins share: the time, and whether somebody is there."""

    now: float = 1000.0
    present: bool = True
    held_up: bool = False
    """Whether slow work never ends."""
    hangs_at: Stage | None = None
    """The stage at which it begins not to."""

    def picture(self) -> Picture:
        """A picture that could be of anybody."""
        return np.random.default_rng(int(self.now * 8)).integers(1, 255, (64, 48, 3), np.uint8)


class InlineWorker:
    """Does a job at once; what it found can be taken from the next round on."""

    def __init__(self, hallway: Hallway) -> None:
        self._hallway = hallway
        self._done: tuple[Outcome, int] | None = None

    @property
    def busy(self) -> bool:
        return self._done is not None

    def start(self, job: Job, visit_number: int) -> None:
        self._done = job(), visit_number

    def take_outcome(self) -> tuple[Outcome, int] | None:
        if self._hallway.held_up:
            return None
        done, self._done = self._done, None
        return done

    def abandon(self) -> None:
        self._done = None

    close = abandon


@dataclass
class Watching:
    """Sees a student who keeps all rules, or nobody."""

    hallway: Hallway
    wrong_colours: None = None
    phase: Phase = "following"
    notices: frozenset[str] = frozenset()
    found: tuple[Found, ...] = ()
    levels: dict[str, float] = field(default_factory=dict)
    proof: None = None

    def look(self, frame: Frame, *, holding: bool = False) -> v.Assessed:
        there = self.hallway.present
        return v.Assessed(GOOD if there else NOBODY, frame.time, None)

    def count_faces(self, frame: Frame) -> v.Seen:
        return v.Seen(int(self.hallway.present), frame.time)

    def forget(self) -> None:
        pass

    def look_again(self) -> None:
        pass


class NoCamera:
    """A camera that sees the hallway."""

    fault = None

    def __init__(self, hallway: Hallway) -> None:
        self._hallway = hallway

    def newest(self) -> Frame:
        hallway = self._hallway
        return Frame(1, hallway.now, hallway.picture(), None, Controls())

    def pace(self, frames_per_second: float) -> None:
        pass

    def control(self, controls: Controls) -> None:
        pass


class NoLamps:
    """Lamps that nobody sees."""

    available = True
    levels: dict[str, float] = {}  # noqa: RUF012
    reasons: dict[str, str] = {}  # noqa: RUF012
    limits: dict[str, float] = {}  # noqa: RUF012
    held_back = ""

    def look_again(self) -> None:
        pass

    def set(self, levels: dict[str, float]) -> None:
        pass

    def levels_at(self, time: float) -> dict[str, float]:
        return {}


@dataclass
class Link:
    """A registrar that knows one code."""

    hallway: Hallway

    def resolve(self, code: str) -> Any:
        self.hallway.held_up = self.hallway.hangs_at is Stage.RESOLVING
        return replace(STUDENT) if code == Town.capture_code else "code_unknown"

    begun = None
    proof_asked = None

    def make(self, begun: UUID | None) -> None:
        pass

    def leave(self, begun: UUID | None) -> None:
        pass

    def seal(self, *args: object, **how: object) -> str:
        return "3F6A-91C7"

    def can_keep_photos(self) -> bool:
        return True

    def has_right_clock(self) -> bool:
        return True

    def count_kept(self) -> KeptPhotos:
        return KeptPhotos(0, 0)


@dataclass
class Visitor:
    """Somebody before the screen, who sees only what is shown."""

    display: Display
    booth: Booth
    hallway: Hallway
    caches: "list[Cache[object]]"
    taken: list[Picture] = field(default_factory=list)
    """Pictures of them that the booth has held."""

    def wait(self, seconds: float = STEP) -> None:
        """Let time pass; of a long time the booth sees the first moments and the last."""
        until = self.hallway.now + seconds
        moments = {0.0, STEP, 2 * STEP, seconds - STEP, seconds - 2 * STEP}
        for left in sorted((left for left in moments if 0 <= left < seconds), reverse=True):
            self.hallway.now = until - left
            self.booth.tick(self.hallway.now)
            if self.booth.visit.stage is self.hallway.hangs_at:
                self.hallway.held_up = True

    def tap(self, button: str) -> None:
        """Tap a button in its middle, once the screen was there for long enough to be read."""
        self.hallway.now += QUIET
        shown = self.booth.parts.window.shown
        (place,) = (target.rect.center for target in shown.targets if target.button == button)
        self.display.tap(place)
        self.wait()

    def open_staff_menu(self, pin: str) -> None:
        """Hold a finger where that opens the menu, and type the PIN."""
        zone = self.booth.parts.window.shown.press_zone
        assert zone is not None
        self.display.press(zone.center)
        self.wait(LONG_PRESS + STEP)
        self.display.release()
        self.wait()
        for key in (*pin, "enter"):
            self.tap(f"staff_{key}")
        for check in [*self.booth._desk._checks]:
            check.result()
        self.wait()

    def scan(self, code: str = Town.capture_code) -> None:
        """Hold a code to the scanner."""
        self.display.type(code + "\r")
        self.wait(2 * STEP)

    def reach(self, stage: Stage) -> None:
        """Go on as a visit goes until a stage is reached."""
        onward: dict[Stage, Callable[[], None]] = {
            Stage.IDLE: lambda: self.tap("start"),
            Stage.CONSENT: lambda: self.tap("agree"),
            Stage.SCAN: self.scan,
            Stage.CONFIRM: lambda: self.tap("yes"),
            Stage.CHECKLIST: lambda: self.tap("ready"),
            Stage.REVIEW: lambda: self.tap("approve"),
        }
        for _ in range(60):
            if (now := self.booth.visit.stage) is stage:
                return
            onward.get(now, self.wait)()
        pytest.fail(f"{stage} was not reached: {self.booth.visit.stage}")

    def sees_nobody(self) -> bool:
        """Whether the screen shows what it would show if there had never been a student."""
        state = self.booth.screen_state(self.hallway.now)
        view, faults = state.visit.view, state.visit.faults
        empty = v.Visit(
            stage=state.visit.stage, reason=state.visit.reason, view=view, faults=faults
        )
        surface = pygame.Surface(SIZE)
        draw_screen(surface, replace(state, visit=empty, preview=None, photos=()))
        expected = pygame.surfarray.array3d(surface).swapaxes(0, 1)
        return bool(np.array_equal(self.display.pixels(), expected))


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    with virtual_display(SIZE) as opened:
        before = {name: os.environ.get(name) for name in ("DISPLAY", "SDL_VIDEODRIVER")}
        pygame.display.quit()
        os.environ |= {"DISPLAY": opened.name, "SDL_VIDEODRIVER": "x11"}
        yield opened
        pygame.display.quit()
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@pytest.fixture(scope="module")
def visitor(display: Display, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    hallway, config = Hallway(), Config()
    folder = tmp_path_factory.mktemp("booth")
    window = Window(SIZE, fullscreen=True, title="booth", clock=lambda: hallway.now, frame_rate=0)
    parts = Parts(
        camera=cast(Any, NoCamera(hallway)),
        controls=Controls(),
        lamps=cast(Any, NoLamps()),
        reader=open_reader(config.reader),
        window=window,
        sounds=Sounds(),
        load_models=lambda: cast(Any, None),
        specification=specification(),
        wanted=Wanted((480, 640), "light-blue", "booth"),
        registrar=Link(hallway),
        labels=BoothLabels("示范大学", "010-0000-0000", "8:30–17:00", "1", ("zh-CN", "en")),
        mounting=Mounting(diagonal_inches=7.0, distance_m=0.6),
        pin_file=folder / "staff.pin",
        maintenance_file=folder / "maintenance",
        state_file=folder / "state.json",
        clock=lambda: hallway.now,
    )
    workers = cast(Any, InlineWorker(hallway)), cast(Any, InlineWorker(hallway))
    booth = Booth(parts, plates=PlateSchedule(due=math.inf), _worker=workers[0], _asker=workers[1])
    booth._watch = cast(Any, Watching(hallway))
    visitor = Visitor(display, booth, hallway, find_caches())
    gc.freeze()  # what is there before anybody comes need not be looked through after each visit
    yield visitor
    gc.unfreeze()
    window.close()


@pytest.fixture(autouse=True)
def _photos(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the burst and the photo, and begin each test at a booth at rest."""
    hallway, booth = visitor.hallway, visitor.booth

    def take(*_: object) -> Capture:
        shot, unlit = hallway.picture(), hallway.picture()
        visitor.taken += [shot, unlit]
        return Capture(Shot(shot, GOOD, 1.0, 1.0), Evidence(unlit=unlit), {})

    def make(capture: Capture, *_: object) -> Capture:
        visitor.taken.append(hallway.picture())
        photo = cast(Any, Photo)(visitor.taken[-1], None, (480, 640), None, None)
        return replace(capture, photo=photo)

    monkeypatch.setattr(jobs, "take_capture", take)
    monkeypatch.setattr(jobs, "with_photo", make)
    booth._models = cast(Any, object())
    hallway.present, hallway.held_up, hallway.hangs_at = True, False, None
    visitor.taken.clear()
    visitor.wait(QUIET)
    assert booth.visit == v.Visit()


def folder_of(booth: Booth) -> Path:
    return booth.parts.pin_file.parent


def told_by(booth: Booth) -> ToldState:
    told = read_told_state(folder_of(booth) / "state.json")
    assert told is not None
    return told


def assert_forgotten(visitor: Visitor) -> None:
    """Nothing of the student is on the screen or in memory."""
    assert visitor.sees_nobody()
    visitor.wait()
    assert not any(picture.any() for picture in visitor.taken)
    assert left_of_a_student(visitor.booth, visitor.hallway.now) == []


def test_a_visit_by_pointer_and_scanner_ends_with_a_photo(visitor: Visitor) -> None:
    stages = []
    for stage in (Stage.CONSENT, Stage.SCAN, Stage.CONFIRM, Stage.GUIDE, Stage.REVIEW, Stage.DONE):
        visitor.reach(stage)
        stages.append(visitor.sees_nobody())
    # Who compares what is shown with an empty visit's screens sees the difference.
    assert stages == [True, True, False, False, False, False]
    assert visitor.booth.visit.submission == "3F6A-91C7"
    assert left_of_a_student(visitor.booth, visitor.hallway.now) == []
    visitor.tap("close")
    assert_forgotten(visitor)
    assert words_in_caches(visitor.caches) == []


WALKED_AWAY = {
    Stage.CONSENT: PATIENCE[Stage.CONSENT],
    Stage.SCAN: PATIENCE[Stage.SCAN],
    Stage.CONFIRM: AWAY_END,
    Stage.CHECKLIST: AWAY_END,
    Stage.GUIDE: AWAY_END,
    Stage.REVIEW: AWAY_END,
    Stage.DONE: PATIENCE[Stage.DONE],
}
"""Seconds after which nothing of a student who has walked away may be left."""


@pytest.mark.parametrize("stage", WALKED_AWAY)
def test_who_walks_away_is_forgotten_in_time(stage: Stage, visitor: Visitor) -> None:
    visitor.reach(stage)
    visitor.wait(2 * STEP)  # they are seen
    visitor.hallway.present = False
    visitor.wait(WALKED_AWAY[stage] + 2 * STEP)
    assert visitor.booth.visit.stage is Stage.IDLE
    assert_forgotten(visitor)


@pytest.mark.parametrize(
    "stage", [Stage.RESOLVING, Stage.SHUTTER, Stage.STANDARDISING, Stage.SAVING]
)
def test_work_that_hangs_holds_nobodys_pictures_for_ever(stage: Stage, visitor: Visitor) -> None:
    visitor.hallway.hangs_at = stage
    visitor.reach(stage)
    visitor.hallway.present = False
    visitor.wait(PATIENCE[stage] + STEP)
    assert visitor.booth.visit.stage is not stage
    visitor.hallway.held_up, visitor.hallway.hangs_at = False, None
    visitor.wait(AWAY_END + PATIENCE[Stage.TURNED_AWAY] + 3 * STEP)
    assert visitor.booth.visit.stage is Stage.IDLE
    assert_forgotten(visitor)


def test_systemd_hears_nothing_of_a_booth_whose_work_never_ends(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[bytes] = []
    parts = replace(visitor.booth.parts, notifier=Notifier(heard.append, every=5.0))
    monkeypatch.setattr(visitor.booth, "parts", parts)
    visitor.hallway.hangs_at = Stage.STANDARDISING
    visitor.reach(Stage.STANDARDISING)
    assert b"WATCHDOG=1" in heard
    visitor.wait(LONGEST_JOB + STEP)
    heard.clear()
    visitor.wait(30.0)
    assert heard == []


@pytest.mark.parametrize(
    ("stage", "taps"),
    [
        (Stage.CONSENT, ["decline", "close"]),
        (Stage.SCAN, ["cancel"]),
        (Stage.CONFIRM, ["no", "close"]),
        (Stage.CHECKLIST, ["cancel", "leave"]),
        (Stage.GUIDE, ["cancel", "leave"]),
        (Stage.REVIEW, ["cancel", "leave"]),
    ],
)
def test_every_way_out_leaves_nothing(stage: Stage, taps: list[v.Button], visitor: Visitor) -> None:
    visitor.reach(stage)
    for button in taps:
        visitor.tap(button)
    assert visitor.booth.visit.stage is Stage.IDLE
    assert_forgotten(visitor)


@pytest.fixture
def pins(visitor: Visitor) -> Iterator[Any]:
    """The pins that a shut door and a reset button hang on."""
    factory = MockFactory()
    board = Board(Switches(DOOR, RESET, factory))
    factory.pin(DOOR).drive_low()
    before = visitor.booth.parts
    visitor.booth.parts = replace(before, board=board)
    yield factory
    visitor.booth.parts = before
    visitor.booth.restarts, visitor.booth._open = False, True
    board.close()


def test_the_reset_button_ends_the_visit_at_hand_and_leaves_nothing(
    visitor: Visitor, pins: Any
) -> None:
    visitor.reach(Stage.REVIEW)
    pins.pin(RESET).drive_low()
    visitor.wait(END_VISIT + 2 * STEP)
    assert visitor.booth.visit.stage is Stage.IDLE
    pins.pin(RESET).drive_high()
    assert_forgotten(visitor)
    assert not visitor.booth.restarts


def test_the_reset_button_held_on_asks_for_the_booth_to_be_started_anew(
    visitor: Visitor, pins: Any
) -> None:
    visitor.wait()
    pins.pin(RESET).drive_low()
    visitor.wait(RESTART_HELD + 2 * STEP)
    assert (visitor.booth.restarts, visitor.booth._open) == (True, False)


def test_while_the_service_door_is_open_nobody_begins_and_who_is_guided_waits(
    visitor: Visitor, pins: Any
) -> None:
    booth = visitor.booth
    visitor.reach(Stage.GUIDE)
    pins.pin(DOOR).drive_high()
    visitor.wait(3 * STEP)
    assert (booth.visit.stage, booth.visit.fault) == (Stage.GUIDE, "door")
    assert "fault.door" in booth.parts.window.shown.phrases
    visitor.tap("cancel")
    visitor.scan()
    assert (booth.visit.stage, booth.visit.fault) == (Stage.IDLE, "door")
    pins.pin(DOOR).drive_low()
    visitor.wait(3 * STEP)
    assert booth.visit == v.Visit()


def test_a_code_before_consent_waits_and_one_at_the_end_begins_anew(visitor: Visitor) -> None:
    def stage() -> Stage:
        return visitor.booth.visit.stage

    visitor.scan()
    assert stage() is Stage.CONSENT
    visitor.reach(Stage.CONFIRM)
    visitor.tap("no")
    assert stage() is Stage.TURNED_AWAY
    assert visitor.sees_nobody()
    visitor.scan()
    assert stage() is Stage.CONSENT
    visitor.tap("decline")
    visitor.tap("close")


def test_retakes_keep_the_photos_that_are_there_until_one_too_many(visitor: Visitor) -> None:
    for _ in range(v.MOST_PHOTOS):
        visitor.reach(Stage.REVIEW)
        visitor.tap("retake")
    visitor.reach(Stage.REVIEW)
    assert len(visitor.booth.pictures.captures) == v.MOST_PHOTOS
    held = [bool(picture.any()) for picture in visitor.taken]
    assert held.count(False) == 3  # shot, unlit and photo of the one that was dropped
    visitor.tap("approve")
    visitor.reach(Stage.DONE)
    visitor.tap("close")
    assert_forgotten(visitor)


def test_a_shot_that_fails_goes_back_to_the_guide_with_its_reason(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Capture:
        raise StandardiseError("cut off", "face_size", "high")

    visitor.reach(Stage.GUIDE)
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "with_photo", fail)
        visitor.reach(Stage.STANDARDISING)
        visitor.reach(Stage.GUIDE)
        visitor.wait(2 * STEP)
        assert "rule.face_size.high" in visitor.booth.parts.window.shown.phrases
    assert not any(picture.any() for picture in visitor.taken)
    visitor.hallway.present = False
    visitor.wait(AWAY_END + 2 * STEP)
    assert_forgotten(visitor)


def test_staff_grant_a_rule_while_the_visit_stands_still(visitor: Visitor) -> None:
    booth = visitor.booth
    write_pin(booth.parts.pin_file, hash_pin("4711", os.urandom, Cost(2, 8, 1)))
    visitor.reach(Stage.CHECKLIST)
    visitor.wait(2 * STEP)  # they are seen
    before = booth.screen_state(visitor.hallway.now).remaining
    visitor.hallway.present = False  # staff stand before them
    visitor.open_staff_menu("4711")
    for key in ("staff_grant", "staff_grant_headwear", "staff_back"):
        visitor.tap(key)
    visitor.scan()
    visitor.wait(AWAY_END)
    assert booth.visit.stage is Stage.CHECKLIST
    assert booth.visit.granted == frozenset(staff.GRANTS["headwear"])
    visitor.tap("staff_close")
    after = booth.screen_state(visitor.hallway.now).remaining
    assert before is not None
    assert after is not None
    assert before - after < LONG_PRESS + 2 * STEP
    visitor.tap("cancel")
    visitor.tap("leave")
    assert_forgotten(visitor)


def test_the_reader_test_tells_the_kind_of_code_and_begins_no_visit(visitor: Visitor) -> None:
    write_pin(visitor.booth.parts.pin_file, hash_pin("4711", os.urandom, Cost(2, 8, 1)))
    visitor.open_staff_menu("4711")
    visitor.tap("staff_reader")
    visitor.scan()
    assert visitor.booth._desk.menu.heard == "capture_code"
    visitor.tap("staff_back")
    visitor.tap("staff_maintenance")
    visitor.tap("staff_close")
    assert visitor.booth.visit.fault == "maintenance"
    begun = read_maintenance(folder_of(visitor.booth) / "maintenance")
    assert begun is not None
    assert begun.by == SCREEN
    visitor.open_staff_menu("4711")
    visitor.tap("staff_maintenance")
    visitor.tap("staff_close")
    assert visitor.booth.visit == v.Visit()


def test_a_code_that_staff_type_is_the_students_as_if_it_had_been_scanned(visitor: Visitor) -> None:
    write_pin(visitor.booth.parts.pin_file, hash_pin("4711", os.urandom, Cost(2, 8, 1)))
    visitor.reach(Stage.SCAN)
    visitor.open_staff_menu("4711")
    visitor.tap("staff_code")
    for key in typing(Town.capture_code):
        visitor.tap(f"staff_{key}")
    visitor.tap("staff_enter")
    visitor.reach(Stage.CONFIRM)
    visitor.tap("no")
    visitor.tap("close")
    assert_forgotten(visitor)


def test_whoever_fails_twice_is_shown_how_to_come_by_a_code_and_goes_on_with_it(
    visitor: Visitor,
) -> None:
    window = visitor.booth.parts.window
    visitor.reach(Stage.SCAN)
    for text in ("286344382566439419", "134567890123456789"):  # Alipay's, WeChat's
        assert "scan_help.title" not in window.shown.spoken
        visitor.scan(text)
        visitor.wait(2.0)
        assert visitor.booth.visit.unread == "code_payment"
        visitor.wait(3.0)  # and the telephone is turned to the next one
    assert window.shown.spoken[0] == "scan_help.title"
    assert {"scan_help.save", "scan_help.shot"} <= {*window.shown.spoken}
    visitor.reach(Stage.CONFIRM)
    visitor.tap("no")
    visitor.tap("close")
    assert_forgotten(visitor)


def test_maintenance_begun_over_ssh_lets_the_student_finish_and_is_ended_at_the_screen(
    visitor: Visitor,
) -> None:
    booth, folder = visitor.booth, folder_of(visitor.booth)
    write_pin(booth.parts.pin_file, hash_pin("4711", os.urandom, Cost(2, 8, 1)))
    before = told_by(booth)
    visitor.reach(Stage.CHECKLIST)
    begin(folder / "maintenance", "a technician", "a new lamp")
    visitor.reach(Stage.REVIEW)
    assert "maintenance" in booth.visit.faults
    assert (told_by(booth).doing, told_by(booth).drained) == ("serves", False)
    visitor.reach(Stage.DONE)
    visitor.tap("close")
    visitor.wait(4 * STEP)  # what is left to be done is done
    assert (told_by(booth).doing, told_by(booth).drained) == ("maintenance", True)
    visitor.scan()
    assert booth.visit.stage is Stage.IDLE
    visitor.open_staff_menu("4711")
    visitor.tap("staff_maintenance")
    visitor.tap("staff_close")
    assert not (folder / "maintenance").exists()
    visitor.wait(4 * STEP)
    told = told_by(booth)
    assert told.doing == "waits"
    assert told.visits_today == before.visits_today + 1
    assert told.photos_today == before.photos_today + 1


def test_what_is_shown_is_read_aloud_in_the_language_chosen(visitor: Visitor) -> None:
    said: list[tuple[tuple[str, ...], str]] = []

    class Mouth:
        def follow(self, spoken: tuple[str, ...], language: str, at: float) -> None:
            said.append((spoken, language))

    booth, silent = visitor.booth, visitor.booth.parts
    booth.parts = replace(silent, voice=Mouth())
    try:
        visitor.reach(Stage.CONSENT)
        assert said[-1] == (silent.window.shown.spoken, "zh-CN")
        visitor.tap("language")
        assert said[-1] == (silent.window.shown.spoken, "en")
        visitor.tap("decline")
        visitor.tap("close")
        assert said[-1][1] == "zh-CN"
    finally:
        booth.parts = silent
