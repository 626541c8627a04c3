"""What is said when: one phrase at a time, none that is not shown any more."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Protocol

from kiosk.voice.files import look_up
from kiosk.voice.phrases import utterances
from kiosk.voice.quiet_hours import QuietHours

log = logging.getLogger(__name__)

REPEAT = 8.0
"""Seconds from a phrase's begin after which it is said again, where it was gone meanwhile."""

Key = tuple[str, str]
"""Language and phrase."""


class VoiceSettings(Protocol):
    """The configuration's section about the voice."""

    @property
    def enabled(self) -> bool:
        """Whether the booth speaks at all."""
        ...

    @property
    def volume(self) -> float:
        """0 is silent, 1 full."""
        ...

    @property
    def device(self) -> str:
        """The loudspeaker by ALSA's name; "" is the system's usual one."""
        ...

    @property
    def quiet_hours(self) -> str:
        """When it does not speak, as `22:00-07:00`; "" is never."""
        ...

    @property
    def store(self) -> Path:
        """Where the files lie that a synthesizer made."""
        ...

    @property
    def recordings(self) -> Path | None:
        """Where staff's recordings lie."""
        ...


class Player(Protocol):
    """What a file is heard through."""

    def play(self, path: Path, volume: float) -> None:
        """Begin a file; one that cannot be played is logged."""
        ...

    def stop(self) -> None:
        """Fade what is played, and end it."""
        ...

    @property
    def busy(self) -> bool:
        """Whether a file is heard, fading or not."""
        ...

    @property
    def chiming(self) -> bool:
        """Whether a chime is heard, which is not talked over."""
        ...


class Voice:
    """Says what is shown; silent without a player or files."""

    def __init__(
        self,
        files: Mapping[Key, Path],
        player: Player | None,
        volume: float = 1.0,
        quiet_hours: QuietHours | None = None,
        local_time: Callable[[], time] = lambda: datetime.now().time(),
    ) -> None:
        """Speak the phrases that have a file."""
        self._files = files
        self._player = player
        self._volume = volume
        self._quiet_hours = quiet_hours
        self._local_time = local_time
        self._current: Key | None = None
        self._told: set[Key] = set()
        """Phrases that were said since they are shown."""
        self._begun: dict[Key, float] = {}
        """When each phrase that was said to its end was begun last."""

    def follow(self, spoken: tuple[str, ...], language: str, at: float) -> None:
        """Say the phrases that are shown, the most important first, each once while it is shown.

        To be called once a picture, after the picture's chimes; `at` is a monotonic time in
        seconds. A phrase that is not shown any more is cut, and so is one as a more important one
        appears, or a chime sounds; what was cut counts as not said.
        """
        if self._player is None:
            return
        if self._quiet_hours is not None and self._quiet_hours.contain(self._local_time()):
            spoken = ()
        shown = tuple((language, name) for name in spoken if (language, name) in self._files)
        self._told.intersection_update(shown)
        due = self._next_due(shown, at)
        if not self._player.busy:
            self._current = None
        elif self._current is not None and (
            self._player.chiming or _is_outdated(self._current, shown, due)
        ):
            self._player.stop()
            self._told.discard(self._current)
            self._begun.pop(self._current, None)
            self._current = None
        if due is None or self._player.busy or self._player.chiming:
            return
        self._player.play(self._files[due], self._volume)
        self._current = due
        self._told.add(due)
        self._begun[due] = at

    def _next_due(self, shown: tuple[Key, ...], at: float) -> Key | None:
        for key in shown:
            if key not in self._told and at - self._begun.get(key, -REPEAT) >= REPEAT:
                return key
        return None


def _is_outdated(current: Key, shown: tuple[Key, ...], due: Key | None) -> bool:
    """Whether what is being said is shown no more, or is less important than what is due."""
    return current not in shown or (due is not None and shown.index(due) < shown.index(current))


def open_voice(settings: VoiceSettings) -> Voice:
    """Open the voice that is configured.

    It is silent where it is switched off, and where there is no loudspeaker or no file; what
    lacks is said in the log once.
    """
    if not settings.enabled:
        return Voice({}, None)
    found = look_up(utterances(), settings.store, settings.recordings)
    files = {
        (each.utterance.language, each.utterance.name): each.file
        for each in found
        if each.file is not None
    }
    if len(files) < len(found):
        log.warning(
            "voice: %d of %d phrases cannot be spoken; make their files with: kiosk voice --make",
            len(found) - len(files),
            len(found),
        )
    if not files:
        return Voice({}, None)
    import pygame

    from kiosk.voice.loudspeaker import MixerPlayer

    try:
        player = MixerPlayer(settings.device)
    except pygame.error:  # the chimes have said so in the log
        return Voice({}, None)
    hours = QuietHours.parse(settings.quiet_hours) if settings.quiet_hours else None
    return Voice(files, player, settings.volume, hours)
