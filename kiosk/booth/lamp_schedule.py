"""Who has the lamps at each frame of a person: the one place that says so. Pure.

The law follows the face; once it rests, the face is called on (attendance), and spots that mirror a
light are asked after (attribution) and taken off (relief). From the praise on everything stands
still, so that nothing moves while the photo is exposed. Whoever begins ends before another begins,
and goes back to where the law left the lamps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from kiosk.booth.attendance_call import KEY_LAMPS, AttendanceCall, follow_call, stands_ahead
from kiosk.booth.reflections import Found, find_sources, place_of, way_out
from kiosk.lighting import attribution, control_law, relief
from kiosk.lighting.attribution import SCREEN, Question
from kiosk.lighting.control_law import Control, Measured
from kiosk.lighting.response import Levels, Response
from kiosk.pipeline.judge.rules import Way
from kiosk.pipeline.look.highlights import PERSISTENCE, worth_asking
from kiosk.pipeline.observation import Observation, Spot
from kiosk.visit.lamp_work import NO_WORK, LampWork, Work
from kiosk.visit.presence import GONE
from kiosk.visit.stages import Stage

Phase = Literal["rest", "following", "calling", "asking", "relieving", "holding", "plate"]
"""What the lamps do: nothing; follow the face; swing, to be answered; dither, to find out what is
mirrored; go to where that is gone; stand still for the photo; light the empty booth one by one."""

GLARE, SHINE = "glare", "highlight"
"""The rules that spots on lenses and on skin break."""

LIGHT_RULES = frozenset({"even_light", "exposure"})
"""The rules that the control law mends."""

SETTLING = 1.0
"""Seconds after which a law that does not come to rest no longer holds up who waits for it."""

PERSISTS = 0.3
"""Seconds for which a spot must be there before it is asked after: who moves through a light is
not."""

PATIENCE = 8.0
"""Seconds for which a spot may wait to be asked after: then it is the student's."""

MOST_ASKED = 3
"""Questions about one person's spots at most: what is not gone by then no lamp takes off."""

AGAIN = 20.0
"""Seconds after which what the lamps have left to the student may be asked after again."""

SPOT_GONE = 1.0
"""Seconds without a spot after which one that comes is a new one."""

REACHED = 0.02
"""How far a level may be from where it goes to, and has come there."""

SHOWS = 1.5
"""Seconds within which a spot's going must be seen once the lamps are where it is to go: the slower
measures take turns."""

LEAST_KEY = 0.1
"""Level below which a key lamp's swing is not seen on a face."""

DIMMED = 0.3
"""The screen's level when it is mirrored."""

NOT_CALLED = AttendanceCall()
NO_TIMES: Mapping[str, float] = {}
NOTHING_LEFT: Mapping[str, "Left"] = {}


@dataclass(frozen=True, slots=True)
class Means:
    """What this booth can do with its lamps."""

    response: Response
    limits: Levels
    """The most that each lamp may be driven to."""
    working: Levels
    """The levels from which a visit starts."""
    calls: bool = True
    """Whether a face can be called on: a model votes, and KEY_LAMPS obey."""
    asks: bool = True
    """Whether spots can be asked after: there are lamps, and all obey."""
    screen: bool = False
    """Whether the screen can be dimmed."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A frame that was looked at."""

    seen: Observation
    broken: frozenset[str]
    """Rules that are judged and not as good as the booth guides to."""
    at: float
    """When it was taken, s."""
    taken_under: Levels
    """The levels that it was taken under; SCREEN among them, where it can be dimmed."""
    backdrop: float | None = None
    """The light of the backdrop."""
    holding: bool = False
    """Whether the student is praised, and asked to hold still."""


@dataclass(frozen=True, slots=True)
class Left:
    """A rule that the lamps have left to the student."""

    since: float
    way: Way | None = None
    """The way out of what is mirrored, where that is known."""


@dataclass(frozen=True, slots=True)
class Relief:
    """Levels at which spots should be gone."""

    levels: Levels
    began: float
    sources: tuple[Found, ...] = ()
    """What they mirror."""
    reached: float | None = None
    """When the first frame was taken under them."""


@dataclass(frozen=True, slots=True)
class LampSchedule:
    """Who has the lamps, and what came of it so far with the person before them."""

    control: Control
    phase: Phase = "following"
    call: AttendanceCall = NOT_CALLED
    question: Question | None = None
    relief: Relief | None = None
    screen: float = 1.0
    """The screen's level."""
    began: float | None = None
    """When this face was seen first."""
    faceless_since: float | None = None
    history: tuple[tuple[Spot, ...], ...] = ()
    """The lenses' spots in the last frames."""
    since: Mapping[str, float] = field(default_factory=lambda: NO_TIMES)
    """Since when each of GLARE and SHINE has been there."""
    last: Mapping[str, float] = field(default_factory=lambda: NO_TIMES)
    """When each was seen last."""
    asked: int = 0
    """How many questions were heard out."""
    left: Mapping[str, Left] = field(default_factory=lambda: NOTHING_LEFT)
    found: tuple[Found, ...] = ()
    """What this frame told to be mirrored, for the first time of this person."""
    known: frozenset[Found] = frozenset()
    work: LampWork = NO_WORK
    """What the guide is told of it."""

    @property
    def asking(self) -> bool:
        """Whether the next frame is part of a question."""
        return self.question is not None

    @property
    def rest(self) -> dict[str, float]:
        """Where the law left the lamps, and the screen."""
        return {**self.control.levels, SCREEN: self.screen}


def next_person(schedule: LampSchedule) -> LampSchedule:
    """The schedule for whoever comes next: all of this person is forgotten."""
    return LampSchedule(control_law.next_person(schedule.control))


def follow_schedule(
    schedule: LampSchedule, frame: Looked, means: Means
) -> tuple[LampSchedule, Levels]:
    """The schedule after a frame, and where lamps and screen go to."""
    schedule = replace(schedule, found=())
    if frame.seen.face is None:
        return _without_face(schedule, frame)
    began = frame.at if schedule.began is None else schedule.began
    schedule = _note_spots(replace(schedule, began=began, faceless_since=None), frame)
    after: tuple[LampSchedule, Levels]
    if frame.holding:
        stopped = replace(schedule, phase="holding", question=None, relief=None)
        after = replace(stopped, call=replace(schedule.call, rest=None, frames=0)), schedule.rest
    elif schedule.call.under_way:
        after = _call(schedule, frame, means)
    elif schedule.question is not None:
        after = _ask(schedule, schedule.question, frame, means)
    elif schedule.relief is not None:
        after = _relieve(schedule, schedule.relief, frame, means)
    else:
        after = _follow(schedule, frame, means)
    after_frame, levels = after
    return replace(after_frame, work=_describe(after_frame, frame, means)), levels


# ---- the turns ----


def _without_face(schedule: LampSchedule, frame: Looked) -> tuple[LampSchedule, Levels]:
    """Nobody answers any more; who is away for long is somebody else when they come."""
    since = frame.at if schedule.faceless_since is None else schedule.faceless_since
    if frame.at - since >= GONE and schedule.began is not None:
        fresh = next_person(schedule)
        return fresh, fresh.rest
    waiting = replace(
        schedule, phase="following", call=AttendanceCall(), question=None, relief=None,
        faceless_since=since, history=(), work=LampWork(),
    )  # fmt: skip
    return waiting, schedule.rest


def _follow(schedule: LampSchedule, frame: Looked, means: Means) -> tuple[LampSchedule, Levels]:
    control, _ = control_law.follow(
        schedule.control, _measured(frame), _lamps_of(frame.taken_under), means.response,
        means.limits,
    )  # fmt: skip
    schedule = replace(schedule, control=control, phase="following")
    long = schedule.began is not None and frame.at - schedule.began >= SETTLING
    if not stands_ahead(frame.seen) or not (control.settled or long):
        return schedule, schedule.rest
    if means.calls:
        call, _ = follow_call(schedule.call, frame.seen, frame.at, _to_call(schedule, means))
        if call.under_way:
            return replace(schedule, call=call, phase="calling"), call.rest or schedule.rest
    waiting = _waiting(schedule, frame, means)
    if any(frame.at - schedule.since[rule] >= PERSISTS for rule in waiting):
        sources = [*control.levels, *([SCREEN] if means.screen else [])]
        question = attribution.begin(schedule.rest, sources, means.response, means.limits)
        return replace(schedule, question=question, phase="asking"), question.wanted
    return schedule, schedule.rest


def _call(schedule: LampSchedule, frame: Looked, means: Means) -> tuple[LampSchedule, Levels]:
    call, wanted = follow_call(schedule.call, frame.seen, frame.at, _to_call(schedule, means))
    heard = replace(schedule, call=call, control=_hear(schedule, frame, means))
    if call.under_way and wanted is not None:
        return heard, wanted
    return replace(heard, phase="following"), schedule.rest


def _to_call(schedule: LampSchedule, means: Means) -> dict[str, float]:
    """The levels about which the lamps swing: a dark key lamp would answer nothing."""
    levels = schedule.rest
    if min(levels.get(name, 0.0) for name in KEY_LAMPS) < LEAST_KEY:
        levels |= {name: means.working.get(name, 0.0) for name in KEY_LAMPS}
    return levels


def _ask(
    schedule: LampSchedule, question: Question, frame: Looked, means: Means
) -> tuple[LampSchedule, Levels]:
    schedule = replace(schedule, control=_hear(schedule, frame, means))
    question = attribution.hear(question, frame.seen.highlights, frame.taken_under)
    if question.answer is None:
        return replace(schedule, question=question), question.wanted
    answered = replace(schedule, question=None, asked=schedule.asked + 1, phase="following")
    spots = frame.seen.highlights or ()
    sources = find_sources(question.answer, spots, schedule.control.notices)
    wanted = {"lens" if rule == GLARE else "skin" for rule in schedule.since}
    theirs = {name: found for name, found in sources.items() if found.place in wanted}
    new = tuple(dict.fromkeys(f for f in theirs.values() if f not in schedule.known))
    answered = replace(answered, found=new, known=answered.known | set(new))
    levels = _solve(answered, question, theirs, means)
    if levels is None:
        if not theirs and answered.asked < MOST_ASKED:
            return answered, answered.rest  # it was not heard: once more
        left = _leave(answered, frame.at, tuple(theirs.values()))
        return left, left.rest
    control = relief.keep(answered.control, _lamps_of(levels), question.answer.excess)
    going = replace(
        answered, control=control, screen=levels[SCREEN], phase="relieving",
        relief=Relief(levels, frame.at, tuple(theirs.values())),
    )  # fmt: skip
    return going, levels


def _solve(
    schedule: LampSchedule, question: Question, sources: Mapping[str, Found], means: Means
) -> dict[str, float] | None:
    """Levels of lamps and screen at which spots should be gone; None where there are none."""
    answer = question.answer
    if answer is None or not sources:
        return None
    screen = schedule.screen
    if means.screen and any(found.source == SCREEN for found in sources.values()):
        screen = DIMMED
    excess = {
        name: {lamp: light for lamp, light in answer.excess[name].items() if lamp != SCREEN}
        for name, found in sources.items()
        if found.source != SCREEN and name in answer.excess
    }
    lamps: Levels | None = dict(schedule.control.levels)
    if excess:
        lamps = relief.solve(
            excess, schedule.control.levels, schedule.control, means.response, means.limits
        )
    if lamps is None or (not excess and screen == schedule.screen):
        return None
    return {**lamps, SCREEN: screen}


def _relieve(
    schedule: LampSchedule, going: Relief, frame: Looked, means: Means
) -> tuple[LampSchedule, Levels]:
    """Wait until frames are taken under the new levels, and look whether the spot is gone."""
    schedule = replace(schedule, control=_hear(schedule, frame, means))
    there = all(
        abs(frame.taken_under.get(name, level) - level) <= REACHED
        for name, level in going.levels.items()
    )
    if going.reached is None:
        reached = frame.at if there or frame.at - going.began > SHOWS else None
        fresh = replace(going, reached=reached)
        return replace(schedule, relief=fresh, history=()), going.levels
    looked = len(schedule.history) >= PERSISTENCE
    if looked and not _spots_now(schedule, frame):
        return replace(schedule, relief=None, phase="following"), schedule.rest
    if frame.at - going.reached < SHOWS:
        return schedule, going.levels
    over = replace(schedule, relief=None, phase="following")
    if not frame.broken & {GLARE, SHINE}:
        return over, over.rest  # what is left of it may stay
    if schedule.asked < MOST_ASKED:
        return over, over.rest  # it may mirror another by now: it is asked after once more
    left = _leave(over, frame.at, going.sources)
    return left, left.rest


def _leave(schedule: LampSchedule, at: float, sources: tuple[Found, ...]) -> LampSchedule:
    """Leave to the student what no lamp takes off: the light is even again."""
    control = replace(schedule.control, levels=schedule.control.usual, caps={})
    left = {rule: Left(at, way_out(sources) if rule == GLARE else None) for rule in schedule.since}
    left = {**schedule.left, **left}
    return replace(schedule, control=control, screen=1.0, left=left, relief=None, phase="following")


# ---- what is seen ----


def _measured(frame: Looked) -> Measured:
    skin = frame.seen.skin
    cheeks = (0.0, 0.0) if skin is None else (skin.light_picture_left, skin.light_picture_right)
    return Measured(cheeks, frame.backdrop, frame.at)


def _hear(schedule: LampSchedule, frame: Looked, means: Means) -> Control:
    """What the law learns while another has the lamps."""
    under = _lamps_of(frame.taken_under)
    return control_law.hear(schedule.control, _measured(frame), under, means.response)


def _lamps_of(levels: Levels) -> dict[str, float]:
    return {name: level for name, level in levels.items() if name != SCREEN}


def _spots_now(schedule: LampSchedule, frame: Looked) -> frozenset[str]:
    """Which of GLARE and SHINE are there now."""
    now = frame.broken & {GLARE, SHINE}
    return now | {GLARE} if worth_asking(schedule.history) else now


def _note_spots(schedule: LampSchedule, frame: Looked) -> LampSchedule:
    lenses = tuple(s for s in frame.seen.highlights or () if place_of(s) == "lens")
    if not schedule.asking:
        history = (*schedule.history, lenses)[-PERSISTENCE:]
        schedule = replace(schedule, history=history)
    now = _spots_now(schedule, frame)
    last = {**schedule.last, **dict.fromkeys(now, frame.at)}
    there = {rule for rule, when in last.items() if frame.at - when < SPOT_GONE}
    since = {rule: schedule.since.get(rule, frame.at) for rule in there}
    left = {
        rule: one
        for rule, one in schedule.left.items()
        if rule in there and frame.at - one.since < AGAIN
    }
    return replace(schedule, last=last, since=since, left=left)


def _waiting(schedule: LampSchedule, frame: Looked, means: Means) -> frozenset[str]:
    """The rules whose spots are to be asked after."""
    if not means.asks or schedule.asked >= MOST_ASKED:
        return frozenset()
    # A small spot is asked after once; then only what breaks a rule.
    now = frame.broken if schedule.asked else _spots_now(schedule, frame)
    return frozenset(
        rule
        for rule, since in schedule.since.items()
        if rule in now and rule not in schedule.left and frame.at - since < PATIENCE
    )


# ---- what the guide is told ----


def _describe(schedule: LampSchedule, frame: Looked, means: Means) -> LampWork:
    if schedule.phase == "holding":
        return LampWork()
    at_it = schedule.phase in ("asking", "relieving")
    waiting = _waiting(schedule, frame, means)
    sees_to = frozenset(schedule.since) - schedule.left.keys() if at_it else waiting
    leaves = (frame.broken & {GLARE, SHINE}) - sees_to
    does: Work | None = None
    if at_it:
        does = "glasses" if GLARE in sees_to else "skin"
    elif schedule.phase == "following" and frame.broken & LIGHT_RULES and means.asks:
        does = "light"
    ways = {rule: one.way for rule, one in schedule.left.items() if one.way is not None}
    return LampWork(does, sees_to, leaves, ways)


def who_has_lamps(stage: Stage, guided: Phase | None, *, empty: bool) -> Phase:
    """What the lamps do in a stage of the visit; `guided` is what they do for who is guided, None
    before the booth has its models; `empty`: the booth looks at itself."""
    if stage is Stage.GUIDE and guided is not None:
        return guided
    if stage is Stage.SHUTTER:
        return "holding"
    return "plate" if empty else "rest"
