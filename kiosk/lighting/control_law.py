"""The control law: at which levels both cheeks have the same light, and the face its own. Pure.

A frame tells the light of cheeks and backdrop, and under which levels it was taken. From that is
learnt what the lamps do to this face, and what the room adds; the levels follow from it at once,
and not by small steps that a late frame would mislead.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from kiosk.lighting.division import Task, divide
from kiosk.lighting.light_model import Array, Doubt, LightModel, expect, learn, order
from kiosk.lighting.response import ROOM, Levels, Response
from kiosk.lighting.usual_levels import WORKING

TARGET = 1.0
"""Light of a white card at the face at the calibrated exposure."""

FACE_LAMPS = ("key_left", "key_right", "fill")
"""The lamps that light a face; the others stay as a visit starts."""

KEYS = ("key_left", "key_right")

LEAST_KEY = 0.02
"""Level of a key lamp at least: it gives the eyes their catchlight."""

DOUBT = Doubt(all_lamps=0.25, lamp=0.1, effect=0.2, room=0.3)
"""How far a booth may be off its calibration, this face off a usual one, and the room off that
day's."""

UNEVEN, OFF = 0.04, 0.04
"""Logarithm of the cheeks' ratio, and share of the face's light, up to which nothing moves: nobody
sees it, and the face's own light is known no better."""

CALM_FRAMES = 4
"""Frames without a move after which the law has come to rest."""

STILL = 3
"""Frames in a row that must have been taken under the levels that are wanted before others are:
drivers take some time to rise, and a frame from meanwhile misleads."""

THERE = 0.01
"""How far a level may be from what is wanted, and is there."""

DARK = 1e-3
"""Linear light below which a place tells nothing."""

WEAK, DEAD = 0.65, 0.15
"""Share of its calibrated light, against the stronger key lamp's, below which a lamp is called so:
a face's cheeks differ from a usual one's by a fifth."""

SURELY = 2.0
"""Standard deviations by which it must be below."""

SWAPPED_BY = 12.0
"""How much likelier, as a logarithm, what was seen is with the key lamps exchanged."""

FAR_UNEVEN, FAR_OFF = math.log(1.2), 0.1
"""What cannot be mended within bounds is out of reach from here on."""

NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Measured:
    """What a frame tells."""

    cheeks: tuple[float, float]
    """Linear luminance of the cheek on the picture's left and right."""
    backdrop: float | None
    """That of the backdrop; None where it was not seen."""
    at: float
    """When the frame was taken, s."""


@dataclass(frozen=True, slots=True)
class Control:
    """What the law has learnt, and where it wants the lamps."""

    levels: Levels
    """Where all lamps go to."""
    usual: Levels
    """The levels from which a visit starts."""
    target: float = TARGET
    """The light that a white card at the face is to have."""
    caps: Levels = field(default_factory=lambda: NOTHING)
    """The most that each lamp may give, where a spot is to stay away."""
    models: tuple[LightModel, LightModel] | None = None
    """As the lamps should be wired, and with the key lamps exchanged; None before the first frame.
    """
    names: tuple[str, ...] = ()
    """The models' sources but the room, in their order."""
    calm: int = 0
    """Frames since the law moved a lamp."""
    moved: bool = False
    """Whether the law has moved a lamp for this person."""
    still: int = 0
    """Frames in a row that were taken under the levels that are wanted."""
    reached: bool = True
    """Whether the light that is wanted can be had."""
    swapped: bool = False
    """Whether the key lamps are wired the wrong way round."""
    strengths: Levels = field(default_factory=lambda: NOTHING)
    """Share of its calibrated light that each weak lamp gives."""
    known: Levels = field(default_factory=lambda: NOTHING)
    """The same as it was before this person came: the models begin with it."""

    @property
    def settled(self) -> bool:
        """Whether the law has come to rest."""
        return self.models is not None and self.calm >= CALM_FRAMES

    @property
    def notices(self) -> frozenset[str]:
        """What is off: `swapped`, `weak NAME`, `dead NAME`, `out of reach`."""
        found = {f"{_word(share)} {name}" for name, share in self.strengths.items()}
        if self.swapped:
            found.add("swapped")
        if self.settled and not self.reached:
            found.add("out of reach")
        return frozenset(found)


def _word(share: float) -> str:
    return "dead" if share < DEAD else "weak"


def begin(levels: Levels, usual: Levels = WORKING, target: float | None = None) -> Control:
    """Begin with somebody who has just come: `levels` are the lamps', `usual` those from which a
    visit starts, `target` a white card's light at the face."""
    return Control(dict(levels), dict(usual), TARGET if target is None else target)


def next_person(control: Control) -> Control:
    """Forget all of a person, and keep what was learnt of the lamps."""
    levels = {name: control.usual.get(name, level) for name, level in control.levels.items()}
    return Control(
        levels,
        control.usual,
        control.target,
        swapped=control.swapped,
        strengths=control.strengths,
        known=control.strengths,
    )


def hear(control: Control, measured: Measured, taken_under: Levels, response: Response) -> Control:
    """Learn from a frame, and drive nothing: somebody else has the lamps."""
    if not _tells(measured):
        return control
    names = tuple(name for name in response.cheeks if name != ROOM and name in control.levels)
    levels = order(names, dict(taken_under))
    light = _lights(measured, control, names, response, levels)
    if control.models is None or control.names != names:
        control = replace(control, models=_expect(control, names, response, light, levels))
        control = replace(control, names=names)
    assert control.models is not None
    straight, crossed = (learn(model, light, levels) for model in control.models)
    control = replace(control, models=(straight, crossed))
    return _notice(control)


def follow(
    control: Control,
    measured: Measured,
    taken_under: Levels,
    response: Response,
    limits: Levels,
) -> tuple[Control, Levels]:
    """The law after a frame that was looked at, and where all lamps go to.

    `taken_under` are the levels that the frame was taken under, `limits` the most that each lamp
    may be driven to, 1 where it is not named. Light that is NaN or dark tells nothing.
    """
    if not _tells(measured):
        return control, dict(control.levels)
    control = hear(control, measured, taken_under, response)
    there = all(
        abs(taken_under.get(name, level) - level) <= THERE for name, level in control.levels.items()
    )
    control = replace(control, still=control.still + 1 if there else 0)
    task = task_of(control, response, limits)
    if task is None or (control.still < STILL and control.moved):
        return replace(control, calm=control.calm + 1), dict(control.levels)
    lamps = face_lamps(control)
    now = np.array([control.levels[name] for name in lamps])
    inside = bool(((now >= task.low - 1e-9) & (now <= task.high + 1e-9)).all())
    if inside and abs(task.imbalance(now)) < UNEVEN and abs(task.light_error(now)) < OFF:
        return replace(control, calm=control.calm + 1, reached=True), dict(control.levels)
    best = divide(task)
    reached = abs(task.imbalance(best)) < FAR_UNEVEN and abs(task.light_error(best)) < FAR_OFF
    gained = _cost(task, now) - _cost(task, best)
    if inside and gained < UNEVEN:
        return replace(control, calm=control.calm + 1, reached=reached), dict(control.levels)
    levels = {**control.levels, **dict(zip(lamps, map(float, best), strict=True))}
    moved = replace(control, levels=levels, calm=0, still=0, moved=True, reached=reached)
    return moved, dict(levels)


def face_lamps(control: Control) -> tuple[str, ...]:
    """The lamps that light the face and are there."""
    return tuple(name for name in FACE_LAMPS if name in control.levels and name in control.names)


def task_of(control: Control, response: Response, limits: Levels) -> Task | None:
    """What is to be divided between the face's lamps, as far as it is known; None before that."""
    lamps = face_lamps(control)
    if control.models is None or not lamps:
        return None
    model = control.models[int(control.swapped)]
    at = [control.names.index(name) for name in lamps]
    rest = [n for n, name in enumerate(control.names) if name not in lamps]
    others = np.array([control.levels[control.names[n]] for n in rest])
    # A face's form makes as much of a difference as a lamp that is a little weak.
    face = [response.face.get(name, 0.0) * control.strengths.get(name, 1.0) for name in lamps]
    room = max(float(model.mean[2, -1]), 0.0) * response.room_to_face
    high = [min(limits.get(name, 1.0), control.caps.get(name, 1.0)) for name in lamps]
    low = [
        min(LEAST_KEY, top) if name in KEYS else 0.0 for name, top in zip(lamps, high, strict=True)
    ]
    return Task(
        cheeks=model.mean[:2][:, at],
        cheeks_rest=model.mean[:2, -1] + model.mean[:2][:, rest] @ others,
        face=np.array(face),
        face_rest=room,
        target=control.target,
        usual=np.array([control.usual.get(name, 0.0) for name in lamps]),
        low=np.array(low),
        high=np.array(high),
    )


def _cost(task: Task, levels: Array) -> float:
    return max(abs(task.imbalance(levels)), abs(task.light_error(levels)))


def _tells(measured: Measured) -> bool:
    return all(math.isfinite(light) and light > DARK for light in measured.cheeks)


def _lights(
    measured: Measured, control: Control, names: tuple[str, ...], response: Response, levels: Array
) -> Array:
    """Light of cheeks and backdrop; a backdrop that was not seen is as it is expected to be."""
    backdrop = measured.backdrop
    if backdrop is None or not math.isfinite(backdrop):
        known = control.models is not None and control.names == names
        model = control.models[0] if known and control.models is not None else None
        prior = _prior(names, response)[2]
        backdrop = float((prior if model is None else model.mean[2]) @ levels)
    return np.array([*measured.cheeks, backdrop])


def _prior(names: tuple[str, ...], response: Response) -> Array:
    """Cheeks and backdrop × sources, the room last, as calibrated, of a white face."""
    sources = (*names, ROOM)
    cheeks = np.array([response.cheeks.get(name, (0.0, 0.0)) for name in sources]).T
    return np.vstack([cheeks, [response.backdrop_light(name) for name in sources]])


def _expect(
    control: Control, names: tuple[str, ...], response: Response, light: Array, levels: Array
) -> tuple[LightModel, LightModel]:
    """What is expected of a face whose skin gives back as much as the first frame shows."""
    prior = _prior(names, response)
    for name, share in control.known.items():
        if name in names:
            prior[:, names.index(name)] *= max(share, 0.02)
    crossed = prior.copy()
    if set(KEYS) <= set(names):
        one, other = names.index(KEYS[0]), names.index(KEYS[1])
        crossed[:, [one, other]] = crossed[:, [other, one]]
    models = []
    for effects in (prior, crossed):
        white = max(float((effects[:2] @ levels).sum()), DARK)
        scaled = effects.copy()
        scaled[:2] *= float(light[:2].sum()) / white
        models.append(expect(scaled, DOUBT, levels))
    return models[0], models[1]


def _strengths(model: LightModel, names: tuple[str, ...]) -> dict[str, float]:
    """Share of its calibrated light that each lamp gives. How much a skin gives back is not known:
    the stronger key lamp is taken for as good as new, if it seems to be better."""
    found = {name: model.strength(n)[0] for n, name in enumerate(names)}
    best = max((found[name] for name in KEYS if name in found), default=1.0)
    return {name: share / max(best, 1.0) for name, share in found.items()}


def _answers_crosswise(model: LightModel, names: tuple[str, ...]) -> bool:
    """Whether each key lamp seems to light the other cheek more than its own."""
    if not set(KEYS) <= set(names):
        return False
    left, right = (model.mean[:2, names.index(name)] for name in KEYS)
    return bool(left[1] > left[0] and right[0] > right[1])


def _notice(control: Control) -> Control:
    """Take down what is off: lamps that are exchanged, or give much less than they should."""
    assert control.models is not None
    straight, crossed = control.models
    ahead = crossed.fit - straight.fit
    begun = ahead > SWAPPED_BY and _answers_crosswise(straight, control.names)
    swapped = begun or (control.swapped and ahead > -SWAPPED_BY)
    model = control.models[int(swapped)]
    weak: dict[str, float] = {}
    strengths = _strengths(model, control.names)
    for n, name in enumerate(control.names):
        if name not in FACE_LAMPS:
            continue
        share = strengths[name] * control.known.get(name, 1.0)
        if share + SURELY * model.strength(n)[1] < WEAK:
            weak[name] = share
    return replace(control, swapped=swapped, strengths=weak)
