"""Every stage ends by itself, and has a way out: shown on all states that can be reached."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kiosk import visit as v
from kiosk.visit.stages import OWN_WORK
from kiosk.visit.state import MOST_TOUCHES
from tests.visit.playing import (
    ASLEEP,
    EARLY,
    GOOD,
    LIN,
    NOBODY,
    TOO_TILTED,
    at,
    do,
    found,
    play,
    rule,
)

OUT: tuple[v.Button, ...] = ("cancel", "leave", "no", "decline", "close", "staffed")
"""Buttons that lead out."""

ONWARD: tuple[v.Event, ...] = (
    v.CodeRead("code"), v.CodeUnreadable("code_payment"), v.Admitted(LIN),
    v.Admitted(LIN, EARLY),
    v.Refused("record_abnormal"), v.Tapped("start"), v.Tapped("agree"), v.Tapped("yes"),
    v.Tapped("ready"), v.Tapped("retake"), v.Tapped("approve"), v.Tapped("shot_1"),
    v.Tapped("cancel"), v.Tapped("stay"), v.Tapped("as_it_is"), v.Tapped("staffed"),
    v.Captured(), v.BurstSpoiled(ASLEEP), v.Standardised(), v.PhotoFailed("face_size"),
    v.Sealed("7K4M"), v.Granted("bareheaded"), v.Interrupted(), v.TimedOut(),
    v.FaultRaised("camera"), v.FaultCleared("camera"),
)  # fmt: skip


def outcomes(visit: v.Visit) -> Iterator[v.Visit]:
    """What may become of a visit next: after one event, or a spell before the camera."""
    for event in ONWARD:
        yield do(visit, event)
    if visit.stage in v.ATTENDED:
        yield do(visit, v.Seen(1, 0.0), v.Seen(0, 1.0), v.Seen(1, 3.0))
    if visit.stage is v.Stage.GUIDE and visit.fault is None and not visit.asking_leave:
        covered = found(rule("bareheaded", ok=False, good=False))
        for spells in (((GOOD, 6.0),), ((covered, 1.5),), ((TOO_TILTED, 1.0), (NOBODY, 2.0))):
            yield play(*spells, visit=visit, frame=0.25)[-1][1]


def key(visit: v.Visit) -> tuple[object, ...]:
    """What tells states apart, but for times."""
    return (
        visit.stage, visit.code, visit.photos, visit.chosen, visit.failures, visit.asking_leave,
        visit.back_to, visit.waived, visit.granted, visit.faults, visit.saying.name,
    )  # fmt: skip


@pytest.fixture(scope="module")
def reachable() -> list[v.Visit]:
    """One visit for each state that can be reached, but for times, counts of touches and words."""
    known = {key(v.Visit()): v.Visit()}
    new = [v.Visit()]
    while new:
        visit = new.pop()
        if visit.failures > 1 or visit.photos > 1 or (visit.faults and visit.waived):
            continue  # further ones differ in numbers alone
        for outcome in outcomes(visit):
            if key(outcome) not in known:
                known[key(outcome)] = outcome
                new.append(outcome)
    assert {visit.stage for visit in known.values()} == set(v.Stage)
    return list(known.values())


def test_every_state_times_out_into_idle_in_a_few_steps(reachable: list[v.Visit]) -> None:
    for visit in reachable:
        after, steps = visit, 0
        while after.stage is not v.Stage.IDLE:
            assert after.patience is not None
            after, steps = do(after, v.TimedOut()), steps + 1
            assert steps <= 4, visit
        assert (after.student, after.code, after.photos) == (None, None, 0)


def test_every_state_waits_for_something_and_has_a_way_out(reachable: list[v.Visit]) -> None:
    for visit in reachable:
        if visit.stage is v.Stage.IDLE or visit.stage in OWN_WORK - {v.Stage.RESOLVING}:
            continue  # nobody's, or the booth's own bounded work
        states: dict[v.Stage, v.Visit] = {visit.stage: visit}
        taps = 0
        while not any(state.student is None and not state.photos for state in states.values()):
            taps += 1
            assert taps <= 4, visit
            for state in list(states.values()):
                for button in OUT:
                    out = do(state, v.Tapped(button))
                    states[out.stage] = out if out != state else states[out.stage]


def test_entering_a_stage_begins_its_wait_and_nobodys_data_outlives_it(
    reachable: list[v.Visit],
) -> None:
    for visit in reachable:
        for event in ONWARD:
            after, effects = v.step(visit, event)
            waits = [effect for effect in effects if isinstance(effect, v.Wait)]
            assert len(waits) <= 1
            if after.stage is not visit.stage and after.stage is not v.Stage.IDLE:
                assert len(waits) == 1, (visit.stage, event)
            if after.student is None and visit.student is not None:
                assert v.Forget() in effects, (visit.stage, event)
                assert (after.photos, after.waived) == (0, frozenset())
                assert after.code is None or event == v.CodeRead(after.code)  # the next one's


def test_every_stage_but_idle_has_its_bound() -> None:
    assert set(v.PATIENCE) == set(v.Stage) - {v.Stage.IDLE}


def test_a_finger_prolongs_a_stage_and_a_screen_that_feels_ghosts_does_not_for_ever() -> None:
    for stage in set(v.Stage) - {v.Stage.IDLE}:
        visit, asked = at(stage), list[v.Effect]()
        for _ in range(3 * MOST_TOUCHES):
            visit, effects = v.step(visit, v.Touched())
            asked += effects
        assert visit.stage is stage
        waits = [effect for effect in asked if isinstance(effect, v.Wait)]
        assert len(waits) == (0 if stage in OWN_WORK else MOST_TOUCHES)


def test_shots_that_fail_do_not_begin_the_guides_patience_anew() -> None:
    when, visit = play((TOO_TILTED, 100.0), frame=0.5)[-1]
    visit = do(replace(visit, stage=v.Stage.SHUTTER), v.BurstSpoiled(ASLEEP))
    course = play((TOO_TILTED, 200.0), visit=visit, start=when + 5.0, frame=0.5)
    assert course[-1][1].reason == "no_answer"
    assert course[-1][0] == pytest.approx(v.PATIENCE[v.Stage.GUIDE], abs=1.0)


def test_who_asks_for_another_try_has_all_the_time_again() -> None:
    when, visit = play((TOO_TILTED, 100.0), frame=0.5)[-1]
    tried = do(visit, v.Tapped("go_on"))
    course = play((TOO_TILTED, 170.0), visit=tried, start=when, frame=0.5)
    assert course[-1][1].stage is v.Stage.GUIDE
