"""MediaPipe's tasks, without the plots and the sound that it imports beside them.

It loads matplotlib to plot landmarks in notebooks, and sounddevice, which asks each sound card what
it can do: four fifths of the time that its import takes, and tens of megabytes. A booth uses
neither.
"""

import ctypes
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import ModuleType
from typing import Any, NamedTuple

from kiosk.errors import ModelError

ATOMICS = 1 << 8
"""HWCAP_ATOMICS of Linux's auxiliary vector (arch/arm64/include/uapi/asm/hwcap.h): ARMv8.1's atomic
instructions, LSE. MediaPipe's library for 64-bit ARM is compiled with them, and ends its process
where they are missing."""

AT_HWCAP = 16

PLOTS = ("matplotlib", "matplotlib.pyplot")
"""Imported and not used until something is plotted."""

SOUND = "sounddevice"
"""MediaPipe goes on where there is none."""


class Tasks(NamedTuple):
    """What is used of MediaPipe."""

    vision: Any
    base_options: Any
    image: Any
    srgb: Any
    """The image format of R, G, B."""


@lru_cache(maxsize=1)
def load_tasks() -> Tasks:
    """Import MediaPipe, once a model is to be loaded: a booth shows its first screen before.

    Raises ModelError where this processor cannot run it.
    """
    if sys.platform == "linux":
        require_processor(platform.machine(), ctypes.CDLL(None).getauxval(AT_HWCAP))
    with _left_out():
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision
    return Tasks(vision, BaseOptions, mediapipe.Image, mediapipe.ImageFormat.SRGB)


def require_processor(machine: str, capabilities: int) -> None:
    """Raise ModelError where MediaPipe would end the process; `capabilities` is Linux's HWCAP."""
    if machine == "aarch64" and not capabilities & ATOMICS:
        raise ModelError(
            "this processor is too old for MediaPipe's library, which needs ARMv8.1's atomic"
            " instructions (a Raspberry Pi 4 or 3 lacks them): take a Raspberry Pi 5"
        )


@contextmanager
def _left_out() -> Iterator[None]:
    """Keep what is not used out; who imports it later gets it."""
    plots = {name: ModuleType(name) for name in PLOTS if name not in sys.modules}
    kept_out: dict[str, ModuleType | None] = {**plots}
    if SOUND not in sys.modules:
        kept_out[SOUND] = None  # to Python: not installed
    sys.modules.update(kept_out)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in kept_out:
            del sys.modules[name]
