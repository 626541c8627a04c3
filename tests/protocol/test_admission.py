"""Who may be photographed now: the rules of quota, review and permit, by a student's history."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.admission import (
    SHANGHAI,
    History,
    Limits,
    PhotoState,
    Refusal,
    Standardisation,
    bound_times,
    find_refusal,
    waits_until,
)

NOON = datetime(2026, 6, 3, 12, tzinfo=SHANGHAI)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LIMITS = Limits()


def made(*times: datetime) -> frozenset[Standardisation]:
    return frozenset(Standardisation(UUID(int=n), at) for n, at in enumerate(times))


@pytest.mark.parametrize(
    ("photos", "refusal"),
    [
        ((), None),
        (("unreviewed",), "already_photographed"),
        (("approved",), "photo_approved"),
        (("refused",), None),
        (("refused", "unreviewed"), "already_photographed"),
        (("refused", "refused"), None),
        (("refused", "refused", "refused"), "resubmissions_used"),
        (("comparison_failed",), "comparison_failed"),
        (("refused", "comparison_failed"), "comparison_failed"),
    ],
)
def test_a_photo_is_replaced_only_where_it_was_refused_and_twice_at_most(
    photos: tuple[PhotoState, ...], refusal: Refusal | None
) -> None:
    assert find_refusal(History(photos), NOON, LIMITS) == refusal


@pytest.mark.parametrize("newest", ["unreviewed", "approved", "refused", "comparison_failed"])
def test_who_is_permitted_may_come_whatever_became_of_their_photos(newest: PhotoState) -> None:
    photos: tuple[PhotoState, ...] = ("refused", "refused", "refused", newest)
    assert find_refusal(History(photos, is_permitted=True), NOON, LIMITS) is None


def test_after_three_on_a_day_a_student_waits_24_hours_from_the_third() -> None:
    three = made(NOON, NOON + HOUR, NOON + 2 * HOUR)
    assert find_refusal(History(standardised=made(NOON, NOON + HOUR)), NOON + HOUR, LIMITS) is None
    for later in (timedelta(0), HOUR, 24 * HOUR - MINUTE):
        history = History(standardised=three)
        assert find_refusal(history, NOON + 2 * HOUR + later, LIMITS) == "wait"
        assert waits_until(three, NOON + 2 * HOUR + later, LIMITS) == NOON + 26 * HOUR
    assert find_refusal(History(standardised=three), NOON + 26 * HOUR, LIMITS) is None


def test_a_permit_does_not_shorten_the_wait() -> None:
    three = made(NOON, NOON, NOON)
    assert find_refusal(History((), three, is_permitted=True), NOON + HOUR, LIMITS) == "wait"


def test_a_day_is_shanghais_whatever_zone_the_times_are_in() -> None:
    midnight = datetime(2026, 6, 4, tzinfo=SHANGHAI)
    over_midnight = [midnight - MINUTE, midnight - MINUTE, midnight + MINUTE]
    in_utc = made(*(at.astimezone(UTC) for at in over_midnight))
    assert waits_until(in_utc, midnight + 2 * MINUTE, LIMITS) is None
    one_day_of_utc = made(*(midnight + n * MINUTE for n in range(3)))
    assert waits_until(one_day_of_utc, midnight + 3 * MINUTE, LIMITS) is not None


def test_a_clock_that_was_set_back_opens_nothing() -> None:
    three = made(NOON, NOON, NOON)
    assert waits_until(three, NOON - timedelta(days=365), LIMITS) == NOON + 24 * HOUR


def test_a_clock_that_was_fast_keeps_nobody_waiting_for_years() -> None:
    in_ten_years = NOON + timedelta(days=3650)
    counted = bound_times(made(in_ten_years, in_ten_years, in_ten_years), received=NOON)
    assert waits_until(counted, NOON, LIMITS) == NOON + 24 * HOUR


TIMES = st.integers(0, 5 * 24 * 60).map(lambda minutes: NOON + minutes * MINUTE)
COUNTED = st.frozensets(
    st.builds(Standardisation, st.integers(0, 6).map(lambda n: UUID(int=n)), TIMES), max_size=9
)


@given(COUNTED, COUNTED, COUNTED)
def test_what_booths_counted_comes_to_the_same_in_whatever_order_and_however_often_it_is_told(
    one: frozenset[Standardisation],
    two: frozenset[Standardisation],
    three: frozenset[Standardisation],
) -> None:
    together = History().merged(one).merged(two).merged(three)
    assert together == History().merged(three).merged(two).merged(one).merged(two)
    ids = {each.id for each in (*one, *two, *three)}
    assert {each.id for each in together.standardised} == ids
    assert len(together.standardised) == len(ids)


@given(st.lists(TIMES, max_size=40))
def test_no_day_has_a_fourth_standardisation_however_often_a_student_comes(
    tries: list[datetime],
) -> None:
    history = History()
    for number, at in enumerate(sorted(tries)):
        if find_refusal(history, at, LIMITS) is None:
            history = history.merged([Standardisation(UUID(int=number), at)])
    times = sorted(each.at for each in history.standardised)
    days = [at.astimezone(SHANGHAI).date() for at in times]
    assert max(map(days.count, days), default=0) <= LIMITS.standardisations_a_day
    for first, fourth in zip(times, times[3:], strict=False):
        same_day = days[times.index(first)] == days[times.index(first) + 2]
        assert not same_day or fourth - times[times.index(first) + 2] >= LIMITS.wait
