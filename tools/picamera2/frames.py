"""Pictures for libcamera's virtual cameras to play: patches of known hues, and the twin's frames.

frames.py FOLDER: makes FOLDER/hues and FOLDER/twin, as 0.jpg and so on.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

SIZE = (960, 1280)
"""Width and height of the twin's frames."""

HUES = [
    (200, 30, 40),
    (30, 60, 200),
    (40, 170, 60),
    (128, 128, 128),
    (230, 210, 40),
    (100, 197, 255),  # the backdrop's
]
"""Red, green, blue of the patches, two to a row."""

WITHOUT_STUDENT, WITH_STUDENT = 0, 1
"""Which of the twin's frames shows nobody, and which lin."""


def patch_middles(size: tuple[int, int]) -> list[tuple[int, int]]:
    """Row and column of the middle of each patch, in a picture of a width and a height."""
    width, height = size
    return [
        (height * (2 * row + 1) // 6, width * (2 * column + 1) // 4)
        for row in range(3)
        for column in range(2)
    ]


def draw_patches(size: tuple[int, int]) -> NDArray[np.uint8]:
    """The patches, as R, G, B."""
    width, height = size
    small = np.array(HUES, np.uint8).reshape(3, 2, 3)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def _take_twin() -> list[NDArray[np.uint8]]:
    from kiosk.config import LampSettings
    from kiosk.lighting import usual_levels
    from kiosk.twin import Posture, Twin

    twin = Twin("lin", LampSettings().pins, seed=1)
    for lamp, level in usual_levels.WORKING.items():
        twin.wires.set_level(lamp, level)
    camera = twin.open_camera()
    camera.start()
    taken = []
    for posture in (Posture(present=False), Posture()):
        twin.wires.posture = posture
        image = camera.read(main=True).image
        if image is None:
            raise AssertionError("a main picture was asked for")
        taken.append(image)
    camera.stop()
    return taken


def main(folder: Path) -> None:
    """Make both folders."""
    for name, pictures in {"hues": [draw_patches(SIZE)], "twin": _take_twin()}.items():
        (folder / name).mkdir(parents=True)
        for number, picture in enumerate(pictures):
            file = folder / name / f"{number}.jpg"
            bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
            if not cv2.imwrite(str(file), bgr, [cv2.IMWRITE_JPEG_QUALITY, 95]):
                raise SystemExit(f"frames.py: {file} cannot be written")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
