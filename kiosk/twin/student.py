"""The twin's student: reads the screen, and stands, scans and taps as their script says.

All that they know of the booth is what is shown: a phrase that is not written is not obeyed, and a
button that is not there is not tapped. Time comes in with each call, chance from a generator passed
in.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kiosk.display.shown import Shown
from kiosk.twin.reading import read_instruction, tells_to_come
from kiosk.twin.script import (
    OUT_OF_SIGHT,
    Act,
    Come,
    LeanIn,
    Leave,
    Script,
    Shift,
    ShowCode,
    Step,
    Strike,
    Tap,
)
from kiosk.twin.wires import AWAY, Posture, Wires
from kiosk.visit import Button, Instruction, Stage

MOVE_SECONDS = 0.7
"""Seconds that a person takes to stand otherwise."""

DRESSING_SECONDS = 6.0
"""Seconds that they take to put on another shirt, or a jacket over the one that they wear."""

BLINK_SECONDS = 0.2
"""Seconds for which a blink closes the eyes."""

SCALE_RANGE = (0.35, 1.8)
"""How small and how large a person can look: from 4.3 m away, and from 0.8 m."""

SWAY_RATES = (0.31, 0.47)
"""How often a second a fidgeting person sways aside, and up and down."""

KEY_GAP = (0.004, 0.012)
"""Seconds between two characters of a scanner that poses as a keyboard, least and most."""

HALF_OUT = 0.4
"""How far off the middle people see in the mirror that they are not in it."""

TAP_GAP = (0.1, 0.5)
"""Seconds between two taps of one finger that taps more often than it means to, least and most."""

TAP_AGAIN = 2.5
"""Seconds after which whoever sees the same screen after a tap taps once more."""

READ_HELP = (2.5, 0.5)
"""Seconds that a person takes to read what help is offered: mean and standard deviation."""

TRIES_AFTER_HELP = 1
"""How often somebody tries once more before they go for the staffed place."""


@dataclass(frozen=True, slots=True)
class Scan:
    """The reader read the code, and types it."""

    code: str
    keys: tuple[tuple[str, float], ...]
    """Each character with its time in seconds, in order; the last is Enter, "\r"."""


@dataclass(frozen=True, slots=True)
class Touch:
    """The finger touches the screen."""

    place: tuple[int, int]
    """Pixels of the screen's picture, from its left and upper edges."""
    button: Button | None
    """The button that is there, as far as the student can see; None: none."""


Action = Touch | Scan

_COMING = Posture(dx=-OUT_OF_SIGHT, dy=0.02, scale=0.7)


class SimulatedStudent:
    """One student on one visit. Lives in the booth's process; call `act` some 30 times a second."""

    def __init__(self, wires: Wires, code: str, script: Script, rng: np.random.Generator) -> None:
        self._wires, self._code, self._rng = wires, code, rng
        self._manner = script.manner
        self._steps = list(script.steps)
        self._usual_taps = {step.stage: step for step in script.steps if isinstance(step.does, Tap)}
        self._seen_stage: Stage | None = None
        self._step_at: tuple[Step, float] | None = None
        self._answer: tuple[Instruction, float] | None = None
        self._tapped: tuple[Stage, Button, float] | None = None
        self._taps_due: list[tuple[float, tuple[int, int]]] = []
        self._help_at: float | None = None
        self._tries_left = TRIES_AFTER_HELP
        self._takes = MOVE_SECONDS
        self._from = self._to = AWAY
        self._moved_at = -math.inf
        self._blink_at: float | None = None
        self._glance: tuple[str, float] | None = None
        self._opposite = script.manner.opposite
        self._phase = rng.uniform(0, 2 * math.pi, 2)

    def act(self, stage: Stage, shown: Shown, at: float) -> list[Action]:
        """See the screen at a time in seconds of the monotonic clock; stand, and act on it.

        `stage` says only which steps of the script are meant for this screen.
        """
        actions = self._touch_again(stage, shown, at) + self._do_due_steps(stage, shown, at)
        heeds = self._to.present and self._manner.takes_help
        if heeds:
            actions += self._ask_for_help(stage, shown, at)
        told = read_instruction(shown) if stage is Stage.GUIDE and self._to.present else None
        if told is not None:
            self._obey(told, at)
        else:
            self._answer = None
        unseen = heeds and abs(self._to.dx) > HALF_OUT
        if unseen and tells_to_come(shown) and at >= self._moved_at + self._takes:
            self._begin_move(self._to.but(dx=0.0), at)
        self.live(at)
        return actions

    def live(self, at: float) -> None:
        """Stand, move, sway and blink as it has to be at a time; see nothing and do nothing."""
        self._wires.posture = self._glance_or_blink(self._sway(self._posture_at(at), at), at)

    def do(self, act: Act, shown: Shown, at: float) -> list[Action]:
        """Do something now, as a step of the script would."""
        match act:
            case ShowCode():
                return [self._scan(at)]
            case Tap(button):
                return self._tap(button, shown, at)
            case Strike(pose, seconds) if seconds is not None:
                self._glance = (pose, at + seconds)
            case Strike(pose):
                self._begin_move(self._to.but(pose=pose), at)
            case Shift(right, down, nearer):
                to = self._to
                self._begin_move(
                    to.but(dx=to.dx + right, dy=to.dy + down, scale=to.scale * nearer), at
                )
            case LeanIn(second):
                self._begin_move(self._to.but(second=second), at)
            case Come():
                self._to, self._moved_at = _COMING, -math.inf
                self._begin_move(Posture(self._wires.poses[0]), at)
            case Leave():
                self._begin_move(AWAY, at)
        return []

    # ---- the script ----

    def _do_due_steps(self, stage: Stage, shown: Shown, at: float) -> list[Action]:
        self._expect(stage)
        actions: list[Action] = []
        while (step := next((s for s in self._steps if s.stage is stage), None)) is not None:
            if self._taps_due or not self._can_do(step.does, shown):
                break
            if self._step_at is None or self._step_at[0] is not step:
                wait = max(self._rng.normal(step.after, step.spread), 0.0)
                self._step_at = (step, at + wait)
            if at < self._step_at[1]:
                break
            self._steps.remove(step)
            self._step_at = None
            if isinstance(step.does, Tap):
                self._tapped = (stage, step.does.button, at)
            actions += self.do(step.does, shown, at)
        return actions

    def _expect(self, stage: Stage) -> None:
        """A screen that comes once more, and was not to, is answered as it was the last time."""
        if stage is not self._seen_stage and stage is not Stage.IDLE:
            usual = self._usual_taps.get(stage)
            if usual is not None and not any(step.stage is stage for step in self._steps):
                self._steps.append(replace(usual))
        self._seen_stage = stage

    def _can_do(self, act: Act, shown: Shown) -> bool:
        """Whether the button to tap is there, and the student before the screen."""
        if isinstance(act, Tap):
            return self._to.present and shown.offers(act.button)
        return self._to.present or not isinstance(act, ShowCode)

    def _scan(self, at: float) -> Scan:
        text = f"{self._code}\r"
        times = at + np.cumsum(self._rng.uniform(*KEY_GAP, len(text)))
        return Scan(self._code, tuple(zip(text, times.tolist(), strict=True)))

    # ---- the fingers ----

    def _tap(self, button: Button, shown: Shown, at: float) -> list[Action]:
        """Tap a button where it stands, as often as this student does; nothing where it is not."""
        target = next((t for t in shown.targets if t.button == button), None)
        if target is None:
            return []
        place = target.rect.center
        due = at
        for _ in range(self._manner.taps - 1):
            due += self._rng.uniform(*TAP_GAP)
            self._taps_due.append((due, place))
        return [Touch(place, button)]

    def _touch_again(self, stage: Stage, shown: Shown, at: float) -> list[Action]:
        """The finger that bounces; and a second try where the screen stayed as it was."""
        due = [place for when, place in self._taps_due if at >= when]
        self._taps_due = [tap for tap in self._taps_due if at < tap[0]]
        actions: list[Action] = [Touch(place, None) for place in due]
        if self._tapped is not None and self._tapped[0] is not stage:
            self._tapped = None
        if self._tapped is not None and self._taps_due:
            self._tapped = (*self._tapped[:2], at)  # still at it
        if self._tapped is not None and at >= self._tapped[2] + TAP_AGAIN:
            actions += self._tap_once_more(self._tapped[1], stage, shown, at)
        return actions

    def _tap_once_more(self, button: Button, stage: Stage, shown: Shown, at: float) -> list[Action]:
        self._tapped = (stage, button, at)
        return self._tap(button, shown, at)

    def _ask_for_help(self, stage: Stage, shown: Shown, at: float) -> list[Action]:
        """Read what help is offered, and take it: a person cannot mend everything."""
        if stage is not Stage.GUIDE or not shown.offers("staffed"):
            self._help_at = None
            return []
        if self._help_at is None:
            self._help_at = at + max(self._rng.normal(*READ_HELP), 1.0)
        if at < self._help_at:
            return []
        self._help_at = at + TAP_AGAIN
        if self._manner.gives_up:
            return self._tap("staffed", shown, at)
        if shown.offers("as_it_is"):
            return self._tap("as_it_is", shown, at)
        if self._tries_left > 0 and shown.offers("go_on"):
            self._tries_left -= 1
            return self._tap("go_on", shown, at)
        return self._tap("staffed", shown, at)

    # ---- the instructions ----

    def _obey(self, instruction: Instruction, at: float) -> None:
        """Answer an instruction after a while; and again, for as long as it is shown."""
        if at < self._moved_at + self._takes:
            return  # busy with the last one, which may still be on the screen
        if self._answer is None or self._answer[0] != instruction:
            mean, deviation = self._manner.reaction
            self._answer = (instruction, at + max(self._rng.normal(mean, deviation), 0.2))
        elif at >= self._answer[1]:
            self._answer = None
            if self._manner.misses and self._rng.random() < self._manner.misses:
                return
            towards = follow_instruction(self._to, instruction, self._wires.poses, self._rng)
            far = 1 + self._manner.overshoots
            if self._opposite > 0:
                self._opposite -= 1
                far = -far
            self._begin_move(_extrapolate(self._to, towards, far), at)

    # ---- the body ----

    def _begin_move(self, posture: Posture, at: float) -> None:
        """Begin to move; who was or will be away comes or goes at once, out of the picture."""
        here = self._posture_at(at)
        dresses = posture.other_shirt and not here.other_shirt
        self._takes = DRESSING_SECONDS if dresses else MOVE_SECONDS
        if posture.pose not in self._wires.poses:
            posture = posture.but(pose=self._wires.poses[0])
        if not posture.present:
            self._to = here.but(dx=-OUT_OF_SIGHT, second=0.0, present=False)
        else:
            self._to = posture = _within_reach(posture)
        self._from = here if here.present else posture
        self._moved_at = at

    def _posture_at(self, at: float) -> Posture:
        part = min(max((at - self._moved_at) / self._takes, 0.0), 1.0)
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
            second=start.second + eased * (end.second - start.second),
            other_shirt=start.other_shirt,
            glasses_tilted=end.glasses_tilted if part > 0.5 else start.glasses_tilted,
        )

    def _sway(self, posture: Posture, at: float) -> Posture:
        sway = self._manner.fidgets
        if sway == 0 or not posture.present:
            return posture
        aside, down = (
            sway * math.sin(2 * math.pi * often * at + phase)
            for often, phase in zip(SWAY_RATES, self._phase, strict=True)
        )
        return posture.but(dx=posture.dx + aside, dy=posture.dy + down / 2)

    def _glance_or_blink(self, posture: Posture, at: float) -> Posture:
        """Let the face do what lasts a moment: what the script says, else a blink."""
        if self._glance is not None:
            pose, until = self._glance
            if at < until:
                return posture.but(pose=pose)
            self._glance = None
        if self._manner.blinks is None or "eyes_closed" not in self._wires.poses:
            return posture
        if self._blink_at is None or at >= self._blink_at + BLINK_SECONDS:
            self._blink_at = at + 0.5 + self._rng.exponential(self._manner.blinks)
        closed = at >= self._blink_at and posture.pose == self._wires.poses[0]
        return posture.but(pose="eyes_closed") if closed else posture


def _within_reach(posture: Posture) -> Posture:
    """The posture that is nearest of those that a person can take before the camera."""
    return posture.but(
        dx=min(max(posture.dx, -OUT_OF_SIGHT), OUT_OF_SIGHT),
        dy=min(max(posture.dy, -OUT_OF_SIGHT), OUT_OF_SIGHT),
        scale=min(max(posture.scale, SCALE_RANGE[0]), SCALE_RANGE[1]),
    )


def _extrapolate(start: Posture, end: Posture, far: float) -> Posture:
    """Go from `start` not to `end` but `far` times as far; below 0 the wrong way.

    A head or face has nothing to overshoot; the wrong way leaves it as it was.
    """
    if far == 1:
        return end
    return end.but(
        pose=start.pose if far < 0 else end.pose,
        dx=min(max(start.dx + far * (end.dx - start.dx), -OUT_OF_SIGHT), OUT_OF_SIGHT),
        dy=start.dy + far * (end.dy - start.dy),
        scale=min(
            max(start.scale * (end.scale / start.scale) ** far, SCALE_RANGE[0]), SCALE_RANGE[1]
        ),
    )


def follow_instruction(
    posture: Posture,
    instruction: Instruction,
    poses: Sequence[str],
    rng: np.random.Generator,
) -> Posture:
    """The posture of a person who has done what they were told, about as far as is needed.

    They go the way that they are told, be it the wrong one. Where a turn of the head, an
    expression, hair or a hat is at fault they take the pose at rest, the first of `poses`: what
    that does not mend they cannot mend.
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
            return posture.but(dx=0.0, scale=1.0, present=True, second=0.0)
        case "clothes_colour" | "clothes_pattern":
            return posture.but(other_shirt=True)
        case "glare":
            return posture.but(pose=poses[0], glasses_tilted=True)
        case _:
            return posture.but(pose=poses[0])
