"""What the photo before was refused for is insisted on; what was granted is not asked for."""

from dataclasses import replace

import pytest

from kiosk import visit as v
from kiosk.display.screens.asking import CHECKLIST
from kiosk.pipeline.judge.rules import RULES, find_rule
from kiosk.visit import tempo
from kiosk.visit.guidance import HOLD_AND_COUNT
from kiosk.visit.insistence import CONCERNED, ON_CHECKLIST, insisted
from protocol.grants import GRANTED_RULES, GRANTS
from protocol.review import COMPARISON_FAILED, REASONS
from tests.visit.playing import LIN, TILTED, at, do, found, guided, play, rule, sayings

LONG = tempo.STRIVE + HOLD_AND_COUNT + 3
"""Seconds after which what a photo may have is usually taken."""

UNEVEN = found(rule("even_light", good=False, who="lamps"))


def refused(reason: str | None) -> v.Visit:
    """A visit at the guide, of a student whose photo before was refused for this."""
    return replace(at(v.Stage.GUIDE), student=replace(LIN, refused=reason))


@pytest.mark.parametrize("reason", [*REASONS, COMPARISON_FAILED])
def test_each_reason_names_rules_and_lines_of_the_checklist_that_there_are(reason: str) -> None:
    assert set(CONCERNED[reason]) <= {rule.id for rule in RULES}
    assert all(find_rule(id).force in ("required", "where judged") for id in CONCERNED[reason])
    assert set(ON_CHECKLIST.get(reason, ())) <= {name for _, name in CHECKLIST}


def test_nothing_is_insisted_on_without_a_refusal_or_for_a_reason_nobody_here_knows() -> None:
    assert insisted(None) == insisted("a newer reason") == frozenset()


def test_what_the_photo_before_was_refused_for_is_held_to_its_goal_and_nothing_else_is() -> None:
    assert guided((TILTED, LONG), visit=refused("hair")).stage is v.Stage.SHUTTER
    course = play((TILTED, LONG), visit=refused("head_pose"))
    assert course[-1][1].stage is v.Stage.GUIDE
    assert sayings(course) == ["checking", "mend roll"]
    mended = guided((found(rule("roll")), 8.0), visit=course[-1][1])
    assert mended.stage is v.Stage.SHUTTER


def test_a_booth_whose_lamps_can_do_no_better_serves_them_in_the_end() -> None:
    early = play((UNEVEN, LONG), visit=refused("light"), frame=0.2)
    assert early[-1][1].stage is v.Stage.GUIDE
    later = play((UNEVEN, tempo.INSIST + LONG), visit=refused("light"), frame=0.2)
    assert later[-1][1].stage is v.Stage.SHUTTER


def test_what_was_granted_beforehand_is_excused_from_the_first_frame_and_recorded_as_granted() -> (
    None
):
    student = replace(LIN, granted=("headwear", "a newer grant"))
    asked = do(at(v.Stage.RESOLVING), v.Admitted(student))
    assert asked.granted == frozenset(GRANTED_RULES["headwear"])
    covered = found(*(rule(id, ok=False, good=False) for id in GRANTED_RULES["headwear"]))
    guiding = do(asked, v.Tapped("yes"), v.Tapped("ready"))
    taken = guided((covered, 6.0), visit=guiding)
    assert taken.stage is v.Stage.SHUTTER
    assert (taken.granted, taken.waived) == (asked.granted, frozenset())
    seal = v.step(replace(taken, stage=v.Stage.REVIEW, photos=1), v.Tapped("approve"))[1]
    assert any(isinstance(effect, v.Seal) and effect.granted == asked.granted for effect in seal)


def test_every_grant_is_of_rules_that_staff_may_grant() -> None:
    for name in GRANTS:
        assert all(find_rule(id).staff_may_grant for id in GRANTED_RULES[name])


def test_a_grant_is_this_students_alone() -> None:
    student = replace(LIN, granted=("mouth",))
    asked = do(at(v.Stage.RESOLVING), v.Admitted(student), v.Tapped("no"))
    assert asked.granted == frozenset()
