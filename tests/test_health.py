"""The checks of `kiosk doctor` and `kiosk status`: each says what it found, whatever it meets."""

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk import health
from kiosk.config import Config, DisplaySettings, LampSettings, ModelSettings, VoiceSettings
from kiosk.display import fonts
from kiosk.errors import SyncError
from kiosk.health import CHECKS, Check, Finding
from kiosk.models import load_manifest
from kiosk.sync.clock import Now, ToldTime, keep_told_time
from kiosk.sync.keys import verify_key_text
from kiosk.sync.outbox import Outbox
from kiosk.sync.roster import RosterExtract, keep_extract
from kiosk.voice.files import place_of
from kiosk.voice.phrases import utterances
from protocol.roster import sign_extract
from tests.sync.test_outbox import envelope


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


# ---- what stands between a booth and its next photo ----


@pytest.fixture
def enrolled(tmp_path: Path) -> tuple[Config, SigningKey]:
    """A configuration with a registrar's key, and that key."""
    key = SigningKey(b"k" * 32)
    config = at(tmp_path)
    verify_key = verify_key_text(key.verify_key)
    sync = config.sync.model_copy(update={"registrar_verify_key": verify_key})
    return config.model_copy(update={"sync": sync}), key


def set_clocks(monkeypatch: pytest.MonkeyPatch, now: Now) -> None:
    monkeypatch.setattr("kiosk.sync.clock.read_clocks", lambda: now)


def keep_roster(config: Config, key: SigningKey, issued_at: datetime) -> None:
    signed = sign_extract({}, issued_at, b"s" * 32, key)
    keep_extract(config.sync.roster, RosterExtract.open(signed, key.verify_key))


ISSUED = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("after_days", "ok", "says"),
    [
        (0, True, "0 entries, as the registrar had them 0 s ago"),
        (6, True, "6 days ago"),
        (60, False, "60 days ago; who was enrolled"),
        (-20_000, False, "made 55 years after this clock's time"),
        (-3650, False, "made 10 years after"),
    ],
)
def test_a_roster_is_well_while_it_is_fresh(
    after_days: int,
    ok: bool,
    says: str,
    enrolled: tuple[Config, SigningKey],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config, key = enrolled
    keep_roster(config, key, ISSUED)
    set_clocks(monkeypatch, Now(ISSUED.timestamp() + after_days * 86_400, 10.0, "this"))
    found = find("roster", config)
    assert found.ok is ok
    assert says in found.says


def test_a_roster_that_has_not_changed_is_as_fresh_as_its_last_confirmation(
    enrolled: tuple[Config, SigningKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    config, key = enrolled
    keep_roster(config, key, ISSUED)
    later = ISSUED.timestamp() + 90 * 86_400
    confirmed = ToldTime(registrar=later, since_boot=1.0, boot="", roster_confirmed=later)
    keep_told_time(config.sync.roster, confirmed)
    set_clocks(monkeypatch, Now(later + 600, 10.0, "this"))
    assert find("roster", config).ok is True


def test_a_clock_of_1970_is_told_and_so_is_one_that_the_registrar_contradicts(
    enrolled: tuple[Config, SigningKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    config, key = enrolled
    set_clocks(monkeypatch, Now(60.0, 10.0, "this"))
    assert find("clock", config).ok is False
    keep_roster(config, key, ISSUED)
    set_clocks(monkeypatch, Now(ISSUED.timestamp() - 86_400, 10.0, "this"))
    assert find("clock", config).ok is False
    told = ToldTime(registrar=ISSUED.timestamp(), since_boot=0.0, boot="this")
    keep_told_time(config.sync.roster, told)
    assert "24 hours slow" in find("clock", config).says
    set_clocks(monkeypatch, Now(ISSUED.timestamp() + 10, 10.0, "this"))
    assert find("clock", config) == Finding("clock", True, "as the registrar's")


def test_a_photo_that_is_set_aside_or_missing_is_told_with_the_way_out(tmp_path: Path) -> None:
    config = at(tmp_path)
    outbox = Outbox(config.sync.outbox)
    outbox.put(envelope(1))
    outbox.set_aside(1, "its sealed photo is damaged")
    found = find("outbox", config)
    assert found.ok is False
    assert "1 set aside (photo 1: its sealed photo is damaged)" in found.says
    assert "kiosk sync --retry-set-aside" in found.says
    for lose in (lambda: config.sync.outbox.write_bytes(b""), config.sync.outbox.unlink):
        lose()
        found = find("outbox", config)
        assert found.ok is False
        assert "kiosk sync --accept-loss" in found.says


def test_a_missing_folder_and_one_that_cannot_be_written_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    assert find("disk", at(tmp_path)).ok is True
    monkeypatch.setattr("kiosk.sync.write_probe.os.fsync", fail)
    found = find("disk", at(tmp_path))
    assert found.ok is False
    assert "Read-only file system" in found.says


def test_files_of_another_owner_are_named_with_the_command_that_gives_them_back(
    tmp_path: Path,
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    config = at(tmp_path)
    assert find("owners", config).ok is None
    Outbox(config.sync.outbox).put(envelope(1))
    assert find("owners", config).ok is True
    os.chown(config.sync.outbox, 65534, 65534)
    found = find("owners", config)
    assert found.ok is False
    assert f"sudo chown -R 0:0 {config.sync.outbox}" in found.says


def test_models_that_are_missing_are_told_apart_by_what_the_booth_can_do_without(
    tmp_path: Path, models_store: Path
) -> None:
    config = Config(models=ModelSettings(store=tmp_path))
    assert find("models", config).ok is False
    assert "face_detector_full_range is missing, so nobody is photographed" in (
        find("models", config).says
    )
    for model in load_manifest().values():
        if model.required:
            (tmp_path / model.file).symlink_to(models_store / model.file)
    found = find("models", config)
    assert found.ok is None
    assert "face_antispoof is missing, so not judged: whether a person stands" in found.says


def test_phrases_that_are_not_heard_are_told_with_the_way_out(tmp_path: Path) -> None:
    config = Config(voice=VoiceSettings(store=tmp_path))
    found = find("voice", config)
    assert found.ok is None
    assert "kiosk voice --make" in found.says
    for utterance in utterances():
        path = place_of(utterance, tmp_path, "espeak-ng-9.1")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = find("voice", config)
    assert found.ok
    assert found.says.endswith("phrases, spoken by espeak-ng-9.1")
    assert find("voice", Config(voice=VoiceSettings(enabled=False))).ok


def test_a_screen_too_small_for_its_distance_is_told_with_the_keys_to_correct() -> None:
    small = DisplaySettings(size=(800, 480), diagonal=7)
    found = find("screens", Config(display=small))
    assert found.ok
    assert found.says.endswith("800 × 480, 7″, seen from 0.6 m")
    found = find("screens", Config(display=small.model_copy(update={"distance": 1.25})))
    assert found.ok is False
    assert "correct size, diagonal and distance in [display]" in found.says


def test_fonts_that_names_need_are_named_with_their_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find("fonts", Config()).ok
    monkeypatch.setattr(fonts, "FONTS", tmp_path)
    fonts.fallback_faces.cache_clear()
    found = find("fonts", Config())
    fonts.fallback_faces.cache_clear()
    assert found.ok is False
    assert "𡈙" in found.says
    assert "apt install fonts-hanazono fonts-noto-core" in found.says
