"""The visit: what the booth does next, for every way in which a student may act."""

from dataclasses import replace
from itertools import product

from kiosk import visit as v
from kiosk.pipeline.assessment import Assessment, RuleResult
from protocol.student import Student

LIN = Student("r1", "林小雨", "2022001", "10000", "示范大学", "文学院")


def rule(id: str, *, ok: bool = True, good: bool = True, who: str = "student") -> RuleResult:
    return RuleResult(id, 0.0, ok, good, (0, 1), (0, 1), who)  # type: ignore[arg-type]


GOOD = Assessment((rule("one_face"), rule("roll")))
TILTED = Assessment((rule("one_face"), rule("roll", good=False)))
TOO_TILTED = Assessment((rule("one_face"), rule("roll", ok=False, good=False)))
NOBODY = Assessment((rule("one_face", ok=False, good=False), rule("roll", ok=False, good=False)))
UNJUDGED = Assessment(
    (rule("one_face"), RuleResult("roll", None, None, None, (0, 1), (0, 1), "student"))
)


def at(stage: v.Stage) -> v.Visit:
    return v.Visit(stage=stage, student=LIN)


def guided(*frames: tuple[Assessment, float]) -> tuple[v.Visit, list[v.Effect]]:
    visit, effects = at(v.Stage.GUIDE), list[v.Effect]()
    for assessment, when in frames:
        visit, more = v.step(visit, v.Assessed(assessment, when))
        effects += more
    return visit, effects


def steady(assessment: Assessment, start: float, end: float) -> list[tuple[Assessment, float]]:
    count = round((end - start) * 30)
    return [(assessment, start + n / 30) for n in range(count + 1)]


def test_a_whole_visit_leads_from_scan_to_photo_and_back_to_idle() -> None:
    visit = v.Visit()
    course, done = [], []
    events: list[v.Event] = [
        v.CodeRead("code"),
        v.Admitted(LIN),
        v.Tapped("yes"),
        v.Tapped("agree"),
        v.Tapped("ready"),
        *(v.Assessed(GOOD, n / 10) for n in range(11)),
        v.Captured(),
        v.Standardised(),
        v.Tapped("approve"),
        v.Sealed(),
        v.TimedOut(),
    ]
    for event in events:
        before = visit.stage
        visit, effects = v.step(visit, event)
        done += [type(effect) for effect in effects]
        if visit.stage is not before:
            course.append(visit.stage.value)
    assert course == [
        "resolving", "confirm", "consent", "checklist", "guide", "shutter",
        "standardising", "review", "saving", "done", "idle",
    ]  # fmt: skip
    assert [d for d in done if d not in (v.Wait, v.Chime)] == [
        v.Resolve, v.Watch, v.Capture, v.Standardise, v.Seal, v.Forget,
    ]  # fmt: skip
    assert visit == v.Visit()


def test_the_camera_looks_only_after_consent() -> None:
    for stage in v.Stage:
        for event in (v.CodeRead("code"), v.Admitted(LIN), v.Tapped("yes"), v.Tapped("agree")):
            _, effects = v.step(at(stage), event)
            assert v.Watch() not in effects


def test_who_is_not_the_named_student_is_turned_away_and_forgotten() -> None:
    visit, effects = v.step(at(v.Stage.CONFIRM), v.Tapped("no"))
    assert (visit.stage, visit.reason, visit.student) == (v.Stage.TURNED_AWAY, "not_me", None)
    assert v.Forget() in effects


def test_a_code_that_can_be_no_capture_code_is_said_so() -> None:
    visit, effects = v.step(v.Visit(), v.CodeUnreadable())
    assert (visit.stage, visit.reason) == (v.Stage.TURNED_AWAY, "code_unreadable")
    assert v.Chime("sorry") in effects


def test_who_does_not_consent_is_not_photographed() -> None:
    visit, _ = v.step(at(v.Stage.CONSENT), v.Tapped("decline"))
    assert (visit.stage, visit.reason) == (v.Stage.TURNED_AWAY, "no_consent")


def test_rules_must_hold_for_a_moment_before_the_shutter() -> None:
    visit, effects = guided(*steady(GOOD, 0, v.HOLD - 0.1))
    assert (visit.stage, effects) == (v.Stage.GUIDE, [])
    visit, effects = guided(*steady(GOOD, 0, v.HOLD))
    assert (visit.stage, effects) == (
        v.Stage.SHUTTER,
        [v.Capture(), v.Wait(v.PATIENCE[v.Stage.SHUTTER])],
    )


def test_a_blink_does_not_start_the_hold_again() -> None:
    visit, _ = guided(
        *steady(GOOD, 0, 0.5), (TILTED, 0.55), (TILTED, 0.75), *steady(GOOD, 0.8, 1.1)
    )
    assert visit.stage is v.Stage.SHUTTER


def test_a_longer_breach_does() -> None:
    visit, _ = guided(*steady(GOOD, 0, 0.5), *steady(TILTED, 0.5, 1.0), *steady(GOOD, 1.0, 1.5))
    assert visit.stage is v.Stage.GUIDE


def test_what_is_merely_admissible_is_taken_after_striving() -> None:
    early, _ = guided(*steady(TILTED, 0, v.STRIVE - 0.1))
    assert early.stage is v.Stage.GUIDE
    late, _ = guided(*steady(TILTED, 0, v.STRIVE + v.HOLD + 0.1))
    assert late.stage is v.Stage.SHUTTER


def test_what_is_not_admissible_or_not_judged_is_never_taken() -> None:
    for assessment in (TOO_TILTED, UNJUDGED, Assessment(())):
        visit, _ = guided(*steady(assessment, 0, v.STRIVE + 5))
        assert visit.stage is v.Stage.GUIDE


def test_one_instruction_stays_long_enough_to_be_read() -> None:
    visit, _ = guided((NOBODY, 0.0), (TILTED, 0.2), (TILTED, v.READING - 0.1))
    assert visit.instruction == v.Instruction("one_face", "low")
    visit, _ = guided((NOBODY, 0.0), (TILTED, v.READING + 0.1))
    assert visit.instruction == v.Instruction("roll", "low")


def test_an_instruction_stays_as_it_was_said_when_the_student_overshoots() -> None:
    beyond = Assessment((RuleResult("roll", 2.0, False, False, (0, 1), (0, 1), "student"),))
    short = Assessment((RuleResult("roll", -1.0, False, False, (0, 1), (0, 1), "student"),))
    visit, _ = guided((beyond, 0.0), (short, 0.3))
    assert visit.instruction == v.Instruction("roll", "high")
    visit, _ = guided((beyond, 0.0), (short, v.READING + 0.1))
    assert visit.instruction == v.Instruction("roll", "low")


def test_what_the_lamps_mend_is_not_told_to_the_student() -> None:
    dark = Assessment((rule("even_light", ok=False, good=False, who="lamps"),))
    visit, _ = guided((dark, 0.0))
    assert visit.instruction is None


def test_a_spoiled_burst_goes_back_to_guiding() -> None:
    visit, effects = v.step(at(v.Stage.SHUTTER), v.BurstSpoiled())
    assert visit.stage is v.Stage.GUIDE
    assert v.Watch() in effects


def test_retakes_are_unlimited() -> None:
    visit = at(v.Stage.REVIEW)
    for _ in range(50):
        visit, _ = v.step(visit, v.Tapped("retake"))
        assert visit.stage is v.Stage.GUIDE
        visit = replace(visit, stage=v.Stage.REVIEW)


def test_a_photo_nobody_approved_is_not_kept() -> None:
    visit, effects = v.step(at(v.Stage.REVIEW), v.TimedOut())
    assert visit.reason == "no_answer"
    assert v.Forget() in effects
    assert v.Seal() not in effects


def test_a_photo_that_cannot_be_saved_is_said_so() -> None:
    visit, _ = v.step(at(v.Stage.SAVING), v.Refused("cannot_save"))
    assert (visit.stage, visit.reason) == (v.Stage.TURNED_AWAY, "cannot_save")


def test_a_camera_fault_stops_guidance_and_leaves_by_itself() -> None:
    visit, _ = v.step(at(v.Stage.GUIDE), v.FaultRaised("camera"))
    assert visit.fault == "camera"
    stale, _ = v.step(visit, v.Assessed(GOOD, 1.0))
    assert stale == visit
    visit, _ = v.step(visit, v.FaultCleared("camera"))
    assert (visit.stage, visit.fault) == (v.Stage.GUIDE, None)


def test_a_burst_that_the_camera_broke_off_is_taken_again_once_it_works() -> None:
    visit, _ = v.step(at(v.Stage.SHUTTER), v.FaultRaised("camera"))
    visit, effects = v.step(visit, v.BurstSpoiled())
    assert (visit.stage, visit.fault) == (v.Stage.GUIDE, "camera")
    assert v.Watch() in effects


def test_a_photo_that_was_sealed_is_done_though_the_disk_is_full_now() -> None:
    visit, _ = v.step(at(v.Stage.SAVING), v.FaultRaised("disk"))
    visit, _ = v.step(visit, v.Sealed())
    assert visit.stage is v.Stage.DONE


def test_nobody_begins_a_visit_at_a_booth_that_is_resting() -> None:
    visit, _ = v.step(v.Visit(), v.FaultRaised("camera"))
    assert v.step(visit, v.CodeRead("code")) == (visit, ())


def test_an_approved_photo_is_saved_though_the_camera_fails() -> None:
    visit, _ = v.step(at(v.Stage.SAVING), v.FaultRaised("camera"))
    visit, _ = v.step(visit, v.Sealed())
    assert visit.stage is v.Stage.DONE


def test_a_booth_whose_lamps_fail_goes_on() -> None:
    visit, _ = v.step(v.Visit(), v.FaultRaised("lamps"))
    assert visit.fault is None


def test_faults_outlive_the_visit_and_students_do_not() -> None:
    visit, _ = v.step(at(v.Stage.DONE), v.FaultRaised("lamps"))
    visit, effects = v.step(visit, v.TimedOut())
    assert visit == v.Visit(faults=frozenset({"lamps"}))
    assert v.Forget() in effects


def test_every_event_in_every_stage_is_answered_and_waits_end() -> None:
    events: list[v.Event] = [
        v.CodeRead("c"), v.Admitted(LIN), v.Refused("code_unknown"), v.Tapped("yes"),
        v.Tapped("cancel"), v.Assessed(GOOD, 1.0), v.Captured(), v.BurstSpoiled(),
        v.Standardised(), v.Sealed(), v.TimedOut(),
    ]  # fmt: skip
    for stage, event in product(v.Stage, events):
        visit, effects = v.step(at(stage), event)
        entered = visit.stage is not stage
        waits = [effect for effect in effects if isinstance(effect, v.Wait)]
        assert len(waits) == (entered and visit.stage in v.PATIENCE)
        if entered and visit.stage is v.Stage.IDLE:
            assert visit.student is None
            assert v.Forget() in effects


def test_a_student_who_waits_for_the_registrar_has_a_way_out() -> None:
    visit, _ = v.step(v.Visit(), v.CodeRead("code"))
    assert v.step(visit, v.Tapped("cancel"))[0].stage is v.Stage.IDLE
    late, _ = v.step(visit, v.TimedOut())
    assert (late.stage, late.reason) == (v.Stage.TURNED_AWAY, "registrar_unreachable")


def test_every_stage_but_idle_ends_by_itself() -> None:
    assert set(v.PATIENCE) == set(v.Stage) - {v.Stage.IDLE}
    for stage in v.PATIENCE:
        assert v.step(at(stage), v.TimedOut())[0].stage is not stage
