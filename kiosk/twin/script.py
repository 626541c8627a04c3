"""A student's script in the words of the booth: `scan, confirm, sit 12 cm low, turn left 10`.

Acts are done in their order, each while the booth shows the screen that it belongs to; manners hold
throughout. Commas or line ends separate them; what follows a # is a remark.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kiosk.errors import UsageError
from kiosk.twin.light_stage import EYES_TO_CAMERA, FACE_SHARE
from kiosk.visit import Button, Stage

CENTIMETRE = FACE_SHARE / 14
"""Of the picture's width: a face is 14 cm wide, cheek to cheek."""

ASPECT = 3 / 4
"""The picture's width, of its height."""

EYES_TO_CAMERA_CM = 100 * EYES_TO_CAMERA
"""Centimetres from the eyes at rest to the camera."""

OUT_OF_SIGHT = 1.5
"""How far off the middle nothing of a person is seen any more, in the picture's widths."""


# ---- what a student does ----


@dataclass(frozen=True, slots=True)
class Shift:
    """Move the body: by parts of the picture's width and height, and by a factor in size."""

    right: float = 0.0
    down: float = 0.0
    nearer: float = 1.0


@dataclass(frozen=True, slots=True)
class Strike:
    """Hold the head or the face so; for some seconds, or until something else is done."""

    pose: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class LeanIn:
    """Somebody else leans in beside the student, or away again."""

    second: float


@dataclass(frozen=True, slots=True)
class Come:
    """Walk in from the side, to the place in front of the camera."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Walk away."""


@dataclass(frozen=True, slots=True)
class ShowCode:
    """Show the code to the reader."""


@dataclass(frozen=True, slots=True)
class Tap:
    """Tap a button on the screen."""

    button: Button


Act = Shift | Strike | LeanIn | Come | Leave | ShowCode | Tap


@dataclass(frozen=True, slots=True)
class Step:
    """While the booth shows `stage`, wait `after` seconds, give or take `spread`, then do."""

    stage: Stage
    after: float
    spread: float
    does: Act


@dataclass(frozen=True, slots=True)
class Manner:
    """How a student takes what they are told, and how they tap."""

    reaction: tuple[float, float] = (1.2, 0.4)
    """Seconds from an instruction to its answer: mean and standard deviation."""
    opposite: float = 0
    """How many instructions they answer the wrong way round at first."""
    misses: float = 0.0
    """Share of the instructions that they do not take in."""
    overshoots: float = 0.0
    """By which share of the way they go too far."""
    fidgets: float = 0.0
    """How far they sway, in the picture's widths."""
    blinks: float | None = 4.0
    """Mean seconds between blinks; None: never."""
    taps: int = 1
    """How often they tap what they mean to tap once: 2 where the finger bounces, 12 in a storm."""
    takes_help: bool = True
    """Whether they take the help that is offered, and come back when they are called."""
    gives_up: bool = False
    """Whether they go for the staffed place as soon as help is offered."""


@dataclass(frozen=True, slots=True)
class Script:
    """How a student behaves."""

    steps: Sequence[Step]
    """Those of one stage are done one after the other, each once."""
    manner: Manner = field(default_factory=Manner)


# ---- the words ----

_NUMBER = r"([0-9]+(?:\.[0-9]+)?)"
_SPREAD = rf"{_NUMBER}(?:\s*(?:±|\+-)\s*{_NUMBER})?"

MOST = {"cm": 1_000.0, "s": 3_600.0, "degrees": 180.0, "%": 1_000.0, "times": 1_000.0,
        "taps": 100.0}  # fmt: skip
"""How much a script may ask for at once: beyond it no number means anything of a person."""

LONGEST_QUOTE = 60
"""Characters of a script that an error repeats."""

# The screen on which each word is done, and the button that it taps.
_TAPS: dict[str, tuple[Stage, Button]] = {
    "start": (Stage.IDLE, "start"),
    "agree": (Stage.CONSENT, "agree"),
    "decline": (Stage.CONSENT, "decline"),
    "confirm": (Stage.CONFIRM, "yes"),
    "ready": (Stage.CHECKLIST, "ready"),
    "approve": (Stage.REVIEW, "approve"),
    "retake": (Stage.REVIEW, "retake"),
    "close": (Stage.DONE, "close"),
}
# The screen on which is done what the script says next.
_LEADS_TO = {
    "start": Stage.CONSENT,
    "agree": Stage.SCAN,
    "decline": Stage.TURNED_AWAY,
    "confirm": Stage.CHECKLIST,
    "ready": Stage.GUIDE,
    "approve": Stage.DONE,
    "retake": Stage.GUIDE,
    "close": Stage.DONE,
}

_FIXED_ACTS: dict[str, Act] = {
    "look at the screen": Strike("neutral"),
    "look left": Strike("gaze_left"),
    "look right": Strike("gaze_right"),
    "look up": Strike("gaze_up"),
    "look down": Strike("gaze_down"),
    "close eyes": Strike("eyes_closed"),
    "half close eyes": Strike("eyes_half"),
    "smile": Strike("smile"),
    "open mouth": Strike("lips_apart"),
    "lean the head back": Strike("head_back"),
    "let a shoulder hang": Strike("shoulder_low"),
    "put on a hat": Strike("hat"),
    "shake hair over the brows": Strike("hair_over_brows"),
    "shake hair over an ear": Strike("hair_over_ear"),
    "a second person leans in": LeanIn(1.0),
    "the second person leaves": LeanIn(0.0),
    "comes in": Come(),
    "comes back": Come(),
    "another comes": Come(),
    "walks away": Leave(),
}

_ANGLES = {
    ("turn", "left"): ("yaw", 1),
    ("turn", "right"): ("yaw", -1),
    ("chin", "up"): ("pitch", 1),
    ("chin", "down"): ("pitch", -1),
    ("tilt", "left"): ("roll", 1),
    ("tilt", "right"): ("roll", -1),
}

FARTHEST_POSE = 6.0
"""Degrees by which a rendered pose may miss what a script asks for."""


def _shift_aside(amount: float, way: str) -> Shift:
    # The student's left is on the picture's right.
    return Shift(right=(1 if way == "left" else -1) * amount * CENTIMETRE)


def _shift_upright(amount: float, way: str) -> Shift:
    return Shift(down=(1 if way == "low" else -1) * amount * CENTIMETRE * ASPECT)


def _shift_towards(amount: float, way: str) -> Shift:
    apart = EYES_TO_CAMERA_CM - amount if way == "nearer" else EYES_TO_CAMERA_CM + amount
    if apart <= 0:
        raise UsageError(
            f"nobody can come {amount:g} cm nearer: the camera is {EYES_TO_CAMERA_CM:g} cm off"
        )
    return Shift(nearer=EYES_TO_CAMERA_CM / apart)


_CENTIMETRES: tuple[tuple[str, Callable[[float, str], Shift]], ...] = (
    (rf"step {_NUMBER} cm (left|right)", _shift_aside),
    (rf"sit {_NUMBER} cm (low|high)", _shift_upright),
    (rf"come {_NUMBER} cm (nearer)", _shift_towards),
    (rf"go {_NUMBER} cm (farther)", _shift_towards),
)

WORDS = (
    "scan", *_TAPS, *_FIXED_ACTS, "turn left|right N", "chin up|down N", "tilt left|right N",
    "step N cm left|right", "sit N cm low|high", "come N cm nearer", "go N cm farther",
    "… for N s", "wait N s", "answers to instructions after N±N s", "does the opposite [N times]",
    "ignores instructions", "misses N % of the instructions", "overshoots by N %",
    "fidgets N cm", "blinks every N s", "never blinks", "taps N times", "gives up early",
)  # fmt: skip
"""All there is to say."""

PAUSE_BEFORE_TAP = {
    "start": (1.0, 0.2), "agree": (2.0, 0.4), "decline": (2.0, 0.4), "scan": (1.5, 0.3),
    "confirm": (1.5, 0.3), "ready": (2.0, 0.4), "approve": (2.0, 0.4), "retake": (2.0, 0.4),
    "close": (1.2, 0.2),
}  # fmt: skip
"""Seconds until a button is tapped, mean and standard deviation, where the script names no wait."""

PAUSE_BEFORE_MOVE = (0.1, 0.0)
"""The same for what is done with the body."""

PAUSE_BEFORE_LEAVING = (0.0, 0.0)
"""The same on the last screen, which is gone as soon as it is closed."""

_TURNED_AWAY = (
    Step(Stage.TURNED_AWAY, 3.0, 0.5, Tap("close")),
    Step(Stage.TURNED_AWAY, 0.0, 0.0, Leave()),
)


def read_script(text: str, poses: Sequence[str]) -> Script:
    """Read a script for a subject who has these poses.

    Whoever is turned away closes the screen and leaves; that need not be said. Raises UsageError,
    naming the line, the words there are, or the poses.
    """
    steps: list[Step] = []
    manner: dict[str, object] = {}
    stage = Stage.IDLE
    scanned = False
    wait: tuple[float, float] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        for said in filter(None, (part.strip() for part in line.partition("#")[0].split(","))):
            try:
                if found := re.fullmatch(rf"wait {_SPREAD} s", said):
                    wait = _amount(found[1], "s"), _amount(found[2] or "0", "s")
                    continue
                if (habit := _read_manner(said)) is not None:
                    manner |= habit
                    continue
                act, stage = _read_act(said, stage, poses)
            except UsageError as error:
                raise UsageError(f"line {number}: {error}") from None
            usual = PAUSE_BEFORE_LEAVING if stage is Stage.DONE else PAUSE_BEFORE_MOVE
            after, spread = wait or PAUSE_BEFORE_TAP.get(said, usual)
            steps.append(Step(stage, after, spread, act))
            wait = None
            scanned = scanned or said == "scan"
            stage = _next_stage(said, stage, scanned=scanned)
    return Script((*steps, *_TURNED_AWAY), Manner(**manner))  # type: ignore[arg-type]


def _next_stage(said: str, stage: Stage, *, scanned: bool) -> Stage:
    """The screen on which is done what is said next: consent comes before the roster is asked."""
    if said == "scan":
        return Stage.CONSENT if stage is Stage.IDLE else Stage.CONFIRM
    if said == "agree" and scanned:
        return Stage.CONFIRM
    return _LEADS_TO.get(said, stage)


def _read_act(said: str, stage: Stage, poses: Sequence[str]) -> tuple[Act, Stage]:
    """Read one act, and the screen on which it is done."""
    if said == "scan":
        return ShowCode(), Stage.IDLE if stage is Stage.IDLE else Stage.SCAN
    if said in _TAPS:
        shown, button = _TAPS[said]
        return Tap(button), shown
    words, _, rest = said.partition(" for ")
    seconds = None
    if rest:
        if not (found := re.fullmatch(rf"{_NUMBER} s", rest)):
            raise UsageError(f"{_quote(said)}: say how long as “for 0.3 s”")
        seconds = _amount(found[1], "s")
    act = _read_body_act(words, poses)
    if seconds is not None:
        if not isinstance(act, Strike):
            raise UsageError(f"{_quote(said)}: only the head and the face are held for some time")
        act = Strike(act.pose, seconds)
    return act, stage


def _read_body_act(said: str, poses: Sequence[str]) -> Act:
    if (act := _FIXED_ACTS.get(said)) is not None:
        if isinstance(act, Strike) and act.pose not in poses:
            raise UsageError(f"{_quote(said)}: this subject cannot; there are {', '.join(poses)}")
        return act
    if found := re.fullmatch(rf"(turn|chin|tilt) (left|right|up|down) {_NUMBER}", said):
        key = found[1], found[2]
        if key in _ANGLES:
            axis, sign = _ANGLES[key]
            return Strike(nearest_pose(axis, sign * _amount(found[3], "degrees"), poses))
    for pattern, shift in _CENTIMETRES:
        if found := re.fullmatch(pattern, said):
            return shift(_amount(found[1], "cm"), found[2])
    raise UsageError(f"{_quote(said)} says nothing here; there are: {', '.join(WORDS)}")


def nearest_pose(axis: str, degrees: float, poses: Sequence[str]) -> str:
    """Find the pose nearest to an angle; raises UsageError where none is near."""
    angles = {"neutral": 0.0} | {
        pose: float(pose.removeprefix(f"{axis}_"))
        for pose in poses
        if re.fullmatch(rf"{axis}_-?\d+", pose)
    }
    pose = min(angles, key=lambda name: abs(angles[name] - degrees))
    if abs(angles[pose] - degrees) > FARTHEST_POSE or (pose == "neutral" and degrees):
        there = ", ".join(f"{angle:g}" for angle in sorted(angles.values()))
        raise UsageError(f"this subject has no {axis} near {degrees:g}: there are {there}")
    return pose


def _read_manner(said: str) -> dict[str, object] | None:
    """Read a manner as a field of Manner; None where it is none."""
    if said == "ignores instructions":
        return {"misses": 1.0}
    if said == "never blinks":
        return {"blinks": None}
    if said == "gives up early":
        return {"gives_up": True}
    if found := re.fullmatch(r"taps ([0-9]+) times", said):
        return {"taps": max(int(_amount(found[1], "taps")), 1)}
    if found := re.fullmatch(rf"answers to instructions after {_SPREAD} s", said):
        return {"reaction": (_amount(found[1], "s"), _amount(found[2] or "0", "s"))}
    if found := re.fullmatch(r"does the opposite(?: ([0-9]+) times)?", said):
        return {"opposite": _amount(found[1], "times") if found[1] else math.inf}
    for pattern, name, unit, share in (
        (rf"misses {_NUMBER} % of the instructions", "misses", "%", 0.01),
        (rf"overshoots by {_NUMBER} %", "overshoots", "%", 0.01),
        (rf"fidgets {_NUMBER} cm", "fidgets", "cm", CENTIMETRE),
        (rf"blinks every {_NUMBER} s", "blinks", "s", 1.0),
    ):
        if found := re.fullmatch(pattern, said):
            return {name: _amount(found[1], unit) * share}
    return None


def _amount(digits: str, unit: str) -> float:
    """Read a number that a person may be asked for; raises UsageError."""
    amount = float(digits)
    if amount > MOST[unit]:
        raise UsageError(f"{_quote(digits)} {unit} is too much: {MOST[unit]:g} at most")
    return amount


def _quote(said: str) -> str:
    return f"“{said}”" if len(said) <= LONGEST_QUOTE else f"“{said[:LONGEST_QUOTE]}…”"


# ---- temperaments ----

_VISIT = """
wait 0.5±0.1 s, comes in
{arrives}
start, agree, scan, confirm, ready, approve, close, walks away
"""

TEMPERAMENTS = {
    "obedient": """
        answers to instructions after 1.2±0.4 s
    """,
    "nervous": """
        answers to instructions after 0.5±0.2 s, overshoots by 60 %
        fidgets 0.4 cm, blinks every 1.5 s
    """,
    "contrary": """
        answers to instructions after 1.5±0.5 s, does the opposite 3 times
    """,
    "stubborn": """
        does the opposite
    """,
    "impatient": """
        answers to instructions after 0.8±0.3 s, taps 2 times, gives up early
    """,
    "absent-minded": """
        answers to instructions after 2.5±1 s, misses 40 % of the instructions
    """,
}
"""How students are, in the script's own words."""

CROOKED = "tilt left 6, step 5 cm left, sit 1.4 cm low, go 92 cm farther"
"""How a student comes in: too far away, off the middle, the head tilted."""

GLANCING = "look left for 1.5 s, wait 3 s, look left for 2 s"
"""What an absent-minded one does while guided."""


def visit_script(temperament: str, poses: Sequence[str]) -> Script:
    """The script of a whole visit for a temperament; raises UsageError, naming those there are."""
    if temperament not in TEMPERAMENTS:
        raise UsageError(f"no temperament {temperament}: there are {', '.join(TEMPERAMENTS)}")
    crooked = CROOKED if "roll_6" in poses else CROOKED.partition(", ")[2]
    text = _VISIT.format(arrives=crooked) + TEMPERAMENTS[temperament]
    if temperament == "absent-minded" and "gaze_left" in poses:
        text = text.replace("ready, ", f"ready, wait 1 s, {GLANCING}, ")
    return read_script(text, poses)


PORTRAIT_SCRIPT = """
wait 0.5±0.1 s, comes in, step 5 cm left, never blinks
start, agree, scan, confirm, ready, approve, close, walks away
"""
"""A photo of a person: it can step aside and back, and nothing else."""
