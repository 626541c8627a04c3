"""The booth's clock: held against the registrar's time, and against what cannot be."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.sync.clock import (
    NOT_BEFORE,
    Now,
    ToldTime,
    describe_span,
    find_clock_fault,
    keep_told_time,
    read_clocks,
    read_http_date,
    read_told_time,
    told_time_path,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp()
TOLD = ToldTime(registrar=NOON, since_boot=100.0, boot="this")
YEAR = 365.25 * 86_400


def now(wall: float, since_boot: float = 160.0, boot: str = "this") -> Now:
    return Now(wall, since_boot, boot)


@pytest.mark.parametrize("off", [-290.0, 0.0, 290.0])
def test_a_clock_that_goes_with_the_registrars_is_right(off: float) -> None:
    assert find_clock_fault(now(NOON + 60 + off), TOLD, None) is None


@pytest.mark.parametrize(
    ("off", "says"),
    [
        (-400.0, "7 minutes slow"),
        (3 * 3600.0, "3 hours fast"),
        (-60 * 86_400.0, "60 days slow"),
        (10 * YEAR, "10 years fast"),
        (-NOON, "56 years slow"),
    ],
)
def test_a_clock_that_differs_from_the_registrars_is_told_by_how_much(
    off: float, says: str
) -> None:
    assert says in (find_clock_fault(now(NOON + 60 + off), TOLD, None) or "")


def test_a_clock_that_is_set_right_meanwhile_needs_no_network_to_be_believed() -> None:
    ahead = Now(NOON + 10 * YEAR, 100.0, "this")
    told = ToldTime(registrar=NOON, since_boot=ahead.since_boot, boot=ahead.boot)
    assert find_clock_fault(ahead, told, None) is not None
    assert find_clock_fault(now(NOON + 60), told, None) is None
    assert find_clock_fault(now(NOON + 60 - 7200), told, None) is not None


@pytest.mark.parametrize("wall", [60.0, NOT_BEFORE - 1000, NOON - 86_400])
def test_after_a_start_the_clock_cannot_be_before_the_registrar_was_heard(wall: float) -> None:
    assert find_clock_fault(now(wall, 5.0, "the next"), TOLD, None) is not None


def test_after_a_start_days_later_the_clock_is_plausible_until_the_registrar_is_asked() -> None:
    assert find_clock_fault(now(NOON + 30 * 86_400, 5.0, "the next"), TOLD, None) is None


def test_a_registrar_that_was_ahead_is_forgotten_once_it_says_otherwise() -> None:
    ahead = ToldTime(registrar=NOON + 10 * YEAR, since_boot=100.0, boot="this")
    assert "10 years slow" in (find_clock_fault(now(NOON + 60), ahead, None) or "")
    assert find_clock_fault(now(NOON + 60), TOLD, NOON + 10 * YEAR) is None


def test_without_the_registrars_time_the_rosters_and_the_softwares_age_bound_it() -> None:
    assert find_clock_fault(now(60.0), None, None) is not None
    assert find_clock_fault(now(NOON - 3600), None, NOON) is not None
    assert find_clock_fault(now(NOON), None, NOON) is None
    assert find_clock_fault(now(NOON), None, None) is None


@pytest.mark.parametrize("wall", [1e300, -1e300, 1e18])
def test_a_clock_beyond_all_calendars_is_told_in_words(wall: float) -> None:
    assert "booth's clock" in (find_clock_fault(now(wall), TOLD, None) or "")


def test_the_software_is_older_than_today() -> None:
    assert read_clocks().wall > NOT_BEFORE


def test_the_told_time_is_kept_beside_the_roster_and_damage_is_as_none(tmp_path: Path) -> None:
    roster = tmp_path / "roster.extract"
    assert read_told_time(roster) is None
    keep_told_time(roster, TOLD)
    assert read_told_time(roster) == TOLD
    for damage in (b"", b"{}", b'{"registrar": "noon"}', b"\xff" * 40):
        told_time_path(roster).write_bytes(damage)
        assert read_told_time(roster) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Mon, 01 Jun 2026 12:00:00 GMT", NOON),
        (None, None),
        ("", None),
        ("soon", None),
        ("Mon, 99 Jun 2026 12:00:00 GMT", None),
        ("Mon, 01 Jun 99999999999 12:00:00 GMT", None),
    ],
)
def test_an_answers_date_is_read_or_passed_over(text: str | None, seconds: float | None) -> None:
    assert read_http_date(text) == seconds


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (119, "119 s"), (600, "10 minutes"), (7200, "2 hours"), (-YEAR * 3, "3 years")],
)
def test_a_span_is_told_in_the_unit_that_fits(seconds: float, words: str) -> None:
    assert describe_span(seconds) == words
