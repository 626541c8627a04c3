"""Whether what the screen tells a student is true of them: held against the twin's own truth.

The truth is how a person was rendered and where they stand. The tolerances are what the rules'
measures are off by on rendered people (docs/accuracy.md), so that only what is plainly untrue
counts as such.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from kiosk.pipeline.specification import specification
from kiosk.twin.light_stage import FACE_SHARE
from kiosk.twin.wires import Posture
from kiosk.visit import Instruction

TruthFile = Mapping[str, Any]
"""What a pose was rendered with: truth.json."""

LAG = 2.0
"""Seconds from when something is so to when it may still be told: it must be noticed for 0.5 s, the
slower measures take turns, and what was told before can be read first."""

LEAST_CLOSED = 0.5
"""Seconds for which eyes are shut that do not merely blink."""

SIZE, PLACE, DEGREES, PITCH, EAR = 0.1, 0.03, 3.0, 6.0, 0.15
"""Tolerances: of a face's width, as a share of it; of its place, in the picture's widths; of its
angles, whose nodding is read the least surely; and of the share of an ear that is covered, which
the rule reads from the place where an ear is to be."""

LEAST_SPEED = 0.02
"""Picture's widths a second from which on somebody moves."""


def _of_angle(name: str, tolerance: float) -> Callable[[TruthFile, Posture], float]:
    return lambda truth, _: _beyond(float(truth[name]), name, tolerance)


def _beyond(value: float, rule: str, tolerance: float) -> float:
    """How far a value is off the rule's goal, less the tolerance: below 0 on its low side."""
    goal = specification().rules[rule].goal
    if goal is None:
        return 0.0
    low, high = goal
    if value < low + tolerance:
        return value - low - tolerance
    return max(value - high + tolerance, 0.0)


def _off_centre(truth: TruthFile, posture: Posture) -> float:
    (left, _), (right, _) = truth["eyes"].values()
    middle = posture.dx + ((left + right) / 2 / WIDTH - 0.5) * posture.scale
    return _beyond(middle, "centred", PLACE)


def _off_size(_: TruthFile, posture: Posture) -> float:
    width = FACE_SHARE * posture.scale
    return _beyond(width, "face_size", SIZE * width)


def _off_count(_: TruthFile, posture: Posture) -> float:
    faces = int(posture.present and abs(posture.dx) < 0.6) + (posture.second > 0.3)
    return faces - 1.0


def _shoulders_out(truth: TruthFile, posture: Posture) -> bool:
    across = [x for x, _ in truth["shoulders"].values()]
    places = [0.5 + posture.dx + (x / WIDTH - 0.5) * posture.scale for x in across]
    return bool(min(places) < 0.06 or max(places) > 0.94)


WIDTH = 960
"""Pixels across which the truth is told."""

SIDED: Mapping[str, Callable[[TruthFile, Posture], float]] = {
    "one_face": _off_count,
    "face_size": _off_size,
    "centred": _off_centre,
    "yaw": _of_angle("yaw", DEGREES),
    "pitch": _of_angle("pitch", PITCH),
    "roll": _of_angle("roll", DEGREES / 2),
    "shoulders_level": lambda truth, _: _beyond(truth["shoulders_slope"], "shoulders_level", 1.5),
}
"""How far off a rule is, to its low or its high side; 0 where it holds."""

PLAIN: Mapping[str, Callable[[TruthFile, Posture], bool]] = {
    "shoulders_visible": _shoulders_out,
    "bareheaded": lambda truth, _: truth["hat"],
    "brows_clear": lambda truth, _: max(truth["brows_covered"].values()) > 0.02,
    "ears_visible": lambda truth, _: max(truth["ears_covered"].values()) > 0.58 - EAR,
    "glasses_tint": lambda _, __: False,  # nobody of them wears dark ones
    "glare": lambda truth, posture: truth["glasses"] is not None and not posture.glasses_tilted,
    "gaze": lambda truth, _: max(abs(angle) for angle in truth["gaze"].values()) > 5,
    "mouth_closed": lambda truth, _: truth["mouth_opening"] > 0.02,
    "neutral": lambda truth, _: truth["mouth_opening"] > 0.02,  # smiles are rendered with teeth
    "clothes_colour": lambda truth, posture: not posture.other_shirt and _is_blue(truth),
    "clothes_pattern": lambda truth, posture: (
        not posture.other_shirt and truth["clothes"]["stripes"] is not None
    ),
    "background": lambda _, posture: posture.second > 0,
}
"""Whether a rule is broken; whatever is not named here or above is never true in the twin's light,
and of people who stand before it themselves."""


def _is_blue(truth: TruthFile) -> bool:
    red, _, blue = truth["clothes"]["colour"]
    return bool(blue > 2 * red and blue > 0.3)


def is_broken(told: Instruction, truth: TruthFile, posture: Posture) -> bool:
    """Whether a rule is broken, on the side that is told, by how somebody stands now.

    Of closed eyes it says only that they are closed now.
    """
    if told.rule == "eyes_open":
        return bool(truth["eye_opening"] < 0.6)
    if (measure := SIDED.get(told.rule)) is not None:
        off = measure(truth, posture)
        return off < 0 if told.direction == "low" else off > 0
    plain = PLAIN.get(told.rule)
    return plain is not None and bool(plain(truth, posture))


Stood = tuple[float, Posture]
"""A time, s, and how somebody stood then."""


def was_true(
    told: Instruction, at: float, stood: Sequence[Stood], truths: Mapping[str, TruthFile]
) -> bool:
    """Whether what is told from a time on was so within LAG seconds before.

    `stood` is in order of time, some ten times a second; `truths` has each pose's.
    """
    recent = [(when, posture) for when, posture in stood if at - LAG <= when <= at]
    if told.rule in ("still", "sharp"):
        return _moved(recent)
    least = LEAST_CLOSED if told.rule == "eyes_open" else 0.0
    both = [told] if told.also is None else [told, Instruction(told.also, told.direction)]
    return any(_lasted(each, recent, truths) >= least for each in both)


def _lasted(told: Instruction, recent: Sequence[Stood], truths: Mapping[str, TruthFile]) -> float:
    """The longest time for which it was so without a pause, s; below 0: never."""
    longest, since = -1.0, None
    for when, posture in recent:
        if not is_broken(told, truths[posture.pose], posture):
            since = None
            continue
        since = when if since is None else since
        longest = max(longest, when - since)
    return longest


def _moved(recent: Sequence[Stood]) -> bool:
    return any(
        abs(after.dx - before.dx) + abs(after.dy - before.dy) + abs(after.scale - before.scale)
        > LEAST_SPEED * (now - then)
        or after.pose != before.pose
        for (then, before), (now, after) in pairwise(recent)
    )
