"""What turns a line of text into speech, and which of them serves a language best."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import UsageError
from kiosk.voice.espeak import Espeak
from kiosk.voice.kokoro import Kokoro

Samples = NDArray[np.float32]
"""One channel; 1 is full scale."""


class Synthesizer(Protocol):
    """A program or a model that speaks."""

    @property
    def name(self) -> str:
        """What it is, with its version and the edition of how we use it, as `espeak-ng-1.51.1`."""
        ...

    @property
    def sample_rate(self) -> int:
        """Samples a second."""
        ...

    def speaks(self, language: str) -> bool:
        """Whether it can read a language, by its tag."""
        ...

    def speak(self, line: str, language: str) -> Samples:
        """Read one line aloud; raises UsageError."""
        ...


def installed_synthesizers() -> tuple[Synthesizer, ...]:
    """Those that are on this machine, the most natural first; raises UsageError without any."""
    espeak = Espeak.find()
    if espeak is None:  # Kokoro needs it, too: it knows how English is pronounced
        raise UsageError(
            "no speech synthesizer is installed; install the package espeak-ng:"
            " apt-get install espeak-ng"
        )
    kokoro = Kokoro.find(espeak)
    return (espeak,) if kokoro is None else (kokoro, espeak)


def best_for(language: str, synthesizers: Sequence[Synthesizer]) -> Synthesizer | None:
    """The first that reads a language; None where none does."""
    return next((each for each in synthesizers if each.speaks(language)), None)
