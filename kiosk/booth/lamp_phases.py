"""What the lamps do at a time: for the booth, and for the student who is told of it. Pure."""

from typing import Literal

from kiosk.booth.spot_notes import GLARE, SHINE, SpotNotes
from kiosk.visit.lamp_work import LampWork, Work
from kiosk.visit.stages import Stage

Phase = Literal["rest", "following", "calling", "asking", "relieving", "holding", "plate"]
"""What the lamps do: nothing; follow the face; swing, to be answered; dither, to find out what is
mirrored; go to where that is gone; stand still for the photo; light the empty booth one by one."""

LIGHT_RULES = frozenset({"even_light", "exposure"})
"""The rules that the control law mends."""


def describe(
    phase: Phase,
    notes: SpotNotes,
    waiting: frozenset[str],
    broken: frozenset[str],
    *,
    asks: bool,
) -> LampWork:
    """What the guide is told: `waiting` are the rules whose spots are to be asked after, `broken`
    those that do not hold, and `asks` says whether there are lamps that can ask."""
    if phase == "holding":
        return LampWork()
    at_it = phase in ("asking", "relieving")
    sees_to = frozenset(notes.since) - notes.left.keys() if at_it else waiting
    does: Work | None = None
    if at_it:
        does = "glasses" if GLARE in sees_to else "skin"
    elif phase == "following" and broken & LIGHT_RULES and asks:
        does = "light"
    ways = {rule: one.way for rule, one in notes.left.items() if one.way is not None}
    return LampWork(does, sees_to, (broken & {GLARE, SHINE}) - sees_to, ways)


def who_has_lamps(stage: Stage, guided: Phase | None, *, empty: bool) -> Phase:
    """What the lamps do in a stage of the visit; `guided` is what they do for who is guided, None
    before the booth has its models; `empty`: the booth looks at itself."""
    if stage is Stage.GUIDE and guided is not None:
        return guided
    if stage is Stage.SHUTTER:
        return "holding"
    return "plate" if empty else "rest"
