"""The loudspeaker: one channel for the voice, the others for chimes."""

import logging
import os
from pathlib import Path

import pygame

from kiosk.voice.files import SAMPLE_RATE

log = logging.getLogger(__name__)

VOICE_CHANNEL = 0
"""The mixer's channel that no chime takes."""

FADE = 50
"""Milliseconds in which a phrase that is cut fades: at once, without a click."""


def open_loudspeaker(device: str = "") -> None:
    """Open the loudspeaker, if it is not open yet; raises pygame.error where there is none.

    `device` is ALSA's name for it, "" for the system's usual one. It goes by SDL's environment
    variable: what pygame takes for a device's name is SDL's own, and one that SDL does not know is
    silently another loudspeaker.
    """
    if pygame.mixer.get_init() is None:
        if device:
            os.environ.setdefault("SDL_AUDIODRIVER", "alsa")
            os.environ["AUDIODEV"] = device
        pygame.mixer.init(SAMPLE_RATE, size=-16, channels=1, allowedchanges=0)
    pygame.mixer.set_reserved(VOICE_CHANNEL + 1)


class MixerPlayer:
    """Plays phrases on the channel of the voice."""

    def __init__(self, device: str = "") -> None:
        """Open the loudspeaker, and take its channel; raises pygame.error."""
        open_loudspeaker(device)
        self._channel = pygame.mixer.Channel(VOICE_CHANNEL)
        self._unplayable: set[Path] = set()

    def play(self, path: Path, volume: float) -> None:
        """Begin a file; one that cannot be played is logged, once."""
        try:
            sound = pygame.mixer.Sound(path)
        except (pygame.error, OSError) as error:
            if path not in self._unplayable:
                log.warning("voice: %s cannot be played (%s)", path, error)
                self._unplayable.add(path)
            return
        sound.set_volume(volume)
        self._channel.play(sound)

    def stop(self) -> None:
        """Fade what is played, and end it."""
        self._channel.fadeout(FADE)

    @property
    def busy(self) -> bool:
        """Whether the voice is heard, fading or not."""
        return self._channel.get_busy()

    @property
    def chiming(self) -> bool:
        """Whether another channel is heard."""
        channels = range(VOICE_CHANNEL + 1, pygame.mixer.get_num_channels())
        return any(pygame.mixer.Channel(channel).get_busy() for channel in channels)
