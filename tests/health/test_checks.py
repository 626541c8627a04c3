"""The checks themselves, and what doctor looks at besides the devices: models, fonts, voice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.config import Config, DisplaySettings, ModelSettings, VoiceSettings
from kiosk.display import fonts
from kiosk.errors import SyncError
from kiosk.health import STATUS, THOROUGH, Check, Finding, Site, find
from kiosk.models import load_manifest
from kiosk.sync.clock import read_clocks
from kiosk.upkeep.spare_parts import SPARE_PARTS
from kiosk.voice.files import place_of
from kiosk.voice.phrases import utterances
from tests.health.well_booth import find_check


def found_at(name: str, config: Config) -> Finding:
    """What doctor's check says first of a booth that does not run."""
    site = Site(config, read_clocks(), thorough=True)
    return find_check(name, thorough=True)(site)[0]


@pytest.mark.parametrize("checks", [STATUS, THOROUGH])
def test_each_check_is_told_once_and_by_a_name_of_its_own(checks: tuple[Check, ...]) -> None:
    names = [check.name for check in checks]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("error", [SyncError, ImportError, OSError])
def test_a_check_that_ends_with_a_named_error_has_found_a_fault(error: type[Exception]) -> None:
    def look(_: Site) -> Iterator[Finding]:
        yield Finding("way", "ok", "so far")
        raise error("the way is shut; go round")

    assert Check("way", look)(Site(Config(), read_clocks())) == [
        Finding("way", "ok", "so far"),
        Finding("way", "fail", "the way is shut", "go round"),
    ]


@pytest.mark.parametrize(
    ("words", "says", "next_step"),
    [
        ("/x: is gone; make it: mkdir /x", "/x: is gone", "make it: mkdir /x"),
        ("/x: photos are missing. Stop the booth; or not", "/x: photos are missing", "Stop"),
        ("tty cannot be read (No such file): plug it in", "tty cannot be read (No such file)", "p"),
        ("/x: is missing", "/x: is missing", ""),
    ],
)
def test_an_errors_words_are_parted_before_the_way_out(
    words: str, says: str, next_step: str
) -> None:
    found = find("way", "fail", words, spare="camera")
    assert found.says == says
    assert found.next_step.startswith(next_step)
    assert bool(found.next_step) == bool(next_step)
    assert found.as_json()["spare_part"] == SPARE_PARTS["camera"].name


def test_a_booth_before_its_first_student_is_well(tmp_path: Path) -> None:
    usual = Config()
    sync = usual.sync.model_copy(
        update={"outbox": tmp_path / "deep" / "outbox.sqlite", "roster": tmp_path / "roster"}
    )
    config = usual.model_copy(update={"sync": sync})
    assert found_at("outbox", config) == Finding("outbox", "ok", "0 waiting, 0 sent")
    assert found_at("disk", config).says.endswith(f"GB free, can be written ({tmp_path})")
    for name in ("roster", "sync", "keys", "registrar", "owners"):
        assert found_at(name, config).verdict == "unknown"


def test_models_that_are_missing_are_told_apart_by_what_the_booth_can_do_without(
    tmp_path: Path, models_store: Path
) -> None:
    config = Config(models=ModelSettings(store=tmp_path))
    found = found_at("models", config)
    assert found.verdict == "fail"
    assert "is missing, so nobody is photographed" in found.says
    assert "kiosk models --fetch" in found.next_step
    for model in load_manifest().values():
        if model.required:
            (tmp_path / model.file).symlink_to(models_store / model.file)
    warned = find_check("models", thorough=True)(Site(config, read_clocks(), thorough=True))
    assert {found.verdict for found in warned} == {"warn"}
    says = "face_antispoof is missing, so not judged: whether a person stands"
    assert any(says in found.says for found in warned)


def test_phrases_that_are_not_heard_are_told_with_the_way_out(tmp_path: Path) -> None:
    config = Config(voice=VoiceSettings(store=tmp_path))
    found = found_at("voice", config)
    assert (found.verdict, found.next_step) == ("warn", "sudo kiosk voice --make")
    for utterance in utterances():
        path = place_of(utterance, tmp_path, "espeak-ng-9.1")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert found_at("voice", config).says.endswith("phrases, spoken by espeak-ng-9.1")
    assert found_at("voice", Config(voice=VoiceSettings(enabled=False))).verdict == "ok"


def test_a_screen_too_small_for_its_distance_is_told_with_the_keys_to_correct() -> None:
    small = DisplaySettings(size=(800, 480), diagonal=7)
    found = found_at("screens", Config(display=small))
    assert found.verdict == "ok"
    assert found.says.endswith("800 × 480, 7″, seen from 0.6 m")
    found = found_at("screens", Config(display=small.model_copy(update={"distance": 1.25})))
    assert found.verdict == "fail"
    assert "correct size, diagonal and distance in [display]" in found.says + found.next_step


def test_fonts_that_names_need_are_named_with_their_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found_at("fonts", Config()).verdict == "ok"
    monkeypatch.setattr(fonts, "FONTS", tmp_path)
    fonts.fallback_faces.cache_clear()
    found = found_at("fonts", Config())
    fonts.fallback_faces.cache_clear()
    assert found.verdict == "fail"
    assert "𡈙" in found.says
    assert "apt install fonts-hanazono fonts-babelstone-han fonts-noto-core" in found.next_step
