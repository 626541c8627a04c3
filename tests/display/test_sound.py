"""Sound: chimes are short, whole and not too loud; without a loudspeaker there are none."""

import logging
from typing import get_args

import numpy as np
import pygame
import pytest

from kiosk.display.sound import PEAK, ChimeName, Sounds, make_chime
from kiosk.voice.files import SAMPLE_RATE


@pytest.mark.parametrize("name", get_args(ChimeName))
def test_a_chime_is_short_and_begins_and_ends_in_silence(name: ChimeName) -> None:
    samples = make_chime(name)
    assert 0.1 * SAMPLE_RATE < len(samples) < SAMPLE_RATE
    assert np.abs(samples).max() == pytest.approx(PEAK * 32_767, abs=1)
    assert abs(int(samples[0])) < 50
    assert abs(int(samples[-1])) < 500


def test_every_chime_plays_where_there_is_a_loudspeaker() -> None:
    sounds = Sounds()
    for name in get_args(ChimeName):
        sounds.play(name)
    assert pygame.mixer.get_busy()
    pygame.mixer.quit()


def test_without_a_loudspeaker_the_booth_is_silent_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pygame.mixer.quit()
    monkeypatch.setenv("SDL_AUDIODRIVER", "none_such")
    with caplog.at_level(logging.WARNING):
        sounds = Sounds()
        for name in get_args(ChimeName):
            sounds.play(name)
    assert len(caplog.records) == 1
    assert "silent" in caplog.text
