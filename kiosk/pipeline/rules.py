"""The rules that must hold before the shutter: one small entry each.

To add a rule: an entry here, its bounds in specification.toml, and its test in tests/test_rules.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kiosk.pipeline.assessment import Face, Observation, Who
from kiosk.words import Words


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it measures, who can mend it, and what to say below and above its goal."""

    id: str
    measure: Callable[[Observation], float | None]
    """Gives None where it could not look."""
    who: Who
    low: Words
    high: Words


def _of_face(
    measure: Callable[[Face, Observation], float],
) -> Callable[[Observation], float | None]:
    def of_observation(seen: Observation) -> float | None:
        return None if seen.face is None else measure(seen.face, seen)

    return of_observation


_OPEN_YOUR_EYES = Words("请睁开眼睛", "Open your eyes")
_CLOSE_YOUR_LIPS = Words("请闭上嘴唇", "Close your lips")
_LIGHT = Words("正在调节灯光", "Setting the lamps")

RULES: tuple[Rule, ...] = (
    Rule(
        "one_face",
        lambda seen: None if seen.faces is None else float(seen.faces),
        "student",
        Words("请站到镜头前", "Step in front of the camera"),
        Words("请一次只站一位", "One person at a time, please"),
    ),
    Rule(
        "face_size",
        _of_face(lambda face, seen: face.width / seen.width),
        "student",
        Words("请靠近一点", "Come a little closer"),
        Words("请后退一点", "Move back a little"),
    ),
    # The student's own left is on the picture's right.
    Rule(
        "centred",
        _of_face(lambda face, seen: face.midline / seen.width - 0.5),
        "student",
        Words("请向左移一点", "Move a little to your left"),
        Words("请向右移一点", "Move a little to your right"),
    ),
    Rule(
        "yaw",
        _of_face(lambda face, _: face.yaw),
        "student",
        Words("请把脸向左转一点", "Turn your face a little to your left"),
        Words("请把脸向右转一点", "Turn your face a little to your right"),
    ),
    Rule(
        "roll",
        _of_face(lambda face, _: face.roll),
        "student",
        Words("请把头向左正一点", "Tilt your head a little to your left"),
        Words("请把头向右正一点", "Tilt your head a little to your right"),
    ),
    Rule(
        "eyes_open",
        _of_face(lambda face, _: min(face.lid_opening_left, face.lid_opening_right)),
        "student",
        _OPEN_YOUR_EYES,
        _OPEN_YOUR_EYES,
    ),
    Rule(
        "mouth_closed",
        _of_face(lambda face, _: face.lip_gap),
        "student",
        _CLOSE_YOUR_LIPS,
        _CLOSE_YOUR_LIPS,
    ),
    Rule(
        "even_light",
        _of_face(lambda face, _: face.light_picture_left / max(face.light_picture_right, 1e-4)),
        "lamps",
        _LIGHT,
        _LIGHT,
    ),
)


def words() -> Mapping[tuple[str, str], Words]:
    """Give what to say for (rule's id, "low" or "high")."""
    return {(r.id, side): w for r in RULES for side, w in (("low", r.low), ("high", r.high))}
