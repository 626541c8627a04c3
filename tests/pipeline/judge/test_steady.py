"""Time: what is shown does not flicker, and what is amiss is not hidden."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.judge import within
from kiosk.pipeline.judge.steady import SPAN, Steady, smooth

GOAL, LIMIT = (-2.0, 2.0), (-5.0, 5.0)


def roll(value: float | None) -> Assessment:
    ok = None if value is None else within(value, LIMIT)
    good = None if value is None else within(value, GOAL)
    return Assessment((RuleResult("roll", value, ok, good, GOAL, LIMIT, "student"),))


def run(values: Sequence[float | None], rate: float = 30.0) -> list[bool | None]:
    steady, goods = Steady(), []
    for number, value in enumerate(values):
        steady, seen = smooth(steady, roll(value), number / rate)
        goods.append(seen.rules[0].good)
    return goods


def changes(goods: Sequence[bool | None]) -> int:
    return sum(a != b for a, b in pairwise(goods))


def test_a_value_that_trembles_at_its_bound_changes_its_verdict_once_at_most() -> None:
    rng = np.random.default_rng(5)
    trembling = [float(v) for v in rng.normal(2.0, 0.4, 300)]
    plain = [within(v, GOAL) for v in trembling]
    assert changes(plain) > 50
    assert changes(run(trembling)) <= 1


def test_one_wild_frame_changes_nothing() -> None:
    assert changes(run([0.0] * 10 + [30.0] + [0.0] * 10)) == 0


def test_what_goes_amiss_for_good_is_seen_within_the_span() -> None:
    goods = run([0.0] * 30 + [4.5] * 30)
    first = goods.index(False)
    assert 30 < first <= 30 + round(SPAN * 30)


def test_what_never_held_has_to_reach_its_goal_first() -> None:
    assert not any(run([3.0] * 30))
    assert all(run([0.0] * 10 + [3.0] * 30))


def test_what_is_beyond_its_limit_is_not_ok_however_long_it_held() -> None:
    steady = Steady()
    for number in range(60):
        steady, seen = smooth(steady, roll(0.0 if number < 30 else 5.5), number / 30)
    assert seen.rules[0].ok is False


def test_a_face_that_is_gone_is_not_judged_by_its_memory() -> None:
    assert run([0.0] * 10 + [None])[-1] is None
