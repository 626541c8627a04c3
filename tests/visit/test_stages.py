"""The visit's stages: what the booth does next, for every way in which a student may act."""

from dataclasses import replace
from typing import get_args

import pytest

from kiosk import visit as v
from kiosk.pipeline.assessment import RuleResult
from kiosk.visit.state import MOST_FAILURES
from tests.visit.playing import (
    ASLEEP,
    GOOD,
    LIN,
    NOBODY,
    at,
    do,
    found,
    guided,
    play,
    rule,
    sayings,
)


def effects(visit: v.Visit, event: v.Event) -> tuple[v.Effect, ...]:
    return v.step(visit, event)[1]


def test_a_whole_visit_leads_from_start_to_photo_and_back_to_idle() -> None:
    visit = v.Visit()
    course, done = [], []
    events: list[v.Event] = [
        v.Tapped("start"),
        v.Tapped("agree"),
        v.CodeRead("code"),
        v.Admitted(LIN),
        v.Tapped("yes"),
        v.Tapped("ready"),
        *(v.Assessed(GOOD, n / 10) for n in range(50)),
        v.Captured(),
        v.Standardised(),
        v.Tapped("approve"),
        v.Sealed("7K4M"),
        v.TimedOut(),
    ]
    for event in events:
        before = visit.stage
        visit, asked = v.step(visit, event)
        done += [type(effect) for effect in asked]
        if visit.stage is not before:
            course.append(visit.stage.value)
    assert course == [
        "consent", "scan", "resolving", "confirm", "checklist", "guide", "shutter",
        "standardising", "review", "saving", "done", "idle",
    ]  # fmt: skip
    assert [d for d in done if d not in (v.Wait, v.Chime)] == [
        v.Resolve, v.Watch, v.Capture, v.Standardise, v.Seal, v.Forget, v.Forget,
    ]  # fmt: skip
    assert visit == v.Visit()


# ---- consent and code ----


def test_a_code_that_is_scanned_first_waits_for_consent() -> None:
    visit, asked = v.step(v.Visit(), v.CodeRead("code"))
    assert visit.stage is v.Stage.CONSENT
    assert v.Resolve("code") not in asked
    visit, asked = v.step(visit, v.Tapped("agree"))
    assert visit.stage is v.Stage.RESOLVING
    assert v.Resolve("code") in asked
    assert visit.code is None


def test_nobody_is_looked_at_before_they_consented() -> None:
    for stage in (v.Stage.IDLE, v.Stage.CONSENT, v.Stage.SCAN, v.Stage.RESOLVING):
        assert stage not in v.ATTENDED
        for event in (v.CodeRead("code"), v.Tapped("start"), v.Tapped("agree"), v.Admitted(LIN)):
            assert v.Watch() not in effects(at(stage), event)


def test_who_does_not_consent_is_not_photographed() -> None:
    visit = do(v.Visit(), v.CodeRead("code"), v.Tapped("decline"))
    assert (visit.stage, visit.reason, visit.code) == (v.Stage.TURNED_AWAY, "no_consent", None)


def test_who_is_not_the_named_student_is_turned_away_and_forgotten() -> None:
    visit, asked = v.step(at(v.Stage.CONFIRM), v.Tapped("no"))
    assert (visit.stage, visit.reason, visit.student) == (v.Stage.TURNED_AWAY, "not_me", None)
    assert v.Forget() in asked


@pytest.mark.parametrize("kind", get_args(v.UnreadCode))
def test_what_can_be_no_capture_code_is_told_by_its_kind(kind: v.UnreadCode) -> None:
    attracted, asked = v.step(v.Visit(), v.CodeUnreadable(kind))
    assert (attracted.stage, attracted.reason) == (v.Stage.TURNED_AWAY, kind)
    assert v.Chime("sorry") in asked
    scanning = do(at(v.Stage.SCAN), v.CodeUnreadable(kind))
    assert (scanning.stage, scanning.unread) == (v.Stage.SCAN, kind)
    consenting = do(at(v.Stage.CONSENT), v.CodeUnreadable(kind))
    assert (consenting.stage, consenting.unread) == (v.Stage.CONSENT, kind)
    assert do(scanning, v.CodeRead("code")).unread is None


@pytest.mark.parametrize("stage", [v.Stage.DONE, v.Stage.TURNED_AWAY])
def test_a_scan_on_an_end_screen_begins_the_next_visit(stage: v.Stage) -> None:
    ended = v.Visit(stage, reason="no_answer", view=v.View(1), submission="7K4M")
    assert do(ended, v.CodeRead("next")) == v.Visit(v.Stage.CONSENT, code="next")
    told = do(ended, v.CodeUnreadable("code_payment"))
    assert (told.stage, told.reason) == (v.Stage.TURNED_AWAY, "code_payment")


def test_a_telephone_that_lies_on_the_reader_does_not_hold_a_screen_for_ever() -> None:
    told = do(v.Visit(), v.CodeUnreadable("code_payment"))
    assert v.step(told, v.CodeUnreadable("code_payment")) == (told, ())
    waiting = do(v.Visit(), v.CodeRead("code"))
    assert v.step(waiting, v.CodeRead("code")) == (waiting, ())
    scanning = at(v.Stage.SCAN)
    asked: list[v.Effect] = []
    for _ in range(50):
        scanning, more = v.step(scanning, v.CodeUnreadable())
        asked += [effect for effect in more if isinstance(effect, v.Wait)]
    assert len(asked) <= 10


def test_a_student_who_waits_for_the_registrar_has_a_way_out() -> None:
    visit = at(v.Stage.RESOLVING)
    assert do(visit, v.Tapped("cancel")).stage is v.Stage.IDLE
    late = do(visit, v.TimedOut())
    assert (late.stage, late.reason) == (v.Stage.TURNED_AWAY, "registrar_unreachable")


# ---- leaving ----


@pytest.mark.parametrize("stage", [v.Stage.CHECKLIST, v.Stage.GUIDE, v.Stage.REVIEW])
def test_cancelling_asks_once(stage: v.Stage) -> None:
    asked = do(at(stage), v.Tapped("cancel"))
    assert (asked.stage, asked.asking_leave) == (stage, True)
    stays = do(asked, v.Tapped("stay"))
    assert (stays.stage, stays.asking_leave) == (stage, False)
    for button in ("ready", "approve", "retake", "cancel"):
        assert do(asked, v.Tapped(button)).asking_leave
    left, done = v.step(asked, v.Tapped("leave"))
    assert left == v.Visit()
    assert v.Forget() in done


def test_no_tap_that_was_meant_for_another_screen_ends_a_visit() -> None:
    for stage in (v.Stage.CHECKLIST, v.Stage.GUIDE, v.Stage.REVIEW):
        for button in ("leave", "no", "decline", "close"):
            assert do(at(stage), v.Tapped(button)).stage is stage


def test_the_shutter_waits_while_it_is_asked_whether_to_leave() -> None:
    asked = do(at(v.Stage.GUIDE), v.Tapped("cancel"))
    asked = guided((GOOD, 8.0), visit=asked)
    assert (asked.stage, asked.guidance.praising) == (v.Stage.GUIDE, False)
    stays = do(asked, v.Tapped("stay"))
    last = play((GOOD, 5.0), visit=stays, start=8.0)[-1][1]
    assert last.stage is v.Stage.SHUTTER


def test_where_nothing_goes_on_one_tap_leaves() -> None:
    dark = do(at(v.Stage.GUIDE), v.FaultRaised("camera"))
    assert do(dark, v.Tapped("cancel")) == v.Visit(faults=frozenset({"camera"}))


# ---- the shot ----


def test_a_shot_that_fails_goes_back_to_the_guide_with_its_reason() -> None:
    spoiled, asked = v.step(at(v.Stage.SHUTTER), v.BurstSpoiled(ASLEEP))
    assert (spoiled.stage, spoiled.student) == (v.Stage.GUIDE, LIN)
    assert v.Watch() in asked
    assert spoiled.saying == v.Saying("again", v.Instruction("eyes_open", "high"))
    unknown = do(at(v.Stage.SHUTTER), v.BurstSpoiled())
    assert unknown.saying == v.Saying("again")
    failed = do(at(v.Stage.STANDARDISING), v.PhotoFailed("face_size", "high"))
    assert failed.saying == v.Saying("again", v.Instruction("face_size", "high"))


def test_what_a_photo_failed_by_is_asked_for_beyond_its_goal() -> None:
    failed = do(at(v.Stage.STANDARDISING), v.PhotoFailed("centred", "high"))
    aside, centred = (
        found(RuleResult("centred", off, True, True, (-0.08, 0.08), (-0.12, 0.12), "student"))
        for off in (0.07, 0.02)
    )
    assert sayings(play((aside, 4.0), (centred, 6.0), visit=failed)) == [
        "again centred", "mend centred", "mended centred", "hold", "count",
    ]  # fmt: skip
    told = guided((aside, 4.0), visit=failed)
    assert told.instruction == v.Instruction("centred", "high")
    # Too far the other way is no better; and who cannot is not held for ever.
    other = found(RuleResult("centred", -0.07, True, True, (-0.08, 0.08), (-0.12, 0.12), "student"))
    beyond = guided((other, 4.0), visit=failed)
    assert beyond.instruction == v.Instruction("centred", "low")
    assert guided((aside, 30.0), visit=failed).stage is v.Stage.SHUTTER


def test_what_was_well_within_its_goal_and_failed_all_the_same_is_asked_for_a_step_beyond() -> None:
    failed = do(at(v.Stage.STANDARDISING), v.PhotoFailed("centred", "high"))
    aside, less = (
        found(RuleResult("centred", off, True, True, (-0.08, 0.08), (-0.12, 0.12), "student"))
        for off in (0.045, 0.02)
    )
    assert sayings(play((aside, 4.0), (less, 6.0), visit=failed)) == [
        "again centred", "mend centred", "mended centred", "hold", "count",
    ]  # fmt: skip


def test_rules_that_are_excused_are_no_reason() -> None:
    waived = replace(at(v.Stage.SHUTTER), waived=frozenset({"eyes_open"}))
    assert do(waived, v.BurstSpoiled(ASLEEP)).saying.instruction == v.Instruction("gaze", "high")


def test_who_fails_again_and_again_is_the_staffs() -> None:
    visit = at(v.Stage.SHUTTER)
    for _ in range(MOST_FAILURES - 1):
        visit = do(visit, v.BurstSpoiled(ASLEEP))
        assert visit.stage is v.Stage.GUIDE
        visit = replace(visit, stage=v.Stage.SHUTTER)
    visit = do(visit, v.BurstSpoiled(ASLEEP))
    assert (visit.stage, visit.reason) == (v.Stage.TURNED_AWAY, "cannot_standardise")


@pytest.mark.parametrize(
    ("stage", "event"),
    [
        (v.Stage.GUIDE, v.TimedOut()),
        (v.Stage.GUIDE, v.Tapped("staffed")),
        (v.Stage.GUIDE, v.Tapped("cancel")),
        (v.Stage.SHUTTER, v.TimedOut()),
        (v.Stage.SHUTTER, v.Refused("cannot_standardise")),
        (v.Stage.STANDARDISING, v.TimedOut()),
        (v.Stage.STANDARDISING, v.Refused("cannot_standardise")),
    ],
)
def test_whatever_becomes_of_a_retake_the_photos_before_it_stay(
    stage: v.Stage, event: v.Event
) -> None:
    visit, asked = v.step(replace(at(stage), photos=2, chosen=1), event)
    assert (visit.stage, visit.photos, visit.chosen) == (v.Stage.REVIEW, 2, 1)
    assert v.Forget() not in asked


def test_what_comes_in_late_changes_nothing() -> None:
    late: tuple[v.Event, ...] = (
        v.Captured(), v.BurstSpoiled(), v.Standardised(), v.PhotoFailed(), v.Sealed(),
        v.Admitted(LIN),
    )  # fmt: skip
    for stage in (v.Stage.IDLE, v.Stage.CONFIRM, v.Stage.GUIDE, v.Stage.REVIEW, v.Stage.DONE):
        for event in late:
            assert v.step(at(stage), event) == (at(stage), ())


# ---- choosing ----


def reviewing(photos: int, chosen: int) -> v.Visit:
    return replace(at(v.Stage.REVIEW), photos=photos, chosen=chosen)


def test_up_to_three_photos_wait_and_the_newest_is_looked_at() -> None:
    visit = at(v.Stage.STANDARDISING)
    for photos in (1, 2, 3):
        visit = do(visit, v.Standardised())
        assert (visit.stage, visit.photos, visit.chosen) == (v.Stage.REVIEW, photos, photos - 1)
        visit = replace(do(visit, v.Tapped("retake")), stage=v.Stage.STANDARDISING)


@pytest.mark.parametrize(("looked_at", "replaced"), [(0, 1), (1, 0), (2, 0)])
def test_a_fourth_takes_the_place_of_one_that_was_not_looked_at(
    looked_at: int, replaced: int
) -> None:
    again, asked = v.step(reviewing(3, looked_at), v.Tapped("retake"))
    assert not any(isinstance(effect, v.DropPhoto) for effect in asked)
    visit, asked = v.step(replace(again, stage=v.Stage.STANDARDISING), v.Standardised())
    assert asked[0] == v.DropPhoto(replaced)
    assert (visit.photos, visit.chosen) == (3, 2)


def test_the_one_that_is_chosen_is_sealed_with_what_was_excused() -> None:
    visit = do(reviewing(2, 1), v.Tapped("shot_1"), v.Tapped("shot_3"))
    assert visit.chosen == 0
    visit = replace(visit, waived=frozenset({"gaze"}), granted=frozenset({"bareheaded"}))
    saving, asked = v.step(visit, v.Tapped("approve"))
    assert saving.stage is v.Stage.SAVING
    assert asked[0] == v.Seal(0, frozenset({"gaze"}), frozenset({"bareheaded"}))
    done = do(saving, v.Sealed("7K4M"))
    assert (done.stage, done.submission, done.student) == (v.Stage.DONE, "7K4M", None)


def test_retakes_are_unlimited() -> None:
    visit = reviewing(1, 0)
    for _ in range(50):
        visit = do(visit, v.Tapped("retake"))
        assert visit.stage is v.Stage.GUIDE
        visit = replace(visit, stage=v.Stage.REVIEW)


def test_a_photo_nobody_approved_is_not_kept() -> None:
    visit, asked = v.step(reviewing(3, 0), v.TimedOut())
    assert visit.reason == "no_answer"
    assert v.Forget() in asked
    assert not any(isinstance(effect, v.Seal) for effect in asked)


def test_a_photo_that_cannot_be_saved_is_said_so() -> None:
    visit = do(at(v.Stage.SAVING), v.Refused("cannot_save"))
    assert (visit.stage, visit.reason) == (v.Stage.TURNED_AWAY, "cannot_save")


# ---- what is excused ----


def test_who_cannot_is_taken_as_they_are_for_staff_to_decide() -> None:
    covered = found(
        rule("bareheaded", ok=False, good=False), rule("ears_visible", ok=False, good=False)
    )
    visit = guided((covered, 2.0))
    assert visit.instruction == v.Instruction("bareheaded", "high")
    assert visit.may_waive
    visit = do(visit, v.Tapped("as_it_is"))
    # A headscarf covers the ears: that is not asked for by itself.
    assert visit.waived == {"bareheaded", "ears_visible"}
    course = play((covered, 8.0), visit=visit, start=2.0)
    assert course[-1][1].stage is v.Stage.SHUTTER
    _, asked = v.step(course[-2][1], v.Assessed(covered, course[-1][0]))
    assert asked[0] == v.Capture(frozenset({"bareheaded", "ears_visible"}))


@pytest.mark.parametrize("id", ["glare", "clothes_colour", "face_size", "one_face"])
def test_what_everybody_can_mend_is_not_waived(id: str) -> None:
    broken = found(rule(id, ok=False, good=False))
    visit = guided((broken, 2.0))
    assert visit.instruction is not None
    assert not visit.may_waive
    assert do(visit, v.Tapped("as_it_is")).waived == frozenset()


def test_what_staff_grant_is_told_no_more() -> None:
    covered = found(rule("bareheaded", ok=False, good=False))
    visit = do(guided((covered, 2.0)), v.Granted("bareheaded"))
    assert visit.granted == {"bareheaded", "ears_visible"}
    assert play((covered, 8.0), visit=visit, start=2.0)[-1][1].stage is v.Stage.SHUTTER
    assert do(at(v.Stage.GUIDE), v.Granted("glare")).granted == frozenset()
    assert do(v.Visit(v.Stage.DONE), v.Granted("bareheaded")).granted == frozenset()


# ---- the view ----


def test_language_contrast_and_size_are_changed_anywhere_and_end_with_the_visit() -> None:
    for stage in v.Stage:
        visit = do(at(stage), v.Tapped("language"), v.Tapped("contrast"), v.Tapped("larger"))
        assert visit.stage is stage
        assert visit.view == v.View(1, high_contrast=True, larger=True)
    visit = do(at(v.Stage.SAVING), v.Tapped("language"), v.Sealed())
    assert visit.view == v.View(1)
    assert do(visit, v.TimedOut()).view == v.View()


def test_a_view_that_nobody_used_does_not_wait_for_the_next() -> None:
    visit, asked = v.step(v.Visit(), v.Tapped("language"))
    assert any(isinstance(effect, v.Wait) for effect in asked)
    assert do(visit, v.TimedOut()) == v.Visit()


def test_larger_is_slower_where_the_booth_waits_for_a_student() -> None:
    for stage in v.PATIENCE:
        usual, slow = at(stage), replace(at(stage), view=v.View(larger=True))
        assert usual.patience is not None
        assert slow.patience is not None
        own = stage in (
            v.Stage.RESOLVING, v.Stage.WAITING, v.Stage.SHUTTER, v.Stage.STANDARDISING,
            v.Stage.SAVING,
        )  # fmt: skip
        assert (slow.patience == usual.patience) is own


# ---- what the booth lacks ----


def test_a_camera_fault_stops_guidance_and_leaves_by_itself() -> None:
    visit = do(guided((GOOD, 2.0)), v.FaultRaised("camera"))
    assert visit.fault == "camera"
    assert not visit.guidance.praising
    assert do(visit, v.Assessed(GOOD, 3.0)) == visit
    cleared = do(visit, v.FaultCleared("camera"))
    assert (cleared.stage, cleared.fault) == (v.Stage.GUIDE, None)
    ended = do(visit, v.TimedOut())
    assert (ended.stage, ended.reason) == (v.Stage.TURNED_AWAY, "needs_staff")


def test_a_burst_that_the_camera_broke_off_is_taken_again_once_it_works() -> None:
    visit = do(at(v.Stage.SHUTTER), v.FaultRaised("camera"), v.BurstSpoiled())
    assert (visit.stage, visit.fault) == (v.Stage.GUIDE, "camera")


@pytest.mark.parametrize("fault", ["disk", "camera"])
def test_a_photo_that_was_sealed_is_done_though_something_fails_now(fault: v.FaultName) -> None:
    visit = do(at(v.Stage.SAVING), v.FaultRaised(fault), v.Sealed())
    assert visit.stage is v.Stage.DONE


@pytest.mark.parametrize("fault", ["camera", "door", "maintenance"])
def test_nobody_begins_a_visit_at_a_booth_that_is_resting(fault: v.FaultName) -> None:
    resting = do(v.Visit(), v.FaultRaised(fault))
    for event in (v.CodeRead("code"), v.CodeUnreadable(), v.Tapped("start")):
        assert v.step(resting, event) == (resting, ())
    ended = do(v.Visit(v.Stage.DONE), v.FaultRaised(fault))
    assert do(ended, v.CodeRead("code")) == ended


def test_a_booth_whose_lamps_fail_goes_on() -> None:
    assert do(v.Visit(), v.FaultRaised("lamps")).fault is None


def test_faults_outlive_the_visit_and_students_do_not() -> None:
    visit, asked = v.step(do(at(v.Stage.DONE), v.FaultRaised("lamps")), v.TimedOut())
    assert visit == v.Visit(faults=frozenset({"lamps"}))
    assert v.Forget() in asked


@pytest.mark.parametrize("stage", v.Stage)
def test_the_reset_button_ends_any_stage_and_all_that_is_known_of_its_student(
    stage: v.Stage,
) -> None:
    broken = do(at(stage), v.FaultRaised("camera"))
    assert v.step(broken, v.Reset()) == (v.Visit(faults=frozenset({"camera"})), (v.Forget(),))


def test_nothing_that_was_seen_before_staff_took_the_screen_counts_afterwards() -> None:
    visit = do(guided((GOOD, 2.0)), v.Interrupted())
    assert not visit.guidance.praising
    assert guided((NOBODY, 2.0), visit=visit).stage is v.Stage.GUIDE


def test_after_two_scans_that_read_no_code_the_screen_helps_until_one_is_read() -> None:
    once = do(at(v.Stage.SCAN), v.CodeUnreadable())
    assert not once.helps_to_scan
    twice = do(once, v.CodeUnreadable("code_payment"))
    assert twice.helps_to_scan
    assert do(twice, v.CodeRead("code")).stage is v.Stage.RESOLVING
    consenting = do(at(v.Stage.CONSENT), v.CodeUnreadable(), v.CodeUnreadable())
    assert do(consenting, v.Tapped("agree")).helps_to_scan
    assert not do(twice, v.Tapped("cancel"), v.Tapped("start")).helps_to_scan


def test_who_shows_a_plain_code_where_staff_must_see_them_waits_for_their_word() -> None:
    asked = do(at(v.Stage.RESOLVING), v.Admitted(LIN, proof="staff"))
    assert (asked.stage, asked.waits_for_staff) == (v.Stage.CONFIRM, True)
    assert do(asked, v.Tapped("yes")) == replace(asked, presence=asked.presence.touched())
    seen = do(asked, v.Granted("identity"))
    assert not seen.waits_for_staff
    ready = do(seen, v.Tapped("yes"))
    assert (ready.stage, ready.excused) == (v.Stage.CHECKLIST, frozenset({"identity"}))
    assert do(asked, v.Tapped("no")).reason == "not_me"


def test_a_student_card_is_only_asked_for() -> None:
    asked = do(at(v.Stage.RESOLVING), v.Admitted(LIN, proof="card"))
    assert do(asked, v.Tapped("yes")).stage is v.Stage.CHECKLIST
