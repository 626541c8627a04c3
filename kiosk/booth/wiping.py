"""Wiping: a student's pictures are overwritten before they are dropped, and freed memory goes back.

What a program frees keeps its content until something else is written there.
"""

import ctypes
import gc
from collections.abc import Iterable, Iterator

from kiosk.booth.capture import Capture
from kiosk.camera.frame import Frame, Picture


def find_pictures(captures: Iterable[Capture], frame: Frame | None = None) -> Iterator[Picture]:
    """Every picture of a student in their captures, and in a frame."""
    if frame is not None:
        yield frame.preview
        if frame.image is not None:
            yield frame.image
    for capture in captures:
        yield capture.shot.picture
        if capture.evidence.unlit is not None:
            yield capture.evidence.unlit
        if capture.photo is not None:
            yield capture.photo.picture


def wipe_pictures(pictures: Iterable[Picture]) -> None:
    """Overwrite pictures with black, but for those that are somebody else's to write."""
    for picture in pictures:
        if picture.flags.writeable:
            picture.fill(0)


def return_freed_memory() -> None:
    """Give what is freed back to the system, which clears it before anyone else gets it.

    Only the GNU C library can be told so; where there is another, nothing happens.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
