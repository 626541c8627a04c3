"""Chimes: four short sounds, made of sines, played where there is a loudspeaker."""

import logging
from typing import Literal

import numpy as np
import pygame
from numpy.typing import NDArray

from kiosk.voice.files import SAMPLE_RATE
from kiosk.voice.loudspeaker import open_loudspeaker

log = logging.getLogger(__name__)

ChimeName = Literal["scanned", "shutter", "done", "sorry"]

PEAK = 0.35
"""The loudest sample, of full scale."""

NOTES: dict[ChimeName, tuple[tuple[float, float, float], ...]] = {
    "scanned": ((0.00, 880.0, 0.18),),
    "shutter": ((0.00, 1568.0, 0.06), (0.09, 1175.0, 0.10)),
    "done": ((0.00, 523.3, 0.35), (0.13, 659.3, 0.35), (0.26, 784.0, 0.60)),
    "sorry": ((0.00, 440.0, 0.30), (0.22, 349.2, 0.50)),
}
"""Each chime's notes: begin in seconds, pitch in Hz, length in seconds."""


class Sounds:
    """The booth's loudspeaker; silent where there is none."""

    def __init__(self, device: str = "") -> None:
        """Open the loudspeaker that ALSA calls so; without one, say so in the log once."""
        self._sounds: dict[ChimeName, pygame.mixer.Sound] = {}
        try:
            open_loudspeaker(device)
            self._sounds = {
                name: pygame.mixer.Sound(buffer=make_chime(name).tobytes()) for name in NOTES
            }
        except pygame.error as error:
            named = f" {device}" if device else ""
            log.warning("sound: no loudspeaker%s (%s); the booth is silent", named, error)

    def play(self, name: ChimeName) -> None:
        """Play a chime beside whatever else happens."""
        if (sound := self._sounds.get(name)) is not None:
            sound.play()


def make_chime(name: ChimeName) -> NDArray[np.int16]:
    """Make a chime: one channel of 16-bit samples at SAMPLE_RATE."""
    notes = NOTES[name]
    samples = np.zeros(round(SAMPLE_RATE * max(begin + length for begin, _, length in notes)))
    for begin, pitch, length in notes:
        first = round(SAMPLE_RATE * begin)
        time = np.arange(len(samples[first : first + round(SAMPLE_RATE * length)])) / SAMPLE_RATE
        # Struck and dying away, like a bell: an octave above softens the bare sine.
        tone = np.sin(2 * np.pi * pitch * time) + 0.25 * np.sin(4 * np.pi * pitch * time)
        attack, fade = np.minimum(time / 0.006, 1), np.exp(-5 * time / length)
        end = np.minimum((length - time) / 0.01, 1)
        samples[first : first + len(time)] += tone * attack * fade * end
    peak = np.abs(samples).max()
    return np.asarray(np.rint(samples / peak * PEAK * 32_767), np.int16)
