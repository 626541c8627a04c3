"""The checks of `kiosk doctor` and `kiosk status`: each says what it found, whatever it meets."""

from pathlib import Path

import pytest

from kiosk import health
from kiosk.config import Config, LampSettings
from kiosk.errors import SyncError
from kiosk.health import CHECKS, Check, Finding


def at(folder: Path) -> Config:
    """A configuration whose outbox and roster lie in a folder."""
    config = Config()
    sync = config.sync.model_copy(
        update={"outbox": folder / "deep" / "outbox.sqlite", "roster": folder / "roster.extract"}
    )
    return config.model_copy(update={"sync": sync})


AT_REST = ["models", "outbox", "roster", "clock", "disk", "owners", "temperature"]


def find(name: str, config: Config) -> Finding:
    return next(check for check in CHECKS if check.name == name)(config)


def test_each_check_has_a_name_of_its_own_and_status_does_those_at_rest() -> None:
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    assert [c.name for c in CHECKS if c.at_rest] == AT_REST


@pytest.mark.parametrize("error", [SyncError("no way"), ImportError("no way"), OSError("no way")])
def test_a_check_that_ends_with_a_named_error_has_found_a_fault(error: Exception) -> None:
    def judge(_: Config) -> tuple[bool, str]:
        raise error

    assert Check("way", judge, at_rest=True)(Config()) == Finding("way", False, "no way")


def test_a_booth_before_its_first_student_is_well(tmp_path: Path) -> None:
    assert find("outbox", at(tmp_path)).ok is True
    assert find("roster", at(tmp_path)).ok is None
    found = find("disk", at(tmp_path))
    assert found.says.endswith(f"GB free at {tmp_path}, and writable")


def test_a_disk_without_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.sync.write_probe.LEAST_FREE_BYTES", 1 << 62)
    assert find("disk", at(tmp_path)).ok is False


@pytest.mark.parametrize(("text", "ok"), [("45000\n", True), ("81000\n", False), ("hot", None)])
def test_the_temperature_is_judged_where_the_machine_tells_it(
    text: str, ok: bool | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temp").write_text(text)
    monkeypatch.setattr(health, "THERMOMETER", tmp_path / "temp")
    assert find("temperature", Config()).ok is ok


def test_a_scanner_that_is_not_plugged_in_is_named(tmp_path: Path) -> None:
    reader = Config().reader.model_copy(update={"kind": "serial", "device": tmp_path / "tty"})
    found = find("reader", Config().model_copy(update={"reader": reader}))
    assert found.ok is False
    assert str(tmp_path / "tty") in found.says


def test_every_lamp_is_told_with_its_pin() -> None:
    found = find("lamps", Config())
    assert found.ok is True
    for name, pin in LampSettings().pins.items():
        assert f"{name} on GPIO{pin}" in found.says
