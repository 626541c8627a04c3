"""The light of the backdrop beside a head: what tells of the lamps and the room without a skin."""

import numpy as np

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import luminance

ROWS = (0.05, 0.35)
"""Top and bottom of both strips, in the picture's heights: above the shoulders."""

STRIPS = ((0.02, 0.20), (0.80, 0.98))
"""Their sides, in its widths."""


def measure_backdrop(picture: Picture) -> tuple[float, float]:
    """Median linear luminance of the backdrop's left and right strip in an sRGB picture."""
    height, width = picture.shape[:2]
    top, bottom = (round(part * height) for part in ROWS)
    # Every other pixel of every other row: the cloth is smooth.
    rows = picture[top : max(bottom, top + 1) : 2]
    left, right = (
        float(
            np.median(
                luminance(np.ascontiguousarray(rows[:, round(a * width) : round(b * width) : 2]))
            )
        )
        for a, b in STRIPS
    )
    return left, right
