"""The results of looking and judging: plain values that go to JSON and back."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from kiosk.pipeline.glasses import Glasses
from kiosk.pipeline.hair import Hair
from kiosk.pipeline.scene import Scene
from kiosk.pipeline.skin import Skin

Point = tuple[float, float]
"""x to the right, y down, in pixels of the picture that was looked at."""

Who = Literal["student", "lamps", "staff"]
"""Who can mend a rule that does not hold."""

Force = Literal["required", "where judged", "advice", "asked"]
"""How a rule binds. A photo needs every `required` rule judged and holding; one that binds `where
judged` (its model is optional, or hair may hide its object) may be unknown, but not broken;
`advice` is told and never refuses; `asked` is put to the student, for no sound measure is known."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face in physical terms. "Left" and "right" are the student's own, except where
    `picture_` says otherwise. T is the distance between the eyes' centres.
    """

    eye_left: Point
    eye_right: Point
    """Centres of the eyes: midway between their corners."""
    cheek_left: Point
    cheek_right: Point
    """Where the face's outline is widest, beside the ears."""
    chin: Point
    eye_distance: float
    """T, in pixels."""
    yaw: float
    pitch: float
    roll: float
    """Degrees: yaw is positive when the head is turned to the student's own left, pitch when the
    chin is up, roll when the head tilts towards the student's own left shoulder."""
    gaze_aside: float
    gaze_up: float
    """Degrees by which the irises are turned in their sockets, to the student's own left and up,
    the mean of both eyes. Up has an offset that differs from person to person."""
    lid_opening_left: float
    lid_opening_right: float
    """Gap between the lids, in T."""
    lip_gap: float
    """Gap between the inner lips, in T."""
    smile: float
    """How far the corners of the mouth are drawn up, 0 to 1: the mean of both ARKit units."""

    @property
    def width(self) -> float:
        """The face's width, cheek to cheek, in pixels."""
        return self.cheek_left[0] - self.cheek_right[0]

    @property
    def midline(self) -> float:
        """x of the face's middle, in pixels."""
        return (self.cheek_left[0] + self.cheek_right[0]) / 2

    @property
    def eye_line(self) -> float:
        """y of the line of the eyes at the face's middle, in pixels."""
        return (self.eye_left[1] + self.eye_right[1]) / 2


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen in one picture of width × height pixels."""

    width: int
    height: int
    faces: int | None
    """How many faces; None where no detector could look."""
    face: Face | None
    """The largest face, where its mesh was found."""
    skin: Skin | None = None
    """The light on that face."""
    scene: Scene | None = None
    """What is around it; None where nothing could segment the person."""
    hair: Hair | None = None
    """What hair and headgear cover; None where nothing could segment hair."""
    glasses: Glasses | None = None
    """What is worn before the eyes."""
    motion: float | None = None
    """How fast the face moves, in T a second; None in a picture that stands alone."""
    attendance: float | None = None
    """How sure it is that a person stands there and no picture of one, 0 to 1; None where the face
    was not seen to answer the lamps."""


def to_json(observation: Observation) -> dict[str, Any]:
    """Give an observation as plain values for JSON, from which `from_json` makes it again."""
    return asdict(observation)


def from_json(values: object) -> Observation:
    """Make an observation of plain values; raises ValueError where they are none."""
    return _OBSERVATIONS.validate_python(values)


_OBSERVATIONS = TypeAdapter(Observation)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule's finding."""

    id: str
    value: float | None
    ok: bool | None
    """Whether the value is one a photo may have; None: not judged."""
    good: bool | None
    """Whether it is also as good as the booth guides to."""
    goal: tuple[float, float]
    limit: tuple[float, float]
    who: Who
    force: Force = "required"

    @property
    def refuses(self) -> bool:
        """Whether a photo may not be approved because of it."""
        if self.force == "required":
            return self.ok is not True
        return self.force == "where judged" and self.ok is False

    @property
    def hinders(self) -> bool:
        """Whether the booth still waits for it to be mended."""
        return self.refuses or (self.force in ("required", "where judged") and self.good is False)

    @property
    def direction(self) -> Literal["low", "high"]:
        """On which side of its goal the value lies (for the words to say)."""
        return "high" if self.value is not None and self.value > self.goal[1] else "low"


@dataclass(frozen=True, slots=True)
class Assessment:
    """All rules' findings on one picture, in the order in which a student is told of them."""

    rules: tuple[RuleResult, ...]

    @property
    def passed(self) -> bool:
        """Whether every rule that binds holds."""
        return bool(self.rules) and not any(rule.refuses for rule in self.rules)

    @property
    def good(self) -> bool:
        """Whether every rule that binds is as good as the booth guides to."""
        return bool(self.rules) and not any(rule.hinders for rule in self.rules)

    def worst(self, *, lamps_failed: bool = False) -> RuleResult | None:
        """The one rule to tell the student of now, or None where there is none.

        Rules come in an order in which the earlier has to hold for the later to mean anything.
        What the student can mend comes first; what the lamps can mend is theirs, and told only
        when they have failed to.
        """
        broken = [rule for rule in self.rules if rule.good is False and rule.hinders]
        told = [rule for rule in broken if rule.who == "student"]
        if not told and lamps_failed:
            told = [rule for rule in broken if rule.who == "lamps"]
        return told[0] if told else None
