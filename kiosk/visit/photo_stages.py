"""The stages around the photo: guiding to it, taking it, making it, and choosing one."""

from dataclasses import replace

from kiosk.pipeline.assessment import Assessment
from kiosk.visit.events import (
    Assessed,
    BurstSpoiled,
    Capture,
    Captured,
    Chime,
    DropPhoto,
    Event,
    PhotoFailed,
    Refused,
    Seal,
    Standardise,
    Standardised,
    Tapped,
    TimedOut,
    Watch,
)
from kiosk.visit.follow import follow, shows_nobody
from kiosk.visit.guidance import Guidance
from kiosk.visit.instruction import Instruction, Saying
from kiosk.visit.moves import (
    Step,
    confirm_again,
    enter,
    find_excused,
    give_up,
    leave,
    prolong,
    turn_away,
)
from kiosk.visit.presence import GONE
from kiosk.visit.stages import Stage
from kiosk.visit.state import MOST_FAILURES, MOST_PHOTOS, Visit


def ask_to_leave(visit: Visit, event: Event) -> Step | None:
    """Ask once before everything is dropped; None where the event is about something else."""
    match event:
        case Tapped("cancel") if visit.stage is Stage.GUIDE and visit.photos:
            return enter(visit, Stage.REVIEW)  # there is a photo: nothing is lost
        case Tapped("cancel") if visit.fault is not None:
            return leave(visit)  # nothing goes on here
        case Tapped("cancel"):
            return replace(visit, asking_leave=True), ()
        case Tapped("stay"):
            return prolong(replace(visit, asking_leave=False))
        case Tapped("leave") if visit.asking_leave:
            return leave(visit)
        case Tapped() if visit.asking_leave:
            return visit, ()
        case _:
            return None


# ---- guiding ----


def begin_guide(visit: Visit) -> Step:
    """Guide whoever asked for it, with all the time that there is."""
    return enter(replace(visit, guided_since=None), Stage.GUIDE, Watch())


def guide(visit: Visit, event: Event) -> Step:
    """Guide until the shutter may be released."""
    match event:
        case Assessed():
            return _follow(visit, event)
        case Tapped("as_it_is") if visit.may_waive:
            told = visit.saying.instruction
            also = (told.also,) if told is not None and told.also is not None else ()
            stuck_on = (visit.guidance.stuck_on,) if visit.guidance.stuck_on is not None else ()
            waived = visit.waived | find_excused(*stuck_on, *also)
            guidance = replace(visit.guidance, stuck_on=None).insist_anew()
            return prolong(replace(visit, waived=waived, guidance=guidance))
        case Tapped("go_on"):
            return prolong(replace(visit, guidance=visit.guidance.insist_anew()))
        case Tapped("staffed"):
            return give_up(visit, "needs_staff")
        case TimedOut():
            return _run_out(visit)
        case _:
            return visit, ()


def _run_out(visit: Visit) -> Step:
    return give_up(visit, "no_answer" if visit.fault is None else "needs_staff")


def _follow(visit: Visit, seen: Assessed) -> Step:
    faces = 0 if shows_nobody(seen.assessment) else 1
    missing = visit.presence.missing_for(seen.at)
    since = seen.at if visit.guided_since is None else visit.guided_since
    visit = replace(visit, guided_since=since, presence=visit.presence.after(faces, seen.at))
    if visit.presence.unattended_for(seen.at) >= visit.wait_for_return:
        return leave(visit)
    # Who comes back after the guide had begun with somebody may be another.
    if faces and missing >= GONE and not visit.sitting_down:
        return confirm_again(visit)
    if visit.patience is not None and seen.at - since >= visit.patience:
        return _run_out(visit)
    guidance, release = follow(
        visit.guidance, seen.assessment, seen.at, seen.head, visit.terms, seen.lamps
    )
    visit = replace(visit, guidance=guidance)
    if release:
        return enter(visit, Stage.SHUTTER, Capture(visit.excused))
    return visit, ()


# ---- taking and making the photo ----


def shutter(visit: Visit, event: Event) -> Step:
    """Wait for the burst."""
    match event:
        case Captured():
            return enter(visit, Stage.STANDARDISING, Chime("shutter"), Standardise())
        case BurstSpoiled(assessment):
            why = _why_spoiled(visit, assessment)
            return _try_again(visit, Guidance(saying=Saying("again", why), held_once=True))
        case Refused(reason):
            return give_up(visit, reason)
        case TimedOut():
            return give_up(visit, "cannot_standardise")
        case _:
            return visit, ()


def standardising(visit: Visit, event: Event) -> Step:
    """Wait for the photo to be made of the shot."""
    match event:
        case Standardised():
            return _review_another(visit)
        case PhotoFailed(rule, direction):
            why = None if rule is None else Instruction(rule, direction)
            return _try_again(visit, Guidance(saying=Saying("again", why), sterner=why))
        case Refused(reason):
            return give_up(visit, reason)
        case TimedOut():
            return give_up(visit, "cannot_standardise")
        case _:
            return visit, ()


def _why_spoiled(visit: Visit, assessment: Assessment | None) -> Instruction | None:
    broken = () if assessment is None else assessment.rules
    for rule in broken:
        if rule.ok is False and rule.refuses and rule.id not in visit.excused:
            return Instruction(rule.id, rule.direction)
    return None


def _try_again(visit: Visit, guidance: Guidance) -> Step:
    """Back to the guide, with the reason; the code need not be scanned again."""
    failed = replace(visit, failures=visit.failures + 1)
    if failed.failures >= MOST_FAILURES:
        return give_up(failed, "cannot_standardise")
    entered, effects = enter(failed, Stage.GUIDE, Watch())
    return replace(entered, guidance=guidance), effects


# ---- choosing ----


def _review_another(visit: Visit) -> Step:
    """One photo more to choose from; beyond the most, in place of one that is not looked at."""
    if visit.photos < MOST_PHOTOS:
        taken = replace(visit, photos=visit.photos + 1, chosen=visit.photos, failures=0)
        return enter(taken, Stage.REVIEW)
    replaced = 1 if visit.chosen == 0 else 0
    taken = replace(visit, chosen=visit.photos - 1, failures=0)
    return enter(taken, Stage.REVIEW, DropPhoto(replaced))


def review(visit: Visit, event: Event) -> Step:
    """Let the student choose, or take another without losing what there is."""
    match event:
        case Tapped("approve"):
            seal = Seal(visit.chosen, visit.waived, visit.granted)
            return enter(visit, Stage.SAVING, seal)
        case Tapped("retake"):
            return begin_guide(replace(visit, failures=0))
        case Tapped("shot_1" | "shot_2" | "shot_3" as shot):
            number = int(shot[-1]) - 1
            if number >= visit.photos:
                return visit, ()
            return prolong(replace(visit, chosen=number))
        case TimedOut():
            # Nobody approved it, so it is nobody's photo: it goes, and may be taken again.
            return turn_away(visit, "no_answer")
        case _:
            return visit, ()
