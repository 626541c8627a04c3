"""What hangs at the ears, where a head's picture shows things."""

import cv2
import numpy as np
import pytest

from kiosk.pipeline.look.coverage import CLASSES_SIDE, T
from kiosk.pipeline.look.ornaments import measure_earrings
from kiosk.pipeline.look.patch import Points
from kiosk.pipeline.mask import SoftMask

LEFT_CHEEK, RIGHT_CHEEK = 454, 234

NOTHING = np.zeros((CLASSES_SIDE, CLASSES_SIDE), np.float32)


Offset = tuple[float, float]
"""From a cheek's widest point, in T to the picture's right and down."""


def with_thing(
    things: SoftMask, points: Points, first: Offset, last: Offset, cheek: int = LEFT_CHEEK
) -> SoftMask:
    """The same with a thing between two places, 0.15 T wide."""
    ends = [
        np.rint(points[cheek] + np.array(end) * T).astype(int).tolist() for end in (first, last)
    ]
    drawn = np.zeros(things.shape, np.float32)
    cv2.line(drawn, ends[0], ends[1], 1.0, round(0.15 * T))
    return np.maximum(things, drawn)


def test_what_hangs_at_an_ear_is_measured_by_its_area(points: Points) -> None:
    one = with_thing(NOTHING, points, (0.1, 0.5), (0.1, 0.9))
    two = with_thing(one, points, (-0.1, 0.5), (-0.1, 0.9), RIGHT_CHEEK)
    area = measure_earrings(one, points, T)
    assert measure_earrings(NOTHING, points, T) == 0
    assert 0.04 < area < 0.12
    assert measure_earrings(two, points, T) == pytest.approx(2 * area, rel=0.2)


@pytest.mark.parametrize(
    ("first", "last"),
    [((0.0, -0.4), (-1.6, -0.4)), ((0.2, 0.6), (0.9, 2.4)), ((0.3, -1.5), (0.3, 0.3))],
    ids=["glasses", "a microphone", "a hat's flap"],
)
def test_what_reaches_farther_than_an_earring_is_none(
    first: Offset, last: Offset, points: Points
) -> None:
    assert measure_earrings(with_thing(NOTHING, points, first, last), points, T) == 0
