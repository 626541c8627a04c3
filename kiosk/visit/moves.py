"""What every stage of a visit shares: entering and leaving one, waiting, and who is there."""

from dataclasses import replace
from datetime import datetime

from kiosk.pipeline.judge.rules import find_rule
from kiosk.visit.events import Chime, Effect, Forget, Tapped, Touched, Wait
from kiosk.visit.guidance import Guidance
from kiosk.visit.presence import AWAY_WARNING, GONE
from kiosk.visit.stages import BLOCKED, DESTRUCTIVE, OWN_WORK, Reason, Stage
from kiosk.visit.state import MOST_TOUCHES, View, Visit
from protocol.turn import Turn

Step = tuple[Visit, tuple[Effect, ...]]

VIEW_PATIENCE = 60.0
"""Seconds after which a view that was chosen before a visit, and not used, is the usual one."""


def enter(visit: Visit, stage: Stage, *effects: Effect) -> Step:
    """Go to a stage, and wait there as long as it does."""
    fresh = replace(
        visit, stage=stage, guidance=Guidance(), asking_leave=False, unread=None, touches=0
    )
    return fresh, (*effects, *wait(fresh))


def wait(visit: Visit) -> tuple[Effect, ...]:
    """Wait as long as this stage does, from now on."""
    if visit.stage is Stage.IDLE:
        return (Wait(VIEW_PATIENCE),) if visit.view != View() else ()
    return () if visit.patience is None else (Wait(visit.patience),)


def prolong(visit: Visit) -> Step:
    """Somebody is there: wait anew, unless this stage waits for the booth, or has too often."""
    if visit.stage is Stage.IDLE:
        return visit, wait(visit)
    if visit.stage in OWN_WORK or visit.touches == MOST_TOUCHES:
        return visit, ()
    prolonged = replace(
        visit,
        touches=visit.touches + 1,
        presence=visit.presence.touched(),
        guided_since=None,
    )
    return prolonged, wait(prolonged)


def leave(visit: Visit) -> Step:
    """Back to idle, with nothing kept but the booth's own faults."""
    return Visit(faults=visit.faults), (Forget(),)


def turn_away(
    visit: Visit, reason: Reason, *, turn: Turn | None = None, until: datetime | None = None
) -> Step:
    """End without a photo, and say why; `turn` is their college's, of which it is because.

    `until` is when they may come again.
    """
    gone = Visit(reason=reason, turn=turn, until=until, view=visit.view, faults=visit.faults)
    return enter(gone, Stage.TURNED_AWAY, Forget(), Chime("sorry"))


def give_up(visit: Visit, reason: Reason) -> Step:
    """No further photo: back to those that there are, or end without one."""
    if visit.photos:
        return enter(replace(visit, failures=0), Stage.REVIEW)
    return turn_away(visit, reason)


def may_begin(visit: Visit) -> bool:
    """Whether nothing that the booth lacks stops it from serving the next."""
    return not any(Stage.IDLE in BLOCKED[fault] for fault in visit.faults)


def look_otherwise(visit: Visit, tapped: Tapped) -> Step:
    """Change how the screens look; who changes it is there, and needs the time anew."""
    view = visit.view
    match tapped.button:
        case "language":
            view = replace(view, language=1 - view.language)
        case "contrast":
            view = replace(view, high_contrast=not view.high_contrast)
        case _:
            view = replace(view, larger=not view.larger)
    return prolong(replace(visit, view=view))


# ---- who is there ----


def attend(visit: Visit, faces: int, at: float) -> Step:
    """Notice who goes, and that whoever comes then may be another."""
    missing = visit.presence.missing_for(at)
    present = replace(visit, presence=visit.presence.after(faces, at))
    if present.presence.unattended_for(at) >= visit.wait_for_return:
        return leave(visit)
    if faces and missing >= GONE and visit.stage is not Stage.CONFIRM:
        return confirm_again(present)
    return present, ()


def doubt(visit: Visit, event: Tapped | Touched) -> Step | None:
    """Whoever touches the screen of a student who has been gone may be another.

    None where nobody has gone, where it is asked already whose visit this is, and for who leaves.
    """
    gone = visit.presence.missing_for(visit.presence.looked_at) >= AWAY_WARNING
    out = isinstance(event, Tapped) and event.button in DESTRUCTIVE
    if not gone or out or visit.stage is Stage.CONFIRM:
        return None
    return confirm_again(visit)


def confirm_again(visit: Visit) -> Step:
    """Ask whether this is still the same person, and go on where they were."""
    doubted = replace(visit, back_to=visit.stage, presence=visit.presence.touched())
    return enter(doubted, Stage.CONFIRM)


def find_excused(*rules: str) -> frozenset[str]:
    """These rules, where staff may grant them, and those that go with them."""
    granted = [find_rule(rule) for rule in rules if find_rule(rule).staff_may_grant]
    return frozenset(name for rule in granted for name in (rule.id, *rule.waived_with))
