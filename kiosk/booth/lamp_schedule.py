"""Who has the lamps at each frame of a person: the one place that says so. Pure.

The law follows the face; once it rests, the face is called on (attendance), and spots that mirror a
light are asked after (attribution) and taken off (relief). From the praise on everything stands
still, so that nothing moves while the photo is exposed. Whoever begins ends before another begins,
and goes back to where the law left the lamps.
"""

from dataclasses import dataclass, replace

from kiosk.booth.attendance_call import KEY_LAMPS, AttendanceCall, follow_call, stands_ahead
from kiosk.booth.lamp_frame import Looked, Means
from kiosk.booth.lamp_phases import Phase, describe
from kiosk.booth.reflections import Found, find_sources
from kiosk.booth.spot_notes import (
    GLARE,
    MOST_ASKED,
    SHINE,
    SpotNotes,
    have_lasted,
    leave_spots,
    note_sources,
    note_spots,
    wait_for_lamps,
)
from kiosk.booth.spot_relief import Relief, begin_relief, go_on, look_at_relief
from kiosk.lighting import attribution, control_law
from kiosk.lighting.attribution import SCREEN, Question
from kiosk.lighting.control_law import Control, Measured
from kiosk.lighting.relief import Mirrored, keep_away
from kiosk.lighting.response import Levels
from kiosk.visit.lamp_work import NO_WORK, LampWork
from kiosk.visit.presence import GONE

SETTLING = 1.0
"""Seconds after which a law that does not come to rest no longer holds up who waits for it."""

LEAST_KEY = 0.1
"""Level below which a key lamp's swing is not seen on a face."""

NOT_CALLED = AttendanceCall()
NO_NOTES = SpotNotes()


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
    notes: SpotNotes = NO_NOTES
    """What is known of their spots."""
    kept_away: tuple[Mirrored, ...] = ()
    """The spots that were taken off, and are to stay away."""
    work: LampWork = NO_WORK
    """What the guide is told of it."""

    @property
    def found(self) -> tuple[Found, ...]:
        """What this frame told to be mirrored, for the first time of this person."""
        return self.notes.found

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


def same_person(schedule: LampSchedule) -> LampSchedule:
    """The schedule for a retake: spots stay away, and what was learnt of this face stands."""
    fresh = LampSchedule(schedule.control, screen=schedule.screen, kept_away=schedule.kept_away)
    return replace(fresh, notes=SpotNotes(known=schedule.notes.known))


def note_presence(schedule: LampSchedule, at: float, *, there: bool) -> LampSchedule:
    """The schedule after a look at `at` s that only told whether somebody is there: who is away for
    long is somebody else when they come."""
    if there:
        return replace(schedule, faceless_since=None)
    since = at if schedule.faceless_since is None else schedule.faceless_since
    return next_person(schedule) if at - since >= GONE else replace(schedule, faceless_since=since)


def follow_schedule(
    schedule: LampSchedule, frame: Looked, means: Means
) -> tuple[LampSchedule, Levels]:
    """The schedule after a frame, and where lamps and screen go to."""
    if frame.seen.face is None:
        return _without_face(schedule, frame)
    began = frame.at if schedule.began is None else schedule.began
    notes = note_spots(
        schedule.notes, frame.seen.highlights, frame.broken, frame.at, asks=schedule.asking
    )
    schedule = replace(schedule, began=began, faceless_since=None, notes=notes)
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
    waiting = _waiting(after_frame, frame, means)
    told = describe(after_frame.phase, after_frame.notes, waiting, frame.broken, asks=means.asks)
    return replace(after_frame, work=told), levels


# ---- the turns ----


def _without_face(schedule: LampSchedule, frame: Looked) -> tuple[LampSchedule, Levels]:
    """Nobody answers any more."""
    gone = note_presence(schedule, frame.at, there=False)
    if gone.faceless_since is None:
        return gone, gone.rest
    notes = replace(gone.notes, history=(), found=())
    waiting = replace(
        gone, phase="following", call=AttendanceCall(), question=None, relief=None, notes=notes,
        work=LampWork(),
    )  # fmt: skip
    return waiting, waiting.rest


def _follow(schedule: LampSchedule, frame: Looked, means: Means) -> tuple[LampSchedule, Levels]:
    under, measured = _lamps_of(frame.taken_under), _measured(frame)
    if schedule.kept_away:
        control, _ = keep_away(
            schedule.kept_away, schedule.control, measured, under, means.response, means.limits
        )
    else:
        control, _ = control_law.follow(
            schedule.control, measured, under, means.response, means.limits
        )
    schedule = replace(schedule, control=control, phase="following")
    long = schedule.began is not None and frame.at - schedule.began >= SETTLING
    if not stands_ahead(frame.seen) or not (control.settled or long):
        return schedule, schedule.rest
    if means.calls:
        call, _ = follow_call(schedule.call, frame.seen, frame.at, _to_call(schedule, means))
        if call.under_way:
            return replace(schedule, call=call, phase="calling"), call.rest or schedule.rest
    if have_lasted(schedule.notes, _waiting(schedule, frame, means), frame.at):
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
    spots = frame.seen.highlights or ()
    sources = find_sources(question.answer, spots, schedule.control.notices)
    wanted = {"lens" if rule == GLARE else "skin" for rule in schedule.notes.since}
    theirs = {name: found for name, found in sources.items() if found.place in wanted}
    notes = note_sources(schedule.notes, theirs.values())
    answered = replace(schedule, question=None, phase="following", notes=notes)
    going = begin_relief(
        question.answer, spots, theirs, schedule.kept_away, answered.control, answered.screen,
        frame.at, means.response, means.limits, dims=means.screen,
    )  # fmt: skip
    if going is not None:
        return _go(answered, going)
    if not theirs and notes.asked < MOST_ASKED:
        return answered, answered.rest  # it was not heard: once more
    return _leave(answered, frame.at, tuple(theirs.values()))


def _go(schedule: LampSchedule, going: Relief) -> tuple[LampSchedule, Levels]:
    """Send the lamps where spots should be gone."""
    control = replace(schedule.control, levels=_lamps_of(going.levels), calm=0)
    notes = replace(schedule.notes, history=())
    under_way = replace(
        schedule, control=control, screen=going.levels[SCREEN], phase="relieving", relief=going,
        notes=notes,
    )  # fmt: skip
    return under_way, going.levels


def _relieve(
    schedule: LampSchedule, going: Relief, frame: Looked, means: Means
) -> tuple[LampSchedule, Levels]:
    """Wait until frames are taken under the new levels, and look whether the spot is gone."""
    schedule = replace(schedule, control=_hear(schedule, frame, means))
    there = bool(schedule.notes.now)
    going, look = look_at_relief(going, frame.taken_under, frame.at, there=there)
    if look == "on the way":
        return replace(schedule, relief=going), going.levels
    over = replace(schedule, relief=None, phase="following", kept_away=going.spots)
    if look == "gone":
        return over, over.rest
    spots = frame.seen.highlights or ()
    further = go_on(going, spots, over.control, frame.at, means.response, means.limits)
    if further is not None:
        return _go(over, further)
    if not frame.broken & {GLARE, SHINE}:
        return over, over.rest  # what is left of it may stay
    if over.notes.asked < MOST_ASKED:
        return over, over.rest  # it may mirror another by now: it is asked after once more
    return _leave(over, frame.at, going.sources)


def _leave(
    schedule: LampSchedule, at: float, sources: tuple[Found, ...]
) -> tuple[LampSchedule, Levels]:
    """Leave to the student what no lamp takes off: the light is even again."""
    left = replace(
        schedule,
        control=replace(schedule.control, levels=schedule.control.usual),
        screen=1.0,
        notes=leave_spots(schedule.notes, at, sources),
        kept_away=(),
        relief=None,
        phase="following",
    )
    return left, left.rest


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


def _waiting(schedule: LampSchedule, frame: Looked, means: Means) -> frozenset[str]:
    """The rules whose spots are to be asked after."""
    if not means.asks:
        return frozenset()
    return wait_for_lamps(schedule.notes, frame.broken, frame.at)
