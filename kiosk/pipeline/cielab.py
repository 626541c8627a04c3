"""CIELAB and how far two colours are apart there: CIEDE2000. All pure."""

import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.light import Linear

Lab = NDArray[np.float64]
"""… × 3: L*, a*, b* for the white D50, as makers of charts and ICC profiles give them."""

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
"""Linear sRGB to XYZ, its white being D65 (IEC 61966-2-1)."""

_BRADFORD = np.array(
    [[1.0478112, 0.0228866, -0.0501270], [0.0295424, 0.9904844, -0.0170491],
     [-0.0092345, 0.0150436, 0.7521316]]
)  # fmt: skip
"""XYZ under D65 to what looks alike under D50 (Bradford, as ICC.1 has it)."""

_TO_D50 = _BRADFORD @ _TO_XYZ
_WHITE = _TO_D50.sum(1)

_KNEE = (6 / 29) ** 3


def to_lab(light: Linear | NDArray[np.float64]) -> Lab:
    """Turn linear sRGB light (… × 3, R, G, B, 1 being white) into CIELAB."""
    xyz = np.asarray(light, np.float64) @ _TO_D50.T / _WHITE
    root = np.where(xyz > _KNEE, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def from_lab(lab: Lab) -> NDArray[np.float64]:
    """Turn CIELAB into linear sRGB light; outside 0 to 1 where sRGB does not have the colour."""
    y = (lab[..., 0] + 16) / 116
    root = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], -1)
    xyz = np.where(root > 6 / 29, root**3, 3 * (6 / 29) ** 2 * (root - 4 / 29)) * _WHITE
    return np.asarray(xyz @ np.linalg.inv(_TO_D50).T, np.float64)


def difference(one: Lab, other: Lab) -> NDArray[np.float64]:
    """How far colours are apart: CIEDE2000, k_L = k_C = k_H = 1; about 1 is just seen.

    As Sharma, Wu and Dalal write it (Color Research & Application 30, 2005, 21–30).
    """
    (l1, a1, b1), (l2, a2, b2) = np.moveaxis(one, -1, 0), np.moveaxis(other, -1, 0)
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    grow = 1 + (1 - np.sqrt(chroma**7 / (chroma**7 + 25.0**7))) / 2
    c1, c2 = np.hypot(grow * a1, b1), np.hypot(grow * a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, grow * a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    both = c1 * c2 > 0
    turn = np.where(both, (h2 - h1 + 180) % 360 - 180, 0.0)
    # Of two hues just opposite each other the paper takes the way up.
    turn = np.where((turn == -180) & (h2 > h1), 180.0, turn)
    by_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    light, c = (l1 + l2) / 2, (c1 + c2) / 2
    apart = np.abs(h1 - h2) > 180
    h = np.where(both, (h1 + h2 + np.where(apart, np.where(h1 + h2 < 360, 360, -360), 0)) / 2,
                 h1 + h2)  # fmt: skip
    t = (
        1 - 0.17 * np.cos(np.radians(h - 30)) + 0.24 * np.cos(np.radians(2 * h))
        + 0.32 * np.cos(np.radians(3 * h + 6)) - 0.20 * np.cos(np.radians(4 * h - 63))
    )  # fmt: skip
    s_l = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c, 1 + 0.015 * c * t
    rotated = np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2))))
    r_t = -2 * np.sqrt(c**7 / (c**7 + 25.0**7)) * rotated
    parts = (l2 - l1) / s_l, (c2 - c1) / s_c, by_hue / s_h
    squares = sum(part**2 for part in parts) + r_t * parts[1] * parts[2]
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)), np.float64)
