"""Between runs: the timer's wait longer after each failure; what staff type never waits."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from kiosk.commands.main import main
from kiosk.commands.sync import is_by_timer
from kiosk.sync.backoff import FIRST_WAIT, LONGEST_WAIT, wait_after
from kiosk.sync.clock import BOOT_VARIABLE, Now, read_clocks
from kiosk.sync.errors import ClockWrong
from kiosk.sync.keys import make_signing_key, verify_key_text
from kiosk.sync.last_sync import last_sync_path, note_sync, read_last_sync
from kiosk.sync.outbox import Outbox

NOW = Now(wall=1.8e9, since_boot=500.0, boot="this")


def fail(roster: Path, now: Now, times: int = 1) -> None:
    for _ in range(times):
        note_sync(roster, now, fault="away", sent=0, oldest=None, wait=lambda n: 60.0 * n)


def seconds_left(roster: Path, now: Now) -> float:
    last = read_last_sync(roster)
    assert last is not None
    return last.seconds_left(now)


def test_waits_grow_to_an_hour_and_no_two_booths_wait_alike() -> None:
    for failures in (*range(1, 12), 10**6):
        most = min(FIRST_WAIT * 2 ** min(failures - 1, 20), LONGEST_WAIT)
        drawn = [wait_after(failures, Random(seed)) for seed in range(50)]
        assert all(most / 2 <= seconds <= most for seconds in drawn)
        assert len(set(drawn)) == 50
    assert wait_after(10**6, Random(1)) <= 3600


def test_failures_in_a_row_are_counted_and_a_good_run_ends_the_row(tmp_path: Path) -> None:
    roster = tmp_path / "roster"
    fail(roster, NOW, times=3)
    assert seconds_left(roster, NOW) == 180.0
    assert seconds_left(roster, replace(NOW, since_boot=600.0)) == 80.0
    assert seconds_left(roster, replace(NOW, since_boot=680.0)) == 0.0
    note_sync(roster, NOW, fault=None, sent=1, oldest=None)
    assert seconds_left(roster, NOW) == 0.0
    fail(roster, NOW)
    assert seconds_left(roster, NOW) == 60.0


@pytest.mark.parametrize("wall", [0.0, 1.0e9, 4.0e9])
def test_a_clock_that_is_set_changes_no_wait(tmp_path: Path, wall: float) -> None:
    fail(tmp_path / "roster", NOW)
    assert seconds_left(tmp_path / "roster", replace(NOW, wall=wall)) == 60.0


def test_a_new_start_of_the_machine_waits_for_nothing(tmp_path: Path) -> None:
    roster = tmp_path / "roster"
    fail(roster, replace(NOW, since_boot=90_000.0))
    assert seconds_left(roster, Now(NOW.wall, 30.0, "next")) == 0.0
    fail(roster, replace(NOW, since_boot=90_000.0, boot=""))
    assert seconds_left(roster, Now(NOW.wall, 30.0, "")) == 0.0  # which start it is nobody tells


def test_what_is_noted_otherwise_holds_up_nothing(tmp_path: Path) -> None:
    roster = tmp_path / "roster"
    for text in ('{"at":1.0,"failures":3,"next_since_boot":1e300}', '{"at":1.0}', "{", ""):
        last_sync_path(roster).write_text(text)
        last = read_last_sync(roster)
        assert last is None or last.seconds_left(replace(NOW, boot="")) == 0.0


def test_the_timers_runs_are_told_from_those_that_are_typed() -> None:
    assert is_by_timer({"TRIGGER_UNIT": "kiosk-sync.timer"})
    assert not is_by_timer({})
    assert not is_by_timer({"INVOCATION_ID": "1"})


def test_a_unit_without_the_kernels_files_knows_its_start_by_systemd(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = read_clocks({}).boot
    assert len(here) == 32
    monkeypatch.setattr("kiosk.sync.clock._BOOT_ID", tmp_path / "hidden")
    assert read_clocks({BOOT_VARIABLE: here}).boot == here
    assert read_clocks({}).boot == ""
    for unit in ("kiosk-sync.service", "kiosk-resolver.service"):
        text = (Path(__file__).parents[2] / "systemd" / unit).read_text()
        assert f"Environment={BOOT_VARIABLE}=%b\n" in text  # systemd.unit(5), specifiers


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A booth whose registrar is not there."""
    key = verify_key_text(make_signing_key(tmp_path / "signing.key").verify_key)
    Outbox(tmp_path / "outbox.sqlite")
    path = tmp_path / "kiosk.toml"
    path.write_text(
        f'[sync]\nregistrar = "http://127.0.0.1:9/"\nsigning_key_file = "signing.key"\n'
        f'registrar_public_key = "{key}"\nregistrar_verify_key = "{key}"\n'
        f'outbox = "{tmp_path}/outbox.sqlite"\nroster = "{tmp_path}/roster"\n'
    )
    return path


def run(config: Path, *words: str) -> int:
    return main(["--config", str(config), "sync", *words])


def test_the_timers_next_run_ends_at_once_and_a_typed_one_tries(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("kiosk.sync.backoff.FIRST_WAIT", LONGEST_WAIT)
    monkeypatch.setenv("TRIGGER_UNIT", "kiosk-sync.timer")
    assert run(config) == 1
    assert "cannot be reached" in capsys.readouterr().err
    assert run(config) == 0
    said = capsys.readouterr().err
    assert "the next that tries is in" in said
    assert "sudo kiosk sync" in said
    assert run(config, "--now") == 1
    monkeypatch.delenv("TRIGGER_UNIT")
    assert run(config) == 1
    last = read_last_sync(config.parent / "roster")
    assert last is not None
    assert last.failures == 3


def test_a_registrar_whose_clock_differs_is_asked_each_minute(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def differ(*_: object) -> int:
        raise ClockWrong("registrar: the booth's clock is 31536000 s slow")

    monkeypatch.setattr("kiosk.commands.sync._sync", differ)
    monkeypatch.setenv("TRIGGER_UNIT", "kiosk-sync.timer")
    for _ in range(2):
        assert run(config) == 1
    last = read_last_sync(config.parent / "roster")
    assert last is not None
    assert last.seconds_left(read_clocks()) == 0.0
