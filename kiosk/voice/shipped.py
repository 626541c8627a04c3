"""Phrases that the natural voice has spoken ahead (`make voice`): they come with the booth.

Its model is large and slow, so a booth does not have it: what was reworded since is left to the
synthesizer that is installed.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.errors import UsageError
from kiosk.voice.files import SAMPLE_RATE
from kiosk.voice.phrases import Utterance

FOLDER = Path(__file__).parent / "spoken"


def shipped_file(utterance: Utterance, folder: Path = FOLDER) -> Path:
    """Where a phrase that was spoken ahead lies, or would lie."""
    return folder / utterance.language / f"{utterance.name}.{utterance.digest}.ogg"


def decode(path: Path) -> bytes:
    """The samples of a file: one channel, 16 bits, at SAMPLE_RATE; raises UsageError.

    To be called within `ready_to_decode`.
    """
    import pygame

    try:
        return pygame.mixer.Sound(path).get_raw()
    except pygame.error as error:
        raise UsageError(f"{path}: cannot be decoded ({error}); take the file anew") from error


@contextmanager
def ready_to_decode() -> Iterator[None]:
    """Open a mixer that plays nowhere, for its decoders, unless one is open."""
    import pygame

    if pygame.mixer.get_init() is not None:
        yield
        return
    driver = os.environ.get("SDL_AUDIODRIVER")
    os.environ["SDL_AUDIODRIVER"] = "dummy"
    try:
        pygame.mixer.init(SAMPLE_RATE, size=-16, channels=1, allowedchanges=0)
        yield
    finally:
        pygame.mixer.quit()
        if driver is None:
            del os.environ["SDL_AUDIODRIVER"]
        else:
            os.environ["SDL_AUDIODRIVER"] = driver
