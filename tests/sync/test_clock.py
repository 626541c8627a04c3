"""The booth's clock: held against the registrar's time, and against what cannot be."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.sync.clock import (
    NOT_AFTER,
    NOT_BEFORE,
    Now,
    ToldTime,
    describe_span,
    find_clock_fault,
    keep_staffs_word,
    keep_told_time,
    read_clocks,
    read_http_date,
    read_staffs_word,
    read_told_time,
    remember_told_time,
    staffs_word_path,
    told_time_path,
)
from kiosk.sync.clock_witness import Witness, find_witness

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


# ---- who vouches for a clock of which the registrar has said nothing since the start ----


AFTER = 5.0, "the next"
"""Seconds after another start of the machine."""


@pytest.mark.parametrize(
    ("wall", "witness", "says"),
    [
        (0.0, "unknown", "before this software was made"),  # no battery, and no network
        (0.0, "hardware clock", "before this software was made"),  # its battery is flat
        (NOON + 3600, "nobody", "vouched for by nobody"),  # it goes on where it was switched off
        (NOON - YEAR / 2, "nobody", "before this software was made"),
        (NOON - 86_400, "hardware clock", "24 hours before the time when"),
        (NOON + 10 * YEAR, "hardware clock", "10 years after the time when"),
        (NOON + 10 * YEAR, "unknown", "10 years after the time when"),
        (NOON + 3600, "hardware clock", None),
        (NOON + 300 * 86_400, "hardware clock", None),  # a year's students later
        (NOON - 86_400, "network time", None),  # the registrar was ahead, and is not asked
        (NOON + 3 * YEAR, "network time", None),  # it stood in a cupboard
        (NOON + 3600, "unknown", None),
    ],
)
def test_after_a_start_somebody_must_vouch_for_a_clock_that_is_plausible(
    wall: float, witness: Witness, says: str | None
) -> None:
    found = find_clock_fault(Now(wall, *AFTER, witness), TOLD, None)
    assert found is None if says is None else says in (found or "")


@pytest.mark.parametrize("wall", [NOT_AFTER + 1, NOON + 10 * YEAR])
def test_a_booth_that_never_heard_its_registrar_is_not_years_ahead(wall: float) -> None:
    assert "years ahead" in (find_clock_fault(now(wall), None, None) or "")


@pytest.mark.parametrize("leap", [-86_400.0, 86_400.0, -YEAR, 10 * YEAR, 400.0])
def test_a_clock_that_leaps_is_felt_and_right_again_once_it_is_set_back(leap: float) -> None:
    before = Now(NOON, *AFTER, "hardware clock")
    later = Now(NOON + 60 + leap, 65.0, "the next", "hardware clock")
    assert find_clock_fault(later, None, None, right=before) is not None
    assert find_clock_fault(replace(later, wall=NOON + 60), None, None, right=before) is None


def test_network_time_that_comes_late_may_set_the_clock() -> None:
    before = Now(NOON, *AFTER, "hardware clock")
    stepped = Now(NOON + 86_400, 65.0, "the next", "network time")
    assert find_clock_fault(stepped, None, None, right=before) is None
    leapt = Now(NOON, 125.0, "the next", "network time")
    assert "leapt" in (find_clock_fault(leapt, None, None, right=stepped) or "")


def test_what_was_right_before_another_start_says_nothing() -> None:
    before = Now(NOON, 9000.0, "this", "hardware clock")
    assert find_clock_fault(Now(NOON + 3600, *AFTER), None, None, right=before) is None


# ---- staff's word ----


def test_staff_vouch_for_a_clock_that_nobody_vouches_for(tmp_path: Path) -> None:
    roster, alone = tmp_path / "roster", Now(NOON, *AFTER, "nobody")
    assert find_clock_fault(alone, None, None) is not None
    word = keep_staffs_word(roster, alone)
    assert read_staffs_word(roster) == word
    assert find_clock_fault(alone, None, None, word=word) is None
    leapt = replace(alone, wall=NOON + 86_400)
    assert "fast against what staff" in (find_clock_fault(leapt, None, None, word=word) or "")
    another = replace(alone, boot="one more")
    assert find_clock_fault(another, None, None, word=word) is not None


@pytest.mark.parametrize(("heard_at", "right"), [(4.0, True), (6.0, False)])
def test_the_last_who_spoke_is_believed(heard_at: float, right: bool) -> None:
    alone = Now(NOON + 60, 65.0, "the next", "nobody")
    word = ToldTime(registrar=NOON, since_boot=5.0, boot="the next")
    ahead = ToldTime(registrar=NOON + YEAR, since_boot=heard_at, boot="the next")
    assert (find_clock_fault(alone, ahead, None, word=word) is None) is right


def test_a_registrar_that_was_a_year_ahead_is_outdone_by_staff_for_good(tmp_path: Path) -> None:
    roster = tmp_path / "roster"
    keep_told_time(roster, TOLD.model_copy(update={"registrar": NOON + YEAR}))
    word = keep_staffs_word(roster, now(NOON + 60))
    assert read_told_time(roster) is None
    # Nor does the roster of that day speak against it, after another start.
    again = Now(NOON + 7200, *AFTER, "hardware clock")
    assert find_clock_fault(again, None, NOON + YEAR, word=word) is None


def test_what_the_registrar_has_said_of_now_or_before_outlives_staffs_word(tmp_path: Path) -> None:
    roster = tmp_path / "roster"
    keep_told_time(roster, TOLD)
    keep_staffs_word(roster, now(NOON + 60))
    assert read_told_time(roster) == TOLD


def test_a_damaged_word_is_none(tmp_path: Path) -> None:
    keep_staffs_word(tmp_path / "roster", now(NOON))
    staffs_word_path(tmp_path / "roster").write_bytes(b"{}")
    assert read_staffs_word(tmp_path / "roster") is None


# ---- what is remembered of the registrar's time ----


def test_what_is_known_already_is_not_written_again_at_each_scan(tmp_path: Path) -> None:
    roster, here = tmp_path / "roster", read_clocks()
    remember_told_time(roster, NOON, here.since_boot, confirmed=True)
    first = told_time_path(roster).stat().st_ino
    remember_told_time(roster, NOON + 60, here.since_boot + 60, confirmed=False)
    assert told_time_path(roster).stat().st_ino == first
    remember_told_time(roster, NOON + 7200, here.since_boot + 61, confirmed=False)
    told = read_told_time(roster)
    assert told is not None
    assert (told.registrar, told.roster_confirmed) == (NOON + 7200, NOON)


def test_who_cannot_tell_which_start_this_is_spoils_nothing_that_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roster, here = tmp_path / "roster", read_clocks()
    remember_told_time(roster, NOON, here.since_boot, confirmed=True)
    monkeypatch.setattr("kiosk.sync.clock._BOOT_ID", tmp_path / "hidden")
    remember_told_time(roster, NOON + 7200, here.since_boot + 61, confirmed=False)
    told = read_told_time(roster)
    assert told is not None
    assert told.registrar_now(here) == NOON


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


# ---- the machine's own witnesses ----


def hardware_clock(folder: Path, *shown: float) -> Path:
    """The kernel's folder of hardware clocks, which show these times."""
    clocks = folder / "rtc"
    clocks.mkdir(exist_ok=True)
    for number, time in enumerate(shown):
        (clocks / f"rtc{number}").mkdir(exist_ok=True)
        (clocks / f"rtc{number}" / "since_epoch").write_text(f"{time:.0f}\n")
    return clocks


def test_a_hardware_clock_speaks_for_what_it_shows_itself(tmp_path: Path) -> None:
    never = tmp_path / "never"
    clocks = hardware_clock(tmp_path)
    assert find_witness(NOON, clocks, never) == "nobody"
    hardware_clock(tmp_path, 61.0)  # its battery is flat: it began anew
    assert find_witness(NOON, clocks, never) == "nobody"
    hardware_clock(tmp_path, 61.0, NOON + 2)
    assert find_witness(NOON, clocks, never) == "hardware clock"
    (clocks / "rtc1" / "since_epoch").write_text("soon")
    assert find_witness(NOON, clocks, never) == "nobody"


def test_network_time_speaks_for_the_clock_and_of_a_machine_without_either_nobody_knows(
    tmp_path: Path,
) -> None:
    synchronised = tmp_path / "synchronized"
    assert find_witness(NOON, tmp_path / "none", synchronised) == "unknown"
    synchronised.touch()
    assert find_witness(NOON, hardware_clock(tmp_path), synchronised) == "network time"
