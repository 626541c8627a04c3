"""The guide's times, on measures that waver: of faces that blink and sway, and of lips that are
closed and read, now and then, as if they were not.

Each measure is noise around a value, so slow that it stays on one side of a bound for a second and
more; it is steadied and judged as the booth does.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from kiosk import visit as v
from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.judge import within
from kiosk.pipeline.judge.steady import Steady, smooth
from kiosk.pipeline.specification import specification
from tests.visit.playing import at

FRAMES = 12
"""A second."""

LONGEST = 45.0
"""Seconds after which a student who did not come right has long been offered help."""

AT_REST = {
    "one_face": 1.0, "face_size": 0.4, "centred": 0.0, "yaw": 0.0, "roll": 0.0, "eyes_open": 0.14,
    "gaze": 3.0, "mouth_closed": 0.01,
}  # fmt: skip

NOISE = {"centred": 0.01, "yaw": 0.8, "roll": 0.4, "eyes_open": 0.012, "gaze": 1.5}
"""Standard deviations, of the mesh on a face at rest."""

LIPS = specification().rules["mouth_closed"]


@dataclass(frozen=True)
class Person:
    """Somebody who sits there and does nothing about anything."""

    lips: float = AT_REST["mouth_closed"]
    lips_waver: float = 0.0
    """Standard deviation of what is read of their lips; over a second or so."""
    blinks: float = 4.0
    """Mean seconds between two."""
    sways: float = 0.0
    """How far aside, of the frame's width; the head turns with it."""


@dataclass
class Course:
    """What they were told until the shutter."""

    shutter: float | None = None
    instructions: int = 0
    praises: int = 0
    broken: int = 0
    belied: int = 0
    """Praises that a fault followed within two seconds."""


def found(values: dict[str, float]) -> Assessment:
    """What is found of these values."""
    results = []
    for id, value in values.items():
        bounds = specification().rules[id]
        assert bounds.goal is not None
        assert bounds.limit is not None
        ok, good = within(value, bounds.limit), within(value, bounds.goal)
        results.append(RuleResult(id, value, ok, good, bounds.goal, bounds.limit, "student"))
    return Assessment(tuple(results))


def measured(person: Person, rng: np.random.Generator) -> Callable[[float], Assessment]:
    """What is found of a person at a time; times must grow."""
    blink, phase, lips, kept = rng.exponential(person.blinks), rng.uniform(0, 6), 0.0, 0.94

    def look(when: float) -> Assessment:
        nonlocal blink, lips
        values = {id: value + rng.normal(0, NOISE.get(id, 0)) for id, value in AT_REST.items()}
        if when >= blink:
            values |= {"eyes_open": 0.02, "gaze": 14.0}
            if when >= blink + 0.2:
                blink = when + rng.exponential(person.blinks)
        sway = person.sways * math.sin(2 * math.pi * 0.31 * when + phase)
        values["centred"] += sway
        values["yaw"] += 100 * sway
        lips = kept * lips + math.sqrt(1 - kept**2) * rng.normal(0, person.lips_waver)
        values["mouth_closed"] = person.lips + lips
        return found(values)

    return look


def course(person: Person, seed: int) -> Course:
    """Guide a person for as long as they would bear it, or to the shutter."""
    look, seen, steady = measured(person, np.random.default_rng(seed)), Course(), Steady()
    visit, lost_at = at(v.Stage.GUIDE), -math.inf
    for frame in range(round(LONGEST * FRAMES)):
        when, before = frame / FRAMES, visit
        steady, assessment = smooth(steady, look(when), when)
        assessment = replace(assessment, complete=when > 0.5)
        visit, _ = v.step(visit, v.Assessed(assessment, when))
        if visit.stage is v.Stage.SHUTTER:
            seen.shutter = when
            return seen
        if visit.guidance.praising and not before.guidance.praising:
            seen.praises += 1
        elif before.guidance.praising and not visit.guidance.praising:
            seen.broken, lost_at = seen.broken + 1, when
        if visit.instruction is not None and visit.instruction != before.instruction:
            seen.instructions += 1
            seen.belied += when - lost_at <= 2.0
    return seen


def courses(person: Person, seeds: int) -> list[Course]:
    return [course(person, seed) for seed in range(seeds)]


@pytest.mark.parametrize(
    "person", [Person(), Person(blinks=1.5, sways=0.03)], ids=["calm", "nervous"]
)
def test_whoever_needs_to_mend_nothing_is_told_nothing_and_done_in_seconds(person: Person) -> None:
    seen = courses(person, 16)
    assert all(course.shutter is not None and course.shutter < 12 for course in seen)
    assert np.median([course.shutter or LONGEST for course in seen]) < 6
    assert sum(course.instructions for course in seen) <= 2
    assert sum(course.broken for course in seen) <= 2


@pytest.mark.parametrize("lips", ["between", "at the limit"])
def test_lips_that_are_closed_are_not_praised_and_told_in_turn(lips: str) -> None:
    assert LIPS.goal is not None
    assert LIPS.limit is not None
    goal, limit = LIPS.goal[1], LIPS.limit[1]
    value = (goal + limit) / 2 if lips == "between" else limit
    seen = courses(Person(lips=value, lips_waver=0.004), 16)
    assert max(course.broken for course in seen) <= 3
    assert np.mean([course.broken for course in seen]) < 1.3
    assert np.mean([course.instructions for course in seen]) < 3
    assert sum(course.belied for course in seen) == 0
    taken = [course for course in seen if course.shutter is not None]
    assert len(taken) >= (15 if lips == "between" else 10)
