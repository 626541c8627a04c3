"""Clocks played at a booth: when it stops, when it serves again, and what time a photo says."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from kiosk.booth.registrar_link import SyncLink, open_link
from kiosk.config import Config
from kiosk.demo.town import Town
from kiosk.errors import SyncError
from kiosk.sync.clock import (
    Now,
    ToldTime,
    find_clock_fault,
    keep_staffs_word,
    keep_told_time,
    read_clocks,
    read_told_time,
)
from kiosk.sync.clock_witness import Witness
from tests.booth.test_registrar_link import open_on

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC).timestamp()
HOUR, DAY, YEAR = 3600.0, 86_400.0, 365.25 * 86_400


@dataclass
class Machine:
    """A booth's machine: its clocks, and a registrar that tells the time when it is reached."""

    folder: Path
    wall: float = NOON
    since_boot: float = 100.0
    starts: int = 1
    witness: Witness = "nobody"

    def now(self) -> Now:
        return Now(self.wall, self.since_boot, f"start {self.starts}", self.witness)

    def pass_time(self, seconds: float) -> None:
        self.wall += seconds
        self.since_boot += seconds

    def start_anew(self, wall: float, witness: Witness) -> None:
        self.wall, self.since_boot, self.witness = wall, 5.0, witness
        self.starts += 1

    @property
    def roster(self) -> Path:
        return self.folder / "roster.extract"

    def hear(self, registrar: float) -> None:
        """Reach the registrar, whose clock shows this."""
        now = self.now()
        told = ToldTime(registrar=registrar, since_boot=now.since_boot, boot=now.boot)
        keep_told_time(self.roster, told)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setattr("kiosk.booth.registrar_link.read_clocks", made.now)
    return made


@pytest.fixture
def link(machine: Machine) -> SyncLink:
    machine.hear(NOON)
    opened = open_on(machine.folder)
    assert opened.has_right_clock()
    return opened


def test_a_start_without_network_in_1970_stops_the_booth_until_the_registrar_is_heard(
    machine: Machine, link: SyncLink
) -> None:
    machine.start_anew(12.0, "nobody")
    booth = open_on(machine.folder)
    assert not booth.has_right_clock()
    machine.hear(NOON + DAY)
    assert not booth.has_right_clock()  # it is heard, and the clock is still wrong
    machine.wall = NOON + DAY
    assert booth.has_right_clock()


@pytest.mark.parametrize("wall", [NOON - YEAR, NOON + 10 * YEAR, NOON - DAY])
@pytest.mark.parametrize("witness", ["hardware clock", "nobody"])
def test_a_year_back_and_ten_ahead_stop_the_booth_until_staff_set_the_clock(
    machine: Machine, link: SyncLink, wall: float, witness: Witness
) -> None:
    machine.start_anew(wall, witness)
    booth = open_on(machine.folder)
    assert not booth.has_right_clock()
    machine.wall = NOON + HOUR
    keep_staffs_word(machine.roster, machine.now())
    assert booth.has_right_clock()


def test_a_clock_that_goes_on_where_it_was_switched_off_is_not_believed(
    machine: Machine, link: SyncLink
) -> None:
    machine.start_anew(NOON + HOUR, "nobody")  # no battery: the night is not in it
    booth = open_on(machine.folder)
    assert not booth.has_right_clock()
    machine.witness, machine.wall = "network time", NOON + 20 * HOUR
    assert booth.has_right_clock()


def test_the_booth_serves_again_by_itself_once_the_registrars_clock_is_right(
    machine: Machine, link: SyncLink
) -> None:
    machine.pass_time(60)
    machine.hear(NOON + YEAR)
    assert not link.has_right_clock()
    machine.pass_time(60)
    machine.hear(NOON + 120)
    assert link.has_right_clock()


def test_network_time_is_believed_after_a_start_over_a_registrar_that_was_a_year_ahead(
    machine: Machine, link: SyncLink
) -> None:
    machine.hear(NOON + YEAR)
    machine.start_anew(NOON + HOUR, "network time")
    assert open_on(machine.folder).has_right_clock()


@pytest.mark.parametrize("leap", [DAY, -DAY])
def test_a_photo_says_when_it_was_taken_though_the_clock_leapt_in_the_visit(
    machine: Machine, leap: float
) -> None:
    machine.witness = "hardware clock"
    link = open_on(machine.folder)
    assert link.has_right_clock()
    machine.pass_time(40.0)
    machine.wall += leap
    assert link._taken_at() == datetime.fromtimestamp(NOON + 40.0, UTC)
    assert not link.has_right_clock()  # and nobody is served after it
    machine.wall -= leap
    assert link.has_right_clock()


@pytest.mark.parametrize("wall", [0.0, 12.0, NOON + 10 * YEAR])
def test_no_photo_says_that_it_was_taken_when_nobody_knows(machine: Machine, wall: float) -> None:
    machine.start_anew(wall, "nobody")
    with pytest.raises(SyncError, match="clock is wrong"):
        open_on(machine.folder)._taken_at()


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
def test_the_machines_zone_makes_no_clock_wrong(machine: Machine, link: SyncLink) -> None:
    machine.pass_time(DAY)
    assert link.has_right_clock()
    assert link._taken_at() == datetime.fromtimestamp(NOON + DAY, UTC)


def test_staffs_word_is_in_the_log_once(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    booth = open_on(machine.folder)
    assert not booth.has_right_clock()
    keep_staffs_word(machine.roster, machine.now())
    assert booth.has_right_clock()
    assert booth.has_right_clock()
    said = [one.getMessage() for one in caplog.records if "staff have said" in one.getMessage()]
    assert len(said) == 1


def test_the_registrars_time_stays_what_quotas_go_by(machine: Machine, link: SyncLink) -> None:
    machine.wall += DAY
    keep_staffs_word(machine.roster, machine.now())
    told = read_told_time(machine.roster)
    assert told is not None
    assert told.registrar_now(replace(machine.now(), since_boot=160.0)) == NOON + 60


def test_a_scan_that_reaches_the_registrar_tells_the_time(tmp_path: Path) -> None:
    with Town(tmp_path, Config(), headless=True) as town:
        link = open_link(town.config, uuid4)
        assert read_told_time(town.config.sync.roster) is None
        link.resolve(town.capture_code)
        told = read_told_time(town.config.sync.roster)
    now = read_clocks()
    assert told is not None
    assert told.boot == now.boot
    assert find_clock_fault(now, told, None) is None
    ahead = replace(now, wall=now.wall + DAY)
    assert "fast against the registrar's" in (find_clock_fault(ahead, told, None) or "")
