"""`kiosk clock`: how the clock stands, and staff's word where nobody else can be asked."""

from pathlib import Path

import pytest

from kiosk.commands.main import main
from kiosk.sync.clock import Now, ToldTime, keep_told_time, read_staffs_word

NOON = 1_780_286_400.0
"""2026-06-01 12:00 in China."""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A booth without network, on a machine whose clock nobody vouches for."""
    monkeypatch.setattr("kiosk.sync.clock.read_clocks", lambda: Now(NOON, 60.0, "this", "nobody"))
    path = tmp_path / "kiosk.toml"
    path.write_text(f'[sync]\nroster = "{tmp_path}/roster"\noutbox = "{tmp_path}/outbox"\n')
    return path


def clock(config: Path, *words: str) -> int:
    return main(["--config", str(config), "clock", *words])


def test_staff_vouch_for_the_clock_by_a_watch(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clock(config) == 1
    said = capsys.readouterr().err
    assert "vouched for by nobody" in said
    assert "sudo kiosk clock confirm" in said
    assert clock(config, "confirm") == 0
    assert "2026-06-01 12:00:00 in China" in capsys.readouterr().out
    assert clock(config, "status") == 0
    assert "staff's word: heard 0 s ago" in capsys.readouterr().out
    word = read_staffs_word(config.parent / "roster")
    assert word is not None
    assert word.registrar == NOON


def test_a_registrar_that_contradicts_is_told(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ToldTime(registrar=NOON + 7200, since_boot=60.0, boot="this")
    keep_told_time(config.parent / "roster", told)
    assert clock(config) == 1
    assert "2 hours slow against the registrar's" in capsys.readouterr().err


def test_a_word_that_cannot_be_kept_is_no_traceback(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config.parent / "roster.clock-confirmed").mkdir()
    assert clock(config, "confirm") == 2
    assert "cannot be kept" in capsys.readouterr().err
