"""The loudspeaker: the voice has a channel of its own, and ends at once when it is cut."""

import time
from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest

from kiosk.display.sound import NOTES, Sounds
from kiosk.voice.files import SAMPLE_RATE
from kiosk.voice.loudspeaker import MixerPlayer
from kiosk.voice.making import speak
from kiosk.voice.phrases import Utterance
from tests.voice.test_making import Hummer


@pytest.fixture
def player() -> Iterator[MixerPlayer]:
    yield MixerPlayer()
    pygame.mixer.quit()


@pytest.fixture
def phrase(tmp_path: Path) -> Path:
    path = tmp_path / "phrase.wav"
    path.write_bytes(speak(Utterance("a.b", "en", ("one", "two", "three")), Hummer()))
    return path


def test_a_phrase_that_is_cut_fades_and_ends(player: MixerPlayer, phrase: Path) -> None:
    player.play(phrase, 0.5)
    assert player.busy
    assert not player.chiming
    player.stop()
    deadline = time.monotonic() + 10
    while player.busy and time.monotonic() < deadline:
        time.sleep(0.005)
    assert not player.busy


def test_chimes_never_take_the_voices_channel(player: MixerPlayer, phrase: Path) -> None:
    sounds = Sounds()
    for name in (*NOTES, *NOTES, *NOTES):
        sounds.play(name)
    assert player.chiming
    assert not player.busy
    player.play(phrase, 0.5)
    assert player.busy


def test_what_is_made_is_played_without_being_converted(player: MixerPlayer, phrase: Path) -> None:
    made = pygame.mixer.Sound(phrase)
    assert pygame.mixer.get_init() == (SAMPLE_RATE, -16, 1)
    assert len(made.get_raw()) == phrase.stat().st_size - 44


@pytest.mark.parametrize(("device", "there"), [("booth", True), ("plughw:CARD=none", False)])
def test_the_loudspeaker_is_the_one_that_is_configured_by_alsas_name(
    device: str, there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pygame.mixer.quit()
    (tmp_path / "asound.conf").write_text("pcm.booth { type null }\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    monkeypatch.setenv("AUDIODEV", "")
    monkeypatch.delenv("SDL_AUDIODRIVER")
    try:
        MixerPlayer(device)
        opened = True
    except pygame.error:
        opened = False
    pygame.mixer.quit()
    assert opened is there
