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
from kiosk.lighting.lamp_power import LampPower, expect_power, learn_power
from kiosk.lighting.light_model import (
    BACKDROP,
    CARD,
    CHEEKS,
    Array,
    Doubt,
    LightModel,
    expect,
    learn,
    order,
)
from kiosk.lighting.response import ROOM, Levels, Response
from kiosk.lighting.usual_levels import WORKING

TARGET = 1.0
"""Light of a white card at the face at the calibrated exposure."""

FACE_LAMPS = ("key_left", "key_right", "fill")
"""The lamps that light a face; the others go to where a visit starts."""

KEYS = ("key_left", "key_right")

LEAST_KEY = 0.02
"""Level of a key lamp at least: it gives the eyes their catchlight."""

DOUBT = Doubt(skin=0.2, lamp=0.12, form=0.35, cloth=0.03, room=0.5, window=0.15)
"""How far a booth may be off its calibration, this face off a usual one, and the room off that
day's."""

UNEVEN, OFF = 0.05, 0.05
"""Logarithm of the cheeks' ratio, and share of the face's light, up to which nothing moves once it
is at rest: nobody sees it, and the face's own light is known no better."""

FINE = 0.02
"""The same up to which lamps that do move come to rest."""

CALM_FRAMES = 4
"""Frames without a move after which the law has come to rest."""

RISES = (0.05, 0.0)
"""Seconds in which lamps may go 63 % of the way to what they are driven to; which, is learnt. The
first is believed where nothing tells."""

DARK = 1e-3
"""Linear light below which a place tells nothing."""

WEAK, DEAD = 0.65, 0.3
"""Share of its calibrated light, against the stronger key lamp's, below which a lamp is called so:
what is learnt of a lamp keeps some of what was expected of it."""

SURELY = 0.3
"""Standard deviations by which it must be below."""

KNOWN = 0.15
"""Standard deviation of that share above which no lamp is accused: it has hardly been moved yet."""

SOUND, HEARD = 0.8, 0.2
"""Share of its light from which the backdrop shows a lamp to be sound, whatever a face seems to
say, and the standard deviation up to which that share is believed."""

SWAPPED_BY = 3.0
"""How much likelier, as a logarithm, what was seen is with the key lamps exchanged."""

EXPLAINED = 5.0
"""Squared deviations of late up to which exchanged lamps explain what is seen: where they are as
they should be, or exchanged, three are usual; bands of a slow PWM are explained by neither, 8 to
20."""

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
    models: tuple[LightModel, ...] | None = None
    """For each of RISES, as the lamps should be wired, then the same with the key lamps exchanged;
    None before the first frame."""
    power: LampPower | None = None
    """What each lamp still gives, by the backdrop; None before the first frame."""
    shining: tuple[Array, ...] = ()
    """For each of RISES, the levels that lamps had truly come to at the last frame."""
    driven: Array | None = None
    """What they were driven to then."""
    heard_at: float = 0.0
    """When that was taken, s."""
    names: tuple[str, ...] = ()
    """The models' sources but the room, in their order."""
    calm: int = 0
    """Frames since the law moved a lamp."""
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
    if control.names != names:
        control = replace(control, models=None, power=None, driven=None, names=names)
    driven = order(names, dict(taken_under))
    shining = _shining(control, driven, measured.at)
    control = replace(control, shining=shining, driven=driven, heard_at=measured.at)
    light = _lights(measured, control, response, shining[0])
    if control.models is None:
        control = replace(control, models=_expect(control, response, light, driven))
    assert control.models is not None
    likely = int(np.argmax([model.fit for model in control.models[: len(RISES)]]))
    power = _hear_backdrop(control, measured.backdrop, response, shining[likely])
    models = tuple(
        learn(model, light, shining[n % len(RISES)]) for n, model in enumerate(control.models)
    )
    return _notice(replace(control, models=models, power=power))


def _hear_backdrop(
    control: Control, light: float | None, response: Response, levels: Array
) -> LampPower:
    """What the backdrop tells of each lamp, apart from all that is seen of a face."""
    power = control.power
    if power is None:
        names = control.names
        backdrop = np.array([response.backdrop_light(name) for name in (*names, ROOM)])
        known = np.array([control.known.get(name, 1.0) for name in names])
        power = expect_power(backdrop, known, np.array([name in FACE_LAMPS for name in names]))
    if light is None or not math.isfinite(light):
        return power
    return learn_power(power, light, levels)


def _shining(control: Control, driven: Array, at: float) -> tuple[Array, ...]:
    """What lamps have come to, for each of RISES, where they were driven evenly on since the last
    frame."""
    since = at - control.heard_at
    if control.driven is None or not since > 0:
        return (driven,) * len(RISES)
    found = []
    for rise, was in zip(RISES, control.shining, strict=True):
        behind = rise * (driven - control.driven) / since
        left = math.exp(-since / rise) if rise > 0 else 0.0
        found.append(driven - behind + left * (was - control.driven + behind))
    return tuple(found)


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
    others = {
        name: min(control.usual.get(name, level), limits.get(name, 1.0))
        for name, level in control.levels.items()
        if name not in FACE_LAMPS
    }
    control = replace(control, levels={**control.levels, **others})
    task = task_of(control, response, limits)
    if task is None:
        return replace(control, calm=control.calm + 1), dict(control.levels)
    lamps = face_lamps(control)
    now = np.array([control.levels[name] for name in lamps])
    inside = bool(((now >= task.low - 1e-9) & (now <= task.high + 1e-9)).all())
    resting = control.calm >= CALM_FRAMES
    enough = UNEVEN if resting else FINE
    if inside and _cost(task, now) < enough:
        return replace(control, calm=control.calm + 1, reached=True), dict(control.levels)
    best = divide(task)
    reached = abs(task.imbalance(best)) < FAR_UNEVEN and abs(task.light_error(best)) < FAR_OFF
    if inside and _gain(task, now, best) < enough:
        return replace(control, calm=control.calm + 1, reached=reached), dict(control.levels)
    levels = {**control.levels, **dict(zip(lamps, map(float, best), strict=True))}
    moved = replace(control, levels=levels, calm=0, reached=reached)
    return moved, dict(levels)


def believed(control: Control, *, crossed: bool) -> LightModel:
    """The likeliest of the models with the lamps wired so."""
    assert control.models is not None
    mine = control.models[len(RISES) :] if crossed else control.models[: len(RISES)]
    return max(mine, key=lambda model: model.fit)


def face_lamps(control: Control) -> tuple[str, ...]:
    """The lamps that light the face and are there."""
    return tuple(name for name in FACE_LAMPS if name in control.levels and name in control.names)


def task_of(control: Control, response: Response, limits: Levels) -> Task | None:
    """What is to be divided between the face's lamps, as far as it is known; None before that."""
    lamps = face_lamps(control)
    if control.models is None or not lamps:
        return None
    model = believed(control, crossed=control.swapped)
    at = [control.names.index(name) for name in lamps]
    rest = [n for n, name in enumerate(control.names) if name not in lamps]
    others = np.array([control.levels[control.names[n]] for n in rest])
    high = [limits.get(name, 1.0) for name in lamps]
    low = [
        min(LEAST_KEY, top) if name in KEYS else 0.0 for name, top in zip(lamps, high, strict=True)
    ]
    return Task(
        cheeks=model.mean[CHEEKS][:, at],
        cheeks_rest=model.mean[CHEEKS, -1] + model.mean[CHEEKS][:, rest] @ others,
        face=model.mean[CARD, at],
        face_rest=float(model.mean[CARD, -1] + model.mean[CARD, rest] @ others),
        target=control.target,
        usual=np.array([control.usual.get(name, 0.0) for name in lamps]),
        low=np.array(low),
        high=np.array(high),
    )


def _cost(task: Task, levels: Array) -> float:
    return max(abs(task.imbalance(levels)), abs(task.light_error(levels)))


def _gain(task: Task, now: Array, best: Array) -> float:
    """What the best levels better: where light is lacking, evenness can still be had."""
    even = abs(task.imbalance(now)) - abs(task.imbalance(best))
    light = abs(task.light_error(now)) - abs(task.light_error(best))
    return max(even, light)


def _tells(measured: Measured) -> bool:
    return all(math.isfinite(light) and light > DARK for light in measured.cheeks)


def _lights(measured: Measured, control: Control, response: Response, levels: Array) -> Array:
    """Light of cheeks and backdrop; a backdrop that was not seen is as it is expected to be."""
    backdrop = measured.backdrop
    if backdrop is None or not math.isfinite(backdrop):
        models = control.models
        mean = _prior(control, response) if models is None else models[0].mean
        backdrop = float(mean[BACKDROP] @ levels)
    return np.array([*measured.cheeks, backdrop])


def _prior(control: Control, response: Response) -> Array:
    """Places × sources, the room last, as calibrated, of a white face, and as lamps are known."""
    sources = (*control.names, ROOM)
    cheeks = np.array([response.cheeks.get(name, (0.0, 0.0)) for name in sources]).T
    backdrop = [response.backdrop_light(name) for name in sources]
    prior = np.vstack([cheeks, [backdrop], [[response.face.get(name, 0.0) for name in sources]]])
    prior[CARD, -1] = response.room_to_face * prior[BACKDROP, -1]
    for n, name in enumerate(control.names):
        prior[:, n] *= max(control.known.get(name, 1.0), 0.02)
    return prior


def _expect(
    control: Control, response: Response, light: Array, levels: Array
) -> tuple[LightModel, ...]:
    """What is expected of a face whose skin gives back as much as the first frame shows."""
    prior = _prior(control, response)
    crossed = prior.copy()
    if set(KEYS) <= set(control.names):
        one, other = (control.names.index(name) for name in KEYS)
        crossed[:, [one, other]] = crossed[:, [other, one]]
    models = []
    for effects in (prior, crossed):
        white = max(float((effects[CHEEKS] @ levels).sum()), DARK)
        albedo = float(light[CHEEKS].sum()) / white
        effects[CHEEKS] *= albedo
        models += [expect(effects, DOUBT, levels, albedo)] * len(RISES)
    return tuple(models)


def _strengths(model: LightModel, names: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """Share of its calibrated light that each lamp gives, with its standard deviation. How much a
    skin gives back is not known: the stronger key lamp is taken for as good as new, if it seems to
    be better."""
    found = {name: model.strength(n) for n, name in enumerate(names)}
    best = max([1.0, *(found[name][0] for name in KEYS if name in found)])
    return {name: (share / best, doubt / best) for name, (share, doubt) in found.items()}


def _answers_crosswise(model: LightModel, names: tuple[str, ...]) -> bool:
    """Whether each key lamp seems to light the other cheek more than its own."""
    if not set(KEYS) <= set(names):
        return False
    left, right = (model.mean[CHEEKS, names.index(name)] for name in KEYS)
    return bool(left[1] > left[0] and right[0] > right[1])


def _shown_sound(control: Control, name: str) -> bool:
    """Whether the backdrop shows a lamp to be sound: what a face seems to lack is its skin's."""
    if control.power is None:
        return False
    share, doubt = control.power.share(control.names.index(name))
    return doubt < HEARD and share >= SOUND


def _notice(control: Control) -> Control:
    """Take down what is off: lamps that are exchanged, or give much less than they should."""
    straight, crossed = (believed(control, crossed=way) for way in (False, True))
    ahead = crossed.fit - straight.fit
    begun = (
        ahead > SWAPPED_BY
        and crossed.surprised < EXPLAINED
        and _answers_crosswise(straight, control.names)
    )
    swapped = begun or (control.swapped and ahead > -SWAPPED_BY)
    model = crossed if swapped else straight
    weak: dict[str, float] = {}
    for name, (strength, doubt) in _strengths(model, control.names).items():
        share = strength * control.known.get(name, 1.0)
        accused = doubt < KNOWN and share + SURELY * doubt < WEAK
        if name in FACE_LAMPS and accused and not _shown_sound(control, name):
            weak[name] = share
    return replace(control, swapped=swapped, strengths=weak)
