"""The scripted student: sees what the screen shows, and stands, scans and taps like a person.

A script is data. Time comes in with each call, chance from a generator passed in.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.twin.wires import AWAY, Posture, Wires
from kiosk.visit import Button, Instruction, Stage

MOVING = 0.7
"""Seconds that a person takes to stand otherwise."""

BLINKING = 0.2
"""Seconds for which a blink closes the eyes."""

OUTSIDE = 1.5
"""How far off the middle nothing of a person is seen any more, in the picture's widths."""

KEY_GAP = (0.004, 0.012)
"""Seconds between two characters of a scanner that poses as a keyboard, least and most."""


# ---- what a student does ----


@dataclass(frozen=True, slots=True)
class Stand:
    """Stand so."""

    posture: Posture


@dataclass(frozen=True, slots=True)
class Hold:
    """Hold the code before the reader."""


@dataclass(frozen=True, slots=True)
class Tap:
    """Tap a button on the screen."""

    button: Button


@dataclass(frozen=True, slots=True)
class Scan:
    """The reader read the code, and types it."""

    code: str
    keys: tuple[tuple[str, float], ...]
    """Each character with its time in seconds, in order; the last is Enter, "\\r"."""


Action = Tap | Scan


@dataclass(frozen=True, slots=True)
class Step:
    """While the booth shows `stage`, wait `after` seconds, give or take `spread`, then do."""

    stage: Stage
    after: float
    spread: float
    does: Stand | Hold | Tap


@dataclass(frozen=True, slots=True)
class Script:
    """How a student behaves."""

    steps: Sequence[Step]
    """Those of one stage are done one after the other, each once."""
    reaction: tuple[float, float] = (1.2, 0.4)
    """Seconds from an instruction to its answer: mean and standard deviation."""
    blinks: float | None = 4.0
    """Mean seconds between blinks; None: never."""


CROOKED = Posture("roll_6", dx=0.15, dy=0.03, scale=0.62)
"""Too far away, off the middle, and with the head tilted."""

_COMING = Posture(dx=-OUTSIDE, dy=0.02, scale=0.7)

_VISIT = (
    Step(Stage.IDLE, 1.0, 0.2, Hold()),
    Step(Stage.CONFIRM, 1.5, 0.3, Tap("yes")),
    Step(Stage.CONSENT, 2.0, 0.4, Tap("agree")),
    Step(Stage.CHECKLIST, 1.5, 0.3, Tap("ready")),
    Step(Stage.REVIEW, 2.0, 0.4, Tap("approve")),
    Step(Stage.DONE, 1.0, 0.2, Tap("close")),
    Step(Stage.DONE, 0.0, 0.0, Stand(AWAY)),
    Step(Stage.TURNED_AWAY, 3.0, 0.5, Tap("close")),
    Step(Stage.TURNED_AWAY, 0.0, 0.0, Stand(AWAY)),
)


def _arriving(posture: Posture) -> tuple[Step, ...]:
    return (
        Step(Stage.IDLE, 0.5, 0.1, Stand(_COMING)),
        Step(Stage.IDLE, 0.1, 0.0, Stand(posture)),
    )


OBEDIENT = Script((*_arriving(CROOKED), *_VISIT))
"""Does what the screen says, at a person's pace."""

PORTRAIT = Script((*_arriving(Posture(dx=0.15)), *_VISIT), blinks=None)
"""A photo of a person: it can step aside and back, and nothing else."""


class Student:
    """One student on one visit. Lives in the booth's process; call `act` some 30 times a second."""

    def __init__(self, wires: Wires, code: str, script: Script, rng: np.random.Generator) -> None:
        self._wires, self._code, self._rng = wires, code, rng
        self._script = script
        self._steps = list(script.steps)
        self._step_at: tuple[Step, float] | None = None
        self._answer: tuple[Instruction, float] | None = None
        self._from = self._to = AWAY
        self._moved_at = -math.inf
        self._blink_at: float | None = None

    def act(self, stage: Stage, instruction: Instruction | None, at: float) -> list[Action]:
        """See the screen at a time in seconds of the monotonic clock; stand, and act on it."""
        actions = self._follow(stage, at)
        if stage is Stage.GUIDE and instruction is not None:
            self._obey(instruction, at)
        else:
            self._answer = None
        self._wires.posture = self._blinking(self._posture(at), at)
        return actions

    # ---- the script ----

    def _follow(self, stage: Stage, at: float) -> list[Action]:
        actions: list[Action] = []
        while (step := next((s for s in self._steps if s.stage is stage), None)) is not None:
            if self._step_at is None or self._step_at[0] is not step:
                wait = max(self._rng.normal(step.after, step.spread), 0.0)
                self._step_at = (step, at + wait)
            if at < self._step_at[1]:
                break
            self._steps.remove(step)
            self._step_at = None
            match step.does:
                case Stand(posture):
                    self._stand(posture, at)
                case Hold():
                    actions.append(self._scan(at))
                case Tap():
                    actions.append(step.does)
        return actions

    def _scan(self, at: float) -> Scan:
        text = f"{self._code}\r"
        times = at + np.cumsum(self._rng.uniform(*KEY_GAP, len(text)))
        return Scan(self._code, tuple(zip(text, times.tolist(), strict=True)))

    # ---- the instructions ----

    def _obey(self, instruction: Instruction, at: float) -> None:
        """Answer an instruction after a while; and again, for as long as it is shown."""
        if at < self._moved_at + MOVING:
            return  # busy with the last one, which may still be on the screen
        if self._answer is None or self._answer[0] != instruction:
            mean, deviation = self._script.reaction
            self._answer = (instruction, at + max(self._rng.normal(mean, deviation), 0.2))
        elif at >= self._answer[1]:
            self._stand(mend(self._to, instruction, self._wires.poses, self._rng), at)
            self._answer = None

    # ---- the body ----

    def _stand(self, posture: Posture, at: float) -> None:
        """Begin to move; who was or will be away comes or goes at once, out of the picture."""
        here = self._posture(at)
        if posture.pose not in self._wires.poses:
            posture = posture.but(pose=self._wires.poses[0])
        if not posture.present:
            self._to = here.but(dx=-OUTSIDE, present=False)
        else:
            self._to = posture
        self._from = here if here.present else posture
        self._moved_at = at

    def _posture(self, at: float) -> Posture:
        part = min(max((at - self._moved_at) / MOVING, 0.0), 1.0)
        if part == 1.0:
            return self._to
        eased = part * part * (3 - 2 * part)
        start, end = self._from, self._to
        return Posture(
            pose=end.pose if part > 0.5 else start.pose,
            dx=start.dx + eased * (end.dx - start.dx),
            dy=start.dy + eased * (end.dy - start.dy),
            scale=start.scale * (end.scale / start.scale) ** eased,
            present=start.present,
        )

    def _blinking(self, posture: Posture, at: float) -> Posture:
        if self._script.blinks is None or "eyes_closed" not in self._wires.poses:
            return posture
        if self._blink_at is None or at >= self._blink_at + BLINKING:
            self._blink_at = at + 0.5 + self._rng.exponential(self._script.blinks)
        closed = at >= self._blink_at and posture.pose == self._wires.poses[0]
        return posture.but(pose="eyes_closed") if closed else posture


def mend(
    posture: Posture,
    instruction: Instruction,
    poses: Sequence[str],
    rng: np.random.Generator,
) -> Posture:
    """Give the posture of a person who does what they are told, about as far as is needed.

    They go the way that they are told, be it the wrong one. A turn of the head or an expression
    is mended by the pose at rest, the first of `poses`.
    """
    way = 1 if instruction.direction == "low" else -1
    about = rng.uniform(0.85, 1.15)
    match instruction.rule:
        case "centred":
            return posture.but(dx=posture.dx + way * max(abs(posture.dx), 0.03) * about)
        case "face_size":
            off = max(abs(math.log(posture.scale)), 0.05)
            return posture.but(scale=posture.scale * math.exp(way * off * about))
        case "one_face":
            return posture.but(dx=0.0, scale=1.0, present=True)
        case _:
            return posture.but(pose=poses[0])
