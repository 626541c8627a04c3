"""What is said when: one phrase at a time, once, never late and never over a chime."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

import pygame
import pytest

from kiosk.config import VoiceSettings
from kiosk.voice import Voice, open_voice
from kiosk.voice.files import place_of
from kiosk.voice.phrases import utterances
from kiosk.voice.quiet_hours import QuietHours
from kiosk.voice.voice import REPEAT

LENGTH = 1.5
"""Seconds that each phrase of the recording player lasts."""

TICK = 0.1

NAMES = ("gaze", "still", "title", "note", "count.3", "count.2", "count.1")


@dataclass
class RecordingPlayer:
    """Notes what is played and stopped, and for how long, by a clock of its own."""

    now: float = 0.0
    heard: list[tuple[float, str]] = field(default_factory=list)
    cut: list[float] = field(default_factory=list)
    chime_until: float = -1.0
    _until: float = -1.0

    def play(self, path: Path, volume: float) -> None:
        assert not self.busy, "two phrases at once"
        assert not self.chiming, "over a chime"
        assert volume == 0.5
        self.heard.append((self.now, path.stem))
        self._until = self.now + LENGTH

    def stop(self) -> None:
        self.cut.append(self.now)
        self._until = min(self._until, self.now + 0.05)  # it fades

    @property
    def busy(self) -> bool:
        return self.now < self._until

    @property
    def chiming(self) -> bool:
        return self.now < self.chime_until


@dataclass
class Hallway:
    """A voice, its player, and the time that passes."""

    local_time: time = time(12)
    player: RecordingPlayer = field(default_factory=RecordingPlayer)

    def __post_init__(self) -> None:
        languages = ("zh-CN", "en")
        files = {(tag, name): Path(f"{tag} {name}.wav") for tag in languages for name in NAMES}
        hours = QuietHours.parse("22:00-07:00")
        self.voice = Voice(files, self.player, 0.5, hours, lambda: self.local_time)

    def show(self, *spoken: str, seconds: float, language: str = "en") -> None:
        for _ in range(round(seconds / TICK)):
            self.voice.follow(spoken, language, self.player.now)
            self.player.now += TICK

    @property
    def said(self) -> list[str]:
        return [name.removeprefix("en ") for _, name in self.player.heard]


@pytest.fixture
def hallway() -> Hallway:
    return Hallway()


def test_the_most_important_phrase_is_said_first_and_then_the_others_once_each(
    hallway: Hallway,
) -> None:
    hallway.show("gaze", "title", "note", seconds=30)
    assert hallway.said == ["gaze", "title", "note"]
    assert not hallway.player.cut


def test_what_is_not_shown_any_more_is_cut_at_once_and_what_is_shown_now_is_said(
    hallway: Hallway,
) -> None:
    hallway.show("gaze", seconds=0.5)
    hallway.show("still", seconds=2)
    assert hallway.said == ["gaze", "still"]
    assert hallway.player.cut == [pytest.approx(0.5)]
    assert hallway.player.heard[1][0] == pytest.approx(0.5 + TICK)


def test_a_phrase_that_waits_and_goes_is_never_said(hallway: Hallway) -> None:
    hallway.show("gaze", "note", seconds=1.0)
    hallway.show("gaze", seconds=3)
    assert hallway.said == ["gaze"]


def test_the_countdown_is_said_number_by_number(hallway: Hallway) -> None:
    for number in (3, 2, 1):
        hallway.show(f"count.{number}", seconds=1)
    assert hallway.said == ["count.3", "count.2", "count.1"]
    assert [round(at, 1) for at, _ in hallway.player.heard] == [0.0, 1.1, 2.1]


def test_what_becomes_more_important_cuts_what_is_less(hallway: Hallway) -> None:
    hallway.show("title", seconds=0.5)
    hallway.show("gaze", "title", seconds=6)
    assert hallway.said == ["title", "gaze", "title"]


def test_a_phrase_that_comes_again_is_repeated_only_after_a_while(hallway: Hallway) -> None:
    hallway.show("gaze", seconds=2)
    hallway.show("still", seconds=2)
    hallway.show("gaze", seconds=2)
    assert hallway.said == ["gaze", "still"]
    hallway.show("gaze", seconds=8)
    assert hallway.said == ["gaze", "still", "gaze"]
    assert hallway.player.heard[2][0] == pytest.approx(REPEAT, abs=TICK * 1.5)


def test_a_phrase_that_was_cut_was_not_said_and_comes_again_at_once(hallway: Hallway) -> None:
    hallway.show("gaze", seconds=0.5)
    hallway.show(seconds=0.5)
    hallway.show("gaze", seconds=2)
    assert hallway.said == ["gaze", "gaze"]


def test_another_language_is_spoken_as_soon_as_it_is_chosen(hallway: Hallway) -> None:
    hallway.show("gaze", seconds=0.5)
    hallway.show("gaze", seconds=2, language="zh-CN")
    assert [name for _, name in hallway.player.heard] == ["en gaze", "zh-CN gaze"]


def test_a_chime_is_not_talked_over(hallway: Hallway) -> None:
    hallway.player.chime_until = 0.55
    hallway.show("gaze", seconds=1.0)
    assert hallway.said == ["gaze"]
    assert hallway.player.heard[0][0] == pytest.approx(0.6)
    hallway.player.chime_until = 1.55
    hallway.show("gaze", seconds=3)
    assert hallway.said == ["gaze", "gaze"]


def test_in_quiet_hours_nothing_is_said_and_what_is_being_said_is_cut(hallway: Hallway) -> None:
    hallway.show("gaze", seconds=0.5)
    hallway.local_time = time(22)
    hallway.show("gaze", "title", seconds=5)
    assert hallway.said == ["gaze"]
    hallway.local_time = time(7)
    hallway.show("title", seconds=1)
    assert hallway.said == ["gaze", "title"]


def test_a_phrase_without_a_file_is_passed_over(hallway: Hallway) -> None:
    hallway.show("unheard_of", "gaze", seconds=2)
    assert hallway.said == ["gaze"]


def test_without_files_the_booth_is_silent_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        voice = open_voice(VoiceSettings(store=tmp_path))
        voice.follow(("rule.gaze",), "en", 0.0)
    assert len(caplog.records) == 1
    assert "kiosk voice --make" in caplog.text


def test_a_voice_that_is_switched_off_says_nothing_not_even_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        open_voice(VoiceSettings(enabled=False, store=tmp_path)).follow(("idle.what",), "en", 0.0)
    assert not caplog.records


@pytest.fixture
def mixer() -> Iterator[None]:
    yield
    pygame.mixer.quit()


@pytest.mark.usefixtures("mixer")
def test_a_file_that_is_broken_is_passed_over_and_named_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gaze = next(each for each in utterances() if (each.name, each.language) == ("rule.gaze", "en"))
    path = place_of(gaze, tmp_path, "espeak-ng-1")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no sound")
    with caplog.at_level(logging.WARNING):
        voice = open_voice(VoiceSettings(store=tmp_path))
        for tick in range(3):
            voice.follow(("rule.gaze",), "en", float(tick))
            voice.follow((), "en", tick + 0.5)
    assert caplog.text.count(path.name) == 1
