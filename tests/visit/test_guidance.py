"""The guide: what is said while a student comes right, and when the shutter is released."""

from dataclasses import replace

import pytest

from kiosk import visit as v
from kiosk.pipeline.assessment import Assessment
from kiosk.visit import tempo
from kiosk.visit.guidance import HOLD_AND_COUNT
from tests.visit.playing import (
    ASLEEP,
    AWAKE,
    GOOD,
    NOBODY,
    TILTED,
    TOO_TILTED,
    UNJUDGED,
    at,
    do,
    found,
    guided,
    play,
    rule,
    sayings,
)

BOTH = found(rule("brows_clear", ok=False, good=False), rule("ears_visible", ok=False, good=False))
DARK = found(rule("even_light", ok=False, good=False, who="lamps"))
HIDDEN = Assessment((rule("one_face"), rule("face_size", ok=None, good=None)))
"""A face that is seen, and of which nothing can be measured."""
GREY = found(rule("full_colour", ok=False, good=False, who="staff"))


# ---- nothing unjudged, no blink ----


def test_whoever_comes_right_at_once_is_told_nothing_but_that() -> None:
    course = play((GOOD, 5.0))
    assert sayings(course) == ["checking", "hold", "count"]
    assert course[-1][1].stage is v.Stage.SHUTTER
    assert course[-1][0] == pytest.approx(tempo.SETTLED + HOLD_AND_COUNT, abs=0.2)


def test_what_is_not_judged_yet_is_never_told_nor_praised() -> None:
    incomplete = replace(GOOD, complete=False)
    optional = found(rule("bareheaded", ok=None, good=None, force="where judged"))
    for unjudged in (UNJUDGED, incomplete, replace(optional, complete=False)):
        assert sayings(play((unjudged, 10.0))) == ["checking"]
    assert sayings(play((incomplete, 3.0), (GOOD, 5.0))) == ["checking", "hold", "count"]
    # A booth without the model never judges it: a photo may do without.
    assert guided((optional, 5.0)).stage is v.Stage.SHUTTER


def test_no_blink_is_told_and_none_breaks_a_hold() -> None:
    blinking = [(AWAKE, 0.7), (ASLEEP, 0.3)] * 8
    course = play(*blinking)
    assert sayings(course) == ["checking", "hold", "count"]
    assert course[-1][1].stage is v.Stage.SHUTTER


def test_closed_eyes_are_told_and_not_that_they_look_past_the_lens() -> None:
    assert sayings(play((ASLEEP, 6.0))) == ["checking", "mend eyes_open"]


def test_the_shutter_is_not_released_into_a_blink() -> None:
    course = play((AWAKE, tempo.SETTLED + HOLD_AND_COUNT - 0.1), (ASLEEP, 0.4), (AWAKE, 1.0))
    assert course[-1][1].stage is v.Stage.SHUTTER
    assert all(visit.stage is v.Stage.GUIDE for _, visit in course[:-1])
    assert course[-1][0] > tempo.SETTLED + HOLD_AND_COUNT + 0.3


def test_a_frame_or_two_without_a_face_are_nothing() -> None:
    course = play((GOOD, 1.0), (NOBODY, 0.25), (GOOD, 4.0))
    assert sayings(course) == ["checking", "hold", "count"]


def test_who_is_not_there_yet_is_asked_to_sit_and_who_has_gone_to_come_back() -> None:
    assert sayings(play((NOBODY, 2.0))) == ["sit"]
    assert sayings(play((NOBODY, 1.0), (TILTED, 2.0), (NOBODY, 1.0))) == [
        "sit", "checking", "mend roll", "come_back",
    ]  # fmt: skip


def test_a_face_that_cannot_be_measured_is_asked_to_be_shown_and_helped() -> None:
    when, visit = play((GOOD, 1.0), (HIDDEN, tempo.OFFER_HELP + 2.0))[-1]
    assert (visit.stage, visit.saying.name) == (v.Stage.GUIDE, "show_face")
    assert visit.helping(when)


def test_who_hides_their_face_is_asked_to_show_it_and_not_to_come_back() -> None:
    assert sayings(play((HIDDEN, 3.0), (GOOD, 3.0))) == [
        "sit", "show_face", "checking", "hold", "count",
    ]  # fmt: skip
    course = play((GOOD, 1.0), *[(HIDDEN, 0.5), (NOBODY, 0.2)] * 5)
    assert sayings(course) == ["checking", "hold", "come_back", "show_face"]
    assert sayings(play((GOOD, 1.0), (HIDDEN, 2.0), (NOBODY, 2.0)))[-2:] == [
        "show_face", "come_back",
    ]  # fmt: skip


def test_who_does_not_come_to_be_seen_may_hide_their_face_from_every_detector() -> None:
    course = play((NOBODY, tempo.UNSEEN + 2.0))
    assert sayings(course) == ["sit", "show_face"]
    asked = next(when for when, visit in course if visit.saying.name == "show_face")
    assert asked == pytest.approx(tempo.UNSEEN, abs=0.2)


# ---- one instruction, that can be read ----


def test_an_instruction_that_is_followed_is_ticked_off() -> None:
    assert sayings(play((TILTED, 3.0), (GOOD, 5.0))) == [
        "checking", "mend roll", "mended roll", "hold", "count",
    ]  # fmt: skip


def test_none_flits_by_however_soon_it_is_followed() -> None:
    course = play((TILTED, tempo.NOTICED + 0.2), (GOOD, 5.0))
    shown = [when for when, visit in course if visit.saying.name == "mend"]
    assert shown[-1] - shown[0] >= tempo.SEEN - 0.1


def test_one_stays_until_it_can_be_read_though_another_is_more_urgent() -> None:
    course = play((TILTED, 1.0), (found(rule("one_face", ok=False, good=False)), 4.0))
    first = next(when for when, visit in course if visit.saying.name == "mend")
    other = next(when for when, visit in course if visit.instruction == v.Instruction(
        "one_face", "high"))  # fmt: skip
    assert other - first >= tempo.READING


def test_it_stays_longer_for_who_wants_it_slower() -> None:
    slow = replace(at(v.Stage.GUIDE), view=v.View(larger=True))
    left = found(rule("roll"), rule("yaw", good=False))
    for visit, seconds in ((at(v.Stage.GUIDE), 1.0), (slow, tempo.SLOWER)):
        course = play((TILTED, 1.0), (left, 5.0), visit=visit)
        ticked = [when for when, visit in course if visit.saying.name == "mended"]
        assert ticked[-1] - ticked[0] == pytest.approx(seconds * tempo.MENDED, abs=0.15)


def test_what_has_become_unjudged_is_not_ticked_off() -> None:
    assert sayings(play((TILTED, 1.0), (UNJUDGED, 4.0))) == ["checking", "mend roll", "checking"]


def test_the_other_way_is_told_once_who_overshoots_could_read_the_first() -> None:
    short = found(rule("roll", good=False))
    short = replace(short, rules=(*short.rules[:-1], replace(short.rules[-1], value=-2.0)))
    course = play((TILTED, 1.0), (short, 4.0))
    told = {visit.instruction for _, visit in course if visit.instruction is not None}
    assert told == {v.Instruction("roll", "high"), v.Instruction("roll", "low")}
    assert "mended roll" not in sayings(course)


def test_both_hair_faults_are_told_at_once_and_waived_at_once() -> None:
    visit = guided((BOTH, 2.0))
    assert visit.instruction == v.Instruction("brows_clear", "high", "ears_visible")
    assert v.told(visit.instruction).phrase == "rule.hair"
    assert do(visit, v.Tapped("as_it_is")).waived == {"brows_clear", "ears_visible"}
    one = found(rule("brows_clear"), rule("ears_visible", ok=False, good=False))
    assert sayings(play((BOTH, 3.0), (one, 3.0))) == [
        "checking", "mend brows_clear", "mend ears_visible",
    ]  # fmt: skip


def test_who_hides_mouth_and_eye_is_told_so_at_once_and_a_mask_is_not_waived() -> None:
    hidden = [rule(id, ok=False, good=False) for id in ("mouth_covered", "eye_covered")]
    visit = guided((found(*hidden), 2.0))
    assert visit.instruction == v.Instruction("mouth_covered", "high", "eye_covered")
    assert v.told(visit.instruction).phrase == "rule.face_covered"
    assert not do(visit, v.Tapped("as_it_is")).waived
    patched = guided((found(rule("mouth_covered"), hidden[1]), 2.0))
    assert do(patched, v.Tapped("as_it_is")).waived == {"eye_covered", "eyes_open", "gaze"}


def test_the_lamps_mend_the_light_and_only_then_the_student_is_asked() -> None:
    course = play((DARK, tempo.LAMPS_TRY + 1.0), lamps=v.LampWork("light"))
    assert sayings(course) == ["checking", "lamps", "mend even_light"]
    lost = do(at(v.Stage.GUIDE), v.FaultRaised("lamps"))
    assert sayings(play((DARK, 3.0), visit=lost)) == ["checking", "mend even_light"]
    assert sayings(play((GREY, tempo.LAMPS_TRY + 1.0))) == ["checking", "mend full_colour"]


# ---- what wavers ----


def test_who_wavers_about_a_bound_is_told_less_and_less_often() -> None:
    course = play(*[(TILTED, 1.0), (GOOD, 0.4)] * 10)
    assert sayings(course).count("mend roll") <= 2


def test_a_praise_is_not_followed_by_a_fault_at_once() -> None:
    course = play((GOOD, 2.0), (TOO_TILTED, 6.0))
    assert sayings(course) == ["checking", "hold", "count", "checking", "mend roll"]
    lost = max(when for when, visit in course if visit.guidance.praising)
    told = min(when for when, visit in course if visit.saying.name == "mend")
    assert told - lost >= tempo.RECOVER


def test_each_praise_that_was_not_borne_out_makes_the_next_surer() -> None:
    spells = [(GOOD, 1.0), (TOO_TILTED, 1.5)] * 12
    course = play(*spells)
    assert course[-1][1].stage is v.Stage.GUIDE
    assert sayings(course).count("hold") <= 2


def test_what_is_merely_admissible_is_taken_after_striving() -> None:
    early = guided((TILTED, tempo.STRIVE - 0.5))
    assert early.stage is v.Stage.GUIDE
    assert guided((TILTED, tempo.STRIVE + HOLD_AND_COUNT + 3)).stage is v.Stage.SHUTTER


def test_what_is_not_admissible_or_not_judged_is_never_taken() -> None:
    for assessment in (TOO_TILTED, UNJUDGED, replace(GOOD, complete=False)):
        assert play((assessment, tempo.STRIVE + 10), frame=0.2)[-1][1].stage is v.Stage.GUIDE


# ---- help ----


def test_the_same_is_shown_another_way_and_then_help_is_offered() -> None:
    course = play((TOO_TILTED, 40.0))
    first = next(when for when, visit in course if visit.saying.name == "mend")
    levels = [(when - first, visit.help_level(when)) for when, visit in course]
    for seconds, level in levels:
        if abs(seconds - tempo.SHOW_OTHERWISE) > 0.5 and abs(seconds - tempo.OFFER_HELP) > 0.5:
            expected = (seconds > tempo.SHOW_OTHERWISE) + (seconds > tempo.OFFER_HELP)
            assert level == expected, seconds
    assert course[-1][1].helping(course[-1][0])
    again = do(course[-1][1], v.Tapped("go_on"))
    assert again.help_level(course[-1][0]) == 0


def test_two_faults_that_take_turns_reach_help_as_well() -> None:
    other = found(rule("yaw", ok=False, good=False))
    course = play(*[(TOO_TILTED, 3.0), (other, 3.0)] * 14)
    assert any(visit.helping(when) for when, visit in course)


def test_who_waits_for_a_check_that_does_not_come_is_helped_too() -> None:
    course = play((replace(GOOD, complete=False), 35.0))
    when, visit = course[-1]
    assert visit.helping(when)
    assert not visit.may_waive


def test_a_rule_that_held_for_a_while_begins_anew() -> None:
    unfinished = found(rule("roll"), rule("yaw", ok=None, good=None))
    course = play((TOO_TILTED, 20.0), (unfinished, 6.0), (TOO_TILTED, 5.0))
    when, visit = course[-1]
    assert visit.instruction == v.Instruction("roll", "high")
    assert visit.help_level(when) == 0


# ---- the five groups ----


def test_a_group_is_open_until_it_is_judged_and_broken_once_that_is_sure() -> None:
    visit = at(v.Stage.GUIDE)
    assert set(visit.groups.values()) == {"open"}
    visit = guided((UNJUDGED, 1.0))
    assert (visit.groups["place"], visit.groups["pose"]) == ("holds", "open")
    assert guided((TILTED, 0.3)).groups["pose"] == "open"
    assert guided((TILTED, 1.0)).groups["pose"] == "broken"
    assert guided((TILTED, 1.0), (GOOD, 0.2)).groups["pose"] == "holds"


def test_no_group_flashes_with_a_blink() -> None:
    course = play((AWAKE, 0.3), *[(ASLEEP, 0.25), (AWAKE, 0.4)] * 5)
    assert {visit.groups["face"] for _, visit in course[1:-1]} == {"holds"}


def test_all_groups_hold_while_the_student_is_praised() -> None:
    course = play((GOOD, 1.0), (TOO_TILTED, 0.8), (GOOD, 3.0))
    praised = [visit for _, visit in course if visit.guidance.praising]
    assert praised
    for visit in praised:
        assert set(visit.groups.values()) == {"holds"}
