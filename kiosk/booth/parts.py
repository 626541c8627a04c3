"""What a booth is made of, and who deals with it besides the student."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol
from uuid import UUID

from kiosk import visit as v
from kiosk.board.board import Board
from kiosk.camera.frame import Controls
from kiosk.camera.process import CameraProcess
from kiosk.display.monitor import Monitor, usual_distance
from kiosk.display.screen_light import ScreenLight
from kiosk.display.shown import Shown
from kiosk.display.sound import Sounds
from kiosk.display.state import BoothLabels, LensPlace, ReaderFaces
from kiosk.display.window import Typed, Window
from kiosk.lighting import usual_levels
from kiosk.lighting.lamps import Lamps
from kiosk.lighting.response import USUAL, Response
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.photo.burst import Shot
from kiosk.pipeline.photo.provenance import NO_EXCUSE, NO_VALUES, RecordValues
from kiosk.pipeline.photo.standardise import Photo
from kiosk.pipeline.specification import Specification, Wanted
from kiosk.reader.reader import Reader
from kiosk.sync.plain_codes import ProofAsked
from kiosk.upkeep.notify import Notifier
from kiosk.upkeep.stock_counter import StockCounter
from protocol.roster import Wait
from protocol.student import Student
from protocol.turn import NO_AGENDA, Agenda, Turn


class KeptPhotos(NamedTuple):
    """How many photos are kept here."""

    waiting: int
    """To be sent."""
    set_aside: int
    """Until staff have seen to them."""


class RegistrarLink(Protocol):
    """What the booth asks of the sync room: who a student is, and a safe place for the photo."""

    def resolve(self, code: str) -> Student | v.Reason | Wait:
        """Say whose capture code this is, or why its owner cannot be photographed.

        Who is admitted has begun a standardisation, until `make` or `leave`. Raises KioskError.
        """
        ...

    @property
    def begun(self) -> UUID | None:
        """The standardisation that was begun last; None before the first."""
        ...

    @property
    def proof_asked(self) -> ProofAsked | None:
        """What must be shown beside the code that was asked of last; None: nothing."""
        ...

    def make(self, begun: UUID | None) -> None:
        """Count a standardisation: a photo is about to be shown. Raises KioskError."""
        ...

    def leave(self, begun: UUID | None) -> None:
        """Say that its visit has ended; without a photo it does not count."""
        ...

    def seal(
        self,
        student: Student,
        photo: Photo,
        shot: Shot,
        *,
        calibration: RecordValues = NO_VALUES,
        excused: Mapping[str, str] = NO_EXCUSE,
    ) -> str:
        """Keep the photo, sealed, so that it cannot be lost; raises KioskError.

        `calibration` is how camera and lamps stood when it was taken; `excused` says of each rule
        that need not hold by whom: `waived` by the student, `granted` by staff. Returns the
        submission's number, by which the registrar finds it.
        """
        ...

    def can_keep_photos(self) -> bool:
        """Whether another photo can be kept; it is tried, which takes a moment."""
        ...

    def count_kept(self) -> KeptPhotos | None:
        """Count the photos that are kept here; None where that cannot be told."""
        ...

    def has_right_clock(self) -> bool:
        """Whether nothing speaks against the booth's clock."""
        ...


class Schedule(Protocol):
    """Which colleges are photographed when and where."""

    def agenda(self) -> Agenda:
        """Whose turn it is here now, and who comes next."""
        ...

    def turn_of(self, student: Student) -> Turn | None:
        """How a student stands to it; None where it says nothing of them."""
        ...


class NoSchedule:
    """Says nothing of anybody: all are admitted."""

    def agenda(self) -> Agenda:
        """It is nobody's turn in particular."""
        return NO_AGENDA

    def turn_of(self, student: Student) -> None:
        """It says nothing."""


class Actor(Protocol):
    """Who acts at the booth by script or by mouse instead of in person."""

    def act(self, shown: Shown, stage: v.Stage, at: float) -> list[v.Tapped | Typed]:
        """See the screen as it was drawn, and tap and scan.

        Returns what was tapped and typed since the last call. `stage` says which screen it is;
        what stands on it is read from `shown`, and from nothing else.
        """
        ...


class Speaker(Protocol):
    """What reads aloud what the screen says."""

    def follow(self, spoken: tuple[str, ...], language: str, at: float) -> None:
        """Speak the first of these phrases that was not said yet, and fall silent without any."""
        ...


@dataclass(frozen=True, slots=True)
class Mounting:
    """How screen, lens and reader are mounted, as configured."""

    diagonal_inches: float = 15.6
    distance_m: float = usual_distance(15.6)
    """From the student's eyes to the screen."""
    lens: LensPlace = field(default_factory=LensPlace)
    reader_faces: ReaderFaces = "up"
    camera_reads: bool = False
    """Whether the booth's camera reads codes, too."""
    low_reach: bool = False
    seated: bool = True
    in_reach: bool = True

    def monitor(self, pixels: tuple[int, int]) -> Monitor:
        """The screen with its size in pixels, width × height."""
        return Monitor(pixels, self.diagonal_inches, self.distance_m)


class ShownBooth(Protocol):
    """What a watcher sees of a booth."""

    @property
    def visit(self) -> v.Visit:
        """The visit under way."""
        ...

    @property
    def trouble(self) -> str | None:
        """Why the last capture made no photo, in words for staff."""
        ...

    @property
    def parts(self) -> "Parts":
        """What the booth is made of: the window with what it shows, for one."""
        ...


class Watcher(Protocol):
    """Who is told of what the booth does (the demo's recorder)."""

    def shown(self, booth: ShownBooth, at: float) -> None:
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
    reader: Reader
    window: Window
    sounds: Sounds
    load_models: Callable[[], LoadedModels]
    """Raises ModelError. Tried again until the models are there."""
    specification: Specification
    wanted: Wanted
    registrar: RegistrarLink
    labels: BoothLabels
    pin_file: Path
    """Where the staff's PIN lies."""
    schedule: Schedule = field(default_factory=NoSchedule)
    """As the registrar told it."""
    maintenance_file: Path | None = None
    """The file that takes the booth out of service while it is there; None: none does."""
    state_file: Path | None = None
    """Where the booth tells its state; None: nowhere."""
    mounting: Mounting = Mounting()
    idle: Mapping[str, float] = field(default_factory=lambda: usual_levels.IDLE)
    """The lamps' levels while nobody is photographed; a lamp that is not named is dark."""
    working: Mapping[str, float] = field(default_factory=lambda: usual_levels.WORKING)
    """The levels from which a visit starts; a lamp that is not named is dark."""
    response: Response = USUAL
    """How the lamps light face and backdrop, as calibrated."""
    screen_light: ScreenLight = field(default_factory=ScreenLight)
    """The screen as a lamp."""
    blue_backdrop: bool = True
    """Whether the backdrop is light blue: its colour then tells whether the camera's are right."""
    board: Board = field(default_factory=Board)
    """Switches, fan and backlight; usually none of them."""
    voice: Speaker | None = None
    """None: a booth that does not speak."""
    actor: Actor | None = None
    watcher: Watcher | None = None
    notifier: Notifier | None = None
    """Tells systemd that the loop goes round; None: nobody asks."""
    stock: StockCounter | None = None
    """Counts what visits use up, and the lamps' hours; None: nobody counts."""
    clock: Callable[[], float] = time.monotonic

    def levels(self, named: Mapping[str, float]) -> dict[str, float]:
        """The level of each lamp that is there, as named; a lamp that is not named is dark."""
        return {lamp: named.get(lamp, 0.0) for lamp in self.lamps.levels}
