"""The rules in five named groups: how far each is, and that every rule has its place."""

from typing import get_args

from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.groups import ALL_OPEN, GROUPS, group_rules
from kiosk.pipeline.judge.rules import RULES, Group, find_rule
from kiosk.words import phrase

PLACE = RuleResult("centred", 0.0, True, True, (0, 0), (0, 0), "student")
ROLL = RuleResult("roll", 9.0, False, False, (0, 0), (0, 0), "student")
TINT = RuleResult("glasses_tint", None, None, None, (0, 0), (0, 0), "student")
HAT = RuleResult("bareheaded", None, None, None, (0, 0), (0, 0), "student", "where judged")
SEEN = Assessment((PLACE, ROLL, TINT, HAT))


def test_every_group_has_rules_that_a_photo_depends_on() -> None:
    binding = {rule.group for rule in RULES if rule.force in ("required", "where judged")}
    assert binding == set(get_args(Group)) == set(GROUPS)


def test_a_group_is_open_until_judged_and_broken_once_that_is_noticed() -> None:
    seen = group_rules(SEEN, broken={"roll"}, noticed={"roll"})
    assert (seen["place"], seen["pose"], seen["hair"]) == ("holds", "broken", "open")
    assert list(seen) == list(GROUPS)


def test_what_is_broken_for_a_moment_leaves_its_group_as_it_was() -> None:
    assert group_rules(SEEN, broken={"roll"}, noticed=set())["pose"] == "open"
    held = {**ALL_OPEN, "pose": "holds"}
    assert group_rules(SEEN, broken={"roll"}, noticed=set(), before=held)["pose"] == "holds"


def test_what_need_not_hold_or_cannot_be_judged_here_leaves_no_group_open() -> None:
    excused = group_rules(SEEN, broken={"roll"}, noticed={"roll"}, excused={"roll"})
    assert excused["pose"] == "holds"
    assert group_rules(Assessment((HAT,)), set(), set())["hair"] == "holds"
    assert group_rules(Assessment((HAT,), complete=False), set(), set())["hair"] == "open"


def test_staff_may_grant_what_a_body_or_faith_asks_for_and_nothing_that_anybody_can_mend() -> None:
    granted = {rule.id for rule in RULES if rule.staff_may_grant}
    assert granted >= {"bareheaded", "eyes_open", "eye_covered", "mouth_closed", "ears_visible"}
    assert "roll" not in granted  # no photo may be turned
    assert "mouth_covered" not in granted  # a patch is admitted, a mask is not
    for rule in RULES:
        if rule.who != "student" or rule.id.startswith(("clothes", "glare", "one_face", "centred")):
            assert not rule.staff_may_grant, rule.id
        assert set(rule.waived_with) <= granted


def test_rules_that_one_gesture_mends_are_told_in_one_phrase() -> None:
    order = [rule.id for rule in RULES]
    for rule in RULES:
        if rule.together is not None:
            assert order.index(rule.id) < order.index(rule.together.rule)
            assert find_rule(rule.together.rule).group == rule.group
            assert phrase(rule.together.told.phrase)
