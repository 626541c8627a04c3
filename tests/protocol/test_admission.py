"""Admission: three a day, then a wait; counted by a booth alone only as far as its share goes."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations
from uuid import UUID

import pytest

from protocol.admission import (
    EVER,
    USUAL_LIMITS,
    Limits,
    Moment,
    Standardisation,
    deal_shares,
    may_ask,
    may_unasked,
    share_of,
    surely,
    waits_until,
)
from protocol.schedule import SHANGHAI

NINE = datetime(2026, 6, 1, 9, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)
BOOTHS = ["north", "south", "east", "west", "hall"]


def made(*times: datetime, booth: str = "north") -> list[Standardisation]:
    return [Standardisation(UUID(int=number), booth, surely(at)) for number, at in enumerate(times)]


def test_after_three_on_one_day_a_student_waits_for_a_day_from_the_last() -> None:
    known = made(NINE, NINE + HOUR, NINE + 2 * HOUR)
    assert waits_until(known[:2], surely(NINE + 3 * HOUR), USUAL_LIMITS) is None
    until = waits_until(known, surely(NINE + 3 * HOUR), USUAL_LIMITS)
    assert until == NINE + 26 * HOUR
    assert waits_until(known, surely(until), USUAL_LIMITS) is None
    shorter = Limits(standardisations_a_day=2, wait=HOUR)
    assert waits_until(known[:2], surely(NINE + HOUR), shorter) == NINE + 2 * HOUR


def test_a_day_is_a_day_in_shanghai_whatever_zone_a_time_is_in() -> None:
    evening = datetime(2026, 6, 1, 15, 30, tzinfo=UTC)  # 23:30 there
    known = made(evening, evening + HOUR, evening + HOUR)
    assert waits_until(known, surely(evening + 2 * HOUR), USUAL_LIMITS) is None


def test_a_clock_that_was_set_back_or_that_nobody_vouches_for_ends_no_wait() -> None:
    known = made(NINE, NINE, NINE)
    until = NINE + 24 * HOUR
    assert waits_until(known, surely(NINE - 48 * HOUR), USUAL_LIMITS) == until
    assert waits_until(known, Moment(NINE + HOUR, EVER), USUAL_LIMITS) == until


@pytest.mark.parametrize("count", range(1, 6))
@pytest.mark.parametrize("limits", [USUAL_LIMITS, Limits(1), Limits(2), Limits(5)])
def test_all_shares_are_no_more_than_a_day_and_leave_one_to_be_asked_for(
    count: int, limits: Limits
) -> None:
    for student in range(30):
        shares = deal_shares(BOOTHS[:count], f"record-{student}", limits)
        assert sum(shares.values()) <= limits.standardisations_a_day
        without = [booth for booth in BOOTHS[:count] if not shares.get(booth)]
        if without:  # who has none can be let ask, although all others may use theirs up
            assert may_ask(without[0], [], shares, surely(NINE), limits)


def test_few_booths_all_serve_everybody_without_a_network_and_many_serve_alike() -> None:
    for student in range(20):
        assert min(deal_shares(BOOTHS[:3], f"record-{student}", USUAL_LIMITS).values()) == 1
    assert deal_shares(BOOTHS[:1], "record-1", USUAL_LIMITS) == {"north": 3}
    served = Counter[str]()
    for student in range(500):
        served.update(deal_shares(BOOTHS, f"record-{student}", USUAL_LIMITS))
    assert min(served.values()) > 150  # of 200


def test_while_booths_come_and_go_nobody_has_more_than_by_either_list() -> None:
    for before, after in combinations([BOOTHS[:2], BOOTHS[:4], BOOTHS[1:], BOOTHS], 2):
        for student in map(str, range(20)):
            old, new = (deal_shares(booths, student, USUAL_LIMITS) for booths in (before, after))
            both = {
                booth: share_of(booth, [before, after], student, USUAL_LIMITS) for booth in BOOTHS
            }
            assert all(both[booth] <= min(old.get(booth, 0), new.get(booth, 0)) for booth in both)
    assert share_of("new", [BOOTHS], "record-1", USUAL_LIMITS) == 0
    assert share_of("alone", [], "record-1", USUAL_LIMITS) == 3


def test_a_booth_without_network_uses_its_share_once_a_day_that_is_proven() -> None:
    own, next_day = made(NINE), NINE + 24 * HOUR
    assert may_unasked([], 1, None, surely(NINE))
    assert not may_unasked([], 0, None, surely(NINE))
    assert not may_unasked(own, 1, None, surely(NINE + HOUR))
    assert may_unasked(own, 1, None, surely(next_day))
    # After a start without network it may still be the same day, whatever the clock shows.
    assert not may_unasked(own, 1, None, Moment(NINE + HOUR, EVER))
    unsure = [Standardisation(UUID(int=1), "", Moment(NINE, EVER))]
    assert not may_unasked(unsure, 1, None, surely(next_day))


def test_what_the_registrar_keeps_back_is_used_once_its_time_has_surely_come() -> None:
    midnight = datetime(2026, 6, 2, tzinfo=SHANGHAI)
    assert not may_unasked([], 1, midnight, surely(NINE))
    assert not may_unasked([], 1, midnight, Moment(NINE, EVER))
    assert may_unasked([], 1, midnight, surely(midnight))


def test_the_registrar_lets_no_more_be_made_than_others_may_not_make_unasked() -> None:
    shares = {"north": 1, "south": 1, "east": 1}
    now = surely(NINE + HOUR)
    assert may_ask("north", [], shares, now, USUAL_LIMITS)
    once = made(NINE)
    assert not may_ask("north", once, shares, now, USUAL_LIMITS)  # south and east may yet
    assert may_ask("north", once, {"east": 1}, now, USUAL_LIMITS)  # south has heard
    assert may_ask("east", once, shares, now, USUAL_LIMITS)  # it uses its own
    twice = made(NINE, NINE)
    assert may_ask("north", twice, {}, now, USUAL_LIMITS)
    assert not may_ask("north", twice, {"east": 1}, now, USUAL_LIMITS)
    assert not may_ask("north", made(NINE, NINE, NINE), {}, now, USUAL_LIMITS)
