"""What the last calibration measured: the booth lights by it, and `kiosk doctor` compares."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, NamedTuple, Protocol

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    ValidationError,
    field_validator,
)

import durable
from kiosk.errors import KioskError
from kiosk.lighting.curve import Curve
from kiosk.lighting.response import ROOM, USUAL, Response

VERSION = 2
"""Of what is kept: 1 had no light of single places, no curves and no lag."""

OLDEST = timedelta(days=365)
"""After which it is stale: dust, and lamps that age."""

MOST_HOURS = 500.0
"""Hours at full level that a lamp may have burnt since: LEDs change most in their first 1000
(IES LM-80)."""

WORSE, TOLERATED = 1.5, 0.02
"""A calibration is worse than another whose measures are off by so many times as much, and by more
than that."""

LEAST_ROOM = 0.005
"""Linear light of the room below which it does not tell how it falls onto face and backdrop."""

Light = Annotated[FiniteFloat, Field(ge=0, le=100)]
"""Linear, 1 is what saturates the sensor at the calibrated exposure."""

Share = Annotated[FiniteFloat, Field(ge=0)]


class CalibrationError(KioskError, OSError):
    """The last calibration cannot be read or written."""


class CameraSetting(Protocol):
    """How a camera is set, or configured to be (`kiosk.camera.frame.Controls`)."""

    @property
    def exposure_time(self) -> int:
        """Microseconds."""
        ...

    @property
    def analogue_gain(self) -> float:
        """At least 1."""
        ...

    @property
    def colour_gains(self) -> tuple[float, float]:
        """Of red and blue against green."""
        ...


class Setup(NamedTuple):
    """What a calibration holds for: as soon as one of these is another, it does not."""

    booth: str
    camera: str
    driver: str
    pins: Mapping[str, int]
    frequencies: Mapping[str, float]
    """Each lamp's as configured, Hz."""


class LampLight(BaseModel):
    """What one lamp does, at the calibrated exposure."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    face: Light
    """Luminance of a white card (reflectance 1) where the face will be, at full level."""
    backdrop: tuple[Light, Light]
    """The backdrop left and right of whoever comes (`backdrop_light`)."""
    curve: tuple[tuple[FiniteFloat, FiniteFloat], ...] = ()
    """Points of duty cycle and share of light; none where they are alike."""
    residual: Share = 0.0
    """How far what was measured is off these, as a share of the lamp's brightest place."""

    @field_validator("curve")
    @classmethod
    def _rises(cls, points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        Curve.through(points)
        return points


class Quality(BaseModel):
    """How far a calibration can be trusted; all as shares, 0 is best."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    additivity: Share
    """How far all lamps together are off the sum of each alone."""
    noise: Share
    """By how much a place's light differs from frame to frame."""
    room: Share
    """By how much the room's light changed meanwhile, of the light as a visit starts."""
    fit: Share
    """The worst of the lamps' residuals."""


class Calibration(BaseModel):
    """The booth as it was when it was calibrated. Nothing in it is a picture.

    As None, or empty, where it was not measured.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: AwareDatetime
    version: int = 1
    booth: str = ""
    """Its name at the registrar."""
    camera: str
    """Its kind, as configured."""
    driver: str = ""
    pins: dict[str, int] = {}
    frequencies: dict[str, FiniteFloat] = {}
    hours: dict[str, FiniteFloat] = {}
    """How long each lamp had burnt, in hours at full level."""
    exposure_time: int
    """Microseconds."""
    analogue_gain: FiniteFloat
    colour_gains: tuple[FiniteFloat, FiniteFloat]
    card: tuple[FiniteFloat, FiniteFloat, FiniteFloat] | None = None
    """R, G, B of the grey card, of 255."""
    dark: FiniteFloat | None = None
    """Mean of a picture with all lamps out, of 255."""
    sharpness: FiniteFloat | None = None
    """Of the printed page; to be compared with another time's at the same booth alone."""
    evenness: FiniteFloat | None = None
    """How far a corner of the backdrop is off its middle, as a share of that."""
    bands: dict[str, FiniteFloat] = {}
    """Each lamp's deepest band at any level, as a share of its light."""
    effects: dict[str, FiniteFloat] = {}
    """How much light each lamp adds beside the place at half its duty cycle, linear, 1 being
    white (`kiosk.booth.lamp_trial`)."""
    room: FiniteFloat | None = None
    """What is there without them, as `effects` is measured."""
    lamps: dict[str, LampLight] = {}
    room_light: LampLight | None = None
    """The room's own."""
    lag: Annotated[FiniteFloat, Field(ge=0, le=1)] | None = None
    """Seconds by which frames show a change of the lamps later than their time says."""
    quality: Quality | None = None
    chart: dict[str, FiniteFloat] = {}
    """The colour error of each patch of a chart, CIEDE2000."""
    plate: dict[str, FiniteFloat] = {}
    """How well the plate of the empty booth could be taken."""

    @property
    def curves(self) -> dict[str, Curve]:
        """The response of each lamp whose light does not follow its duty cycle."""
        return {name: Curve.through(lamp.curve) for name, lamp in self.lamps.items() if lamp.curve}

    @property
    def response(self) -> Response | None:
        """How the lamps light face and backdrop; None where that was not measured.

        A flat card has no cheeks: theirs is as much more or less than the card's as is usual.
        """
        sources = dict(self.lamps)
        if not sources or self.lag is None:
            return None
        if self.room_light is not None:
            sources[ROOM] = self.room_light
        return Response(
            face={name: one.face for name, one in sources.items()},
            cheeks={name: _cheeks(name, one.face) for name, one in sources.items()},
            backdrop={name: one.backdrop for name, one in sources.items()},
            room_to_face=self._room_to_face(),
            lag=self.lag,
        )

    def _room_to_face(self) -> float:
        """By the room's light itself, where there is enough to tell."""
        room = self.room_light
        if room is None or min(room.face, *room.backdrop) < LEAST_ROOM:
            return USUAL.room_to_face
        return room.face / (sum(room.backdrop) / 2)

    def is_set(self, controls: CameraSetting) -> bool:
        """Whether a camera with these controls sees as it did then."""
        mine = (self.exposure_time, self.analogue_gain, *self.colour_gains)
        given = (controls.exposure_time, controls.analogue_gain, *controls.colour_gains)
        return all(abs(a - b) <= 0.02 * abs(a) for a, b in zip(mine, given, strict=True))

    def find_misfit(self, setup: Setup) -> str:
        """What is another now than it was when the booth was calibrated; "" where all is alike.

        What a calibration of an earlier version does not say is taken to be alike.
        """
        if self.booth and self.booth != setup.booth:
            return f"it is of booth {self.booth}, and this is {setup.booth}"
        if self.camera != setup.camera:
            return f"the camera was {self.camera}, and is {setup.camera}"
        if self.driver and self.driver != setup.driver:
            return f"the lamps' driver was {self.driver}, and is {setup.driver}"
        if not self.pins:
            return ""
        for name in sorted(self.pins.keys() | dict(setup.pins).keys()):
            was, now = self.pins.get(name), setup.pins.get(name)
            if was != now:
                return f"lamp {name} {_pin(was, 'had', 'was not there')}, and {_pin(now)}"
        for name, frequency in self.frequencies.items():
            made = setup.frequencies.get(name, frequency)
            if abs(made - frequency) > 0.01 * frequency:
                return f"the PWM of {name} was {frequency:.0f} Hz, and is {made:.0f} Hz"
        return ""

    def find_age(self, now: datetime, hours: Mapping[str, float]) -> str:
        """Why it is too old; "" where it is not. `hours` are the lamps', at full level."""
        if now - self.at > OLDEST:
            return f"it is {(now - self.at).days} days old"
        burnt = {name: hours[name] - self.hours[name] for name in self.hours.keys() & hours.keys()}
        name = max(burnt, key=burnt.__getitem__, default="")
        if name and burnt[name] < 0:
            return f"lamp {name} was exchanged since"
        if name and burnt[name] > MOST_HOURS:
            return f"lamp {name} has burnt {burnt[name]:.0f} h since"
        return ""

    def find_worse(self, before: "Calibration") -> str:
        """In what it is worse than another of the same booth; "" where in nothing."""
        if before.quality is None or self.quality is None or before.booth != self.booth:
            return ""
        for name, words in _QUALITIES.items():
            was, now = getattr(before.quality, name), getattr(self.quality, name)
            if now > TOLERATED and now > WORSE * was:
                return f"{words} {now:.1%}, and it was {was:.1%}"
        gone = before.lamps.keys() - self.lamps.keys()
        return f"it lacks {', '.join(sorted(gone))}" if gone else ""


_QUALITIES: Mapping[str, str] = {
    "additivity": "all lamps together are off their sum by",
    "noise": "the light differs from frame to frame by",
    "room": "the room's light changed by",
    "fit": "a lamp's steps are off its curve by",
}


def _cheeks(name: str, face: float) -> tuple[float, float]:
    usual = USUAL.cheeks.get(name)
    if usual is None:
        return face, face
    if USUAL.face[name] <= 0:  # what stands behind the face lights cheeks at most
        return usual
    left, right = (cheek / USUAL.face[name] * face for cheek in usual)
    return left, right


def _pin(number: int | None, verb: str = "has", absent: str = "is not there") -> str:
    return absent if number is None else f"{verb} pin {number}"


def calibration_path(outbox: Path) -> Path:
    """Where it lies: beside the outbox."""
    return outbox.with_name("calibration.json")


def read_calibration(path: Path) -> Calibration | None:
    """Read the last calibration; None where there was none. Raises CalibrationError."""
    try:
        return Calibration.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        why = error.strerror if isinstance(error, OSError) else "damaged"
        raise CalibrationError(
            f"{path}: the last calibration cannot be read ({why}); kiosk calibrate makes it anew"
        ) from error


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Keep a calibration in the place of the one before; raises CalibrationError."""
    try:
        durable.make_private_folder(path.parent)
        durable.write_whole(path, calibration.model_dump_json(indent=1).encode() + b"\n")
    except OSError as error:
        raise CalibrationError(
            f"{path}: the calibration cannot be kept ({error.strerror}); check the disk"
        ) from error
