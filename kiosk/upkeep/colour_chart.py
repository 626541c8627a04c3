"""The chart of 24 colours in a picture: where it is, what it shows, and how far that is off."""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.cielab import Lab, difference, from_lab, to_lab
from kiosk.pipeline.light import to_linear, to_srgb

COLUMNS, ROWS = 6, 4

PATCHES: dict[str, tuple[float, float, float]] = {
    "dark skin": (37.54, 14.37, 14.92),
    "light skin": (64.66, 19.27, 17.50),
    "blue sky": (49.32, -3.82, -22.54),
    "foliage": (43.46, -12.74, 22.72),
    "blue flower": (54.94, 9.61, -24.79),
    "bluish green": (70.48, -32.26, -0.37),
    "orange": (62.73, 35.83, 56.50),
    "purplish blue": (39.43, 10.75, -45.17),
    "moderate red": (50.57, 48.64, 16.67),
    "purple": (30.10, 22.54, -20.87),
    "yellow green": (71.77, -24.13, 58.19),
    "orange yellow": (71.51, 18.24, 67.37),
    "blue": (28.37, 15.42, -49.80),
    "green": (54.38, -39.72, 32.27),
    "red": (42.43, 51.05, 28.62),
    "yellow": (81.80, 2.67, 80.41),
    "magenta": (50.63, 51.28, -14.12),
    "cyan": (49.57, -29.71, -28.32),
    "white": (95.19, -1.03, 2.93),
    "neutral 8": (81.29, -0.57, 0.44),
    "neutral 6.5": (66.89, -0.75, -0.06),
    "neutral 5": (50.76, -0.13, 0.14),
    "neutral 3.5": (35.63, -0.46, -0.48),
    "black": (20.64, 0.07, -0.46),
}
"""L*, a*, b* (D50, 2°) from the upper left, row by row: the ColorChecker Classic's as X-Rite gives
them for charts made from November 2014 on. Cyan is a little outside of sRGB."""

GREYS = tuple(list(PATCHES).index(f"neutral {n}") for n in ("8", "6.5", "5", "3.5"))
"""Those by which white is balanced: white itself may clip, and black is mostly stray light."""

SIZE = (0.29, 0.129)
"""Width and height of the chart's field of patches, in the picture's, where it is held like the
card: the Classic Mini's 108 × 64 mm at the face."""

MIDDLE = (0.5, 0.41)
"""Its middle there: the card's."""

PATCH = 0.84
"""Side of a patch, as a share of the way from one to the next."""

ALIKE = 0.93
"""Correlation of what is seen with what the chart has, over patches, from which on it is there. A
face, a grey card or the bare backdrop stays below 0.7; what is missed by half a patch too."""


class ChartPlace(NamedTuple):
    """How the chart's field of patches lies in a picture."""

    across: float
    """Its middle, in the picture's widths from the left."""
    down: float
    """The same in heights from above."""
    width: float
    """Its width, in the picture's."""
    tilt: float
    """Degrees clockwise by which its rows are off level."""

    def centres(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """The middle of each patch in a picture of this shape: 24 × 2, x and y in px."""
        height, width = shape[:2]
        step = self.width * width / COLUMNS
        x, y = np.meshgrid(np.arange(COLUMNS) - 2.5, np.arange(ROWS) - 1.5)
        turn = np.radians(self.tilt)
        along = np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)])
        middle = np.array([self.across * width, self.down * height])
        return np.asarray((step * along.reshape(2, -1)).T + middle - 0.5, np.float64)


@dataclass(frozen=True, slots=True)
class ChartReading:
    """What a picture shows of each patch, in the order of PATCHES."""

    lights: NDArray[np.float64]
    """24 × 3, linear R, G, B."""
    clipped: NDArray[np.bool_]
    """24: whether a channel is at its end, white or black, in a tenth of the patch."""


@dataclass(frozen=True, slots=True)
class ChartErrors:
    """How far the patches' colours are from the chart's, in CIEDE2000."""

    each: dict[str, float]
    mean: float
    worst: str
    """Which patch is farthest off."""


def true_lights() -> NDArray[np.float64]:
    """What each patch reflects of a neutral light, linear R, G, B; 24 × 3."""
    return from_lab(_reference())


def find_chart(picture: Picture) -> ChartPlace | None:
    """Where the chart is, held about where a face would be; None where it is not seen.

    Its patches are sought in their order: neither exposure nor a colour cast matters, since only
    the course of each channel's code from patch to patch is compared.
    """
    scale = 480 / picture.shape[1]
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    wanted = to_srgb(true_lights().astype(np.float32)).astype(np.float64)
    place, likeness = ChartPlace(*MIDDLE, SIZE[0], 0.0), -1.0
    # Each round looks closer around the best place of the one before.
    for reach, size, tilt in ((0.06, 0.25, 6.0), (0.012, 0.06, 2.0), (0.003, 0.015, 0.5)):
        place, likeness = _best_place(np.asarray(small), wanted, place, reach, size, tilt)
    return place if likeness >= ALIKE else None


def _best_place(
    picture: Picture, wanted: NDArray[np.float64], about: ChartPlace, reach: float, size: float,
    tilt: float,
) -> tuple[ChartPlace, float]:  # fmt: skip
    """The place within `reach` (widths), a share `size` and `tilt` degrees that is most alike."""
    box = max(round(PATCH * about.width * picture.shape[1] / COLUMNS), 3)
    means = cv2.blur(picture, (box, box)).astype(np.float64)
    best, most = about, -1.0
    height, width = picture.shape[:2]
    steps = np.linspace(-reach, reach, 9)
    offsets = np.stack(np.meshgrid(steps * width, steps * width, indexing="ij"), -1).reshape(-1, 2)
    normal = (wanted - wanted.mean(0)) / wanted.std(0)
    for share in np.linspace(1 - size, 1 + size, 7):
        for turn in np.linspace(about.tilt - tilt, about.tilt + tilt, 5):
            tried = about._replace(width=about.width * float(share), tilt=float(turn))
            points = tried.centres(picture.shape)[None] + offsets[:, None]
            x = np.clip(np.rint(points[..., 0]), 0, width - 1).astype(np.intp)
            y = np.clip(np.rint(points[..., 1]), 0, height - 1).astype(np.intp)
            seen = means[y, x]
            spread = np.maximum(seen.std(1), 4.0)[:, None]
            alike = ((seen - seen.mean(1, keepdims=True)) / spread * normal).mean((1, 2))
            place = int(alike.argmax())
            if alike[place] > most:
                right, down = offsets[place]
                most = float(alike[place])
                best = tried._replace(
                    across=about.across + float(right) / width,
                    down=about.down + float(down) / height,
                )
    return best, most


def read_chart(picture: Picture, place: ChartPlace) -> ChartReading:
    """Measure the middle of each patch."""
    half = max(int(place.width * picture.shape[1] / COLUMNS * PATCH / 4), 1)
    lights, clipped = np.empty((COLUMNS * ROWS, 3)), np.empty(COLUMNS * ROWS, bool)
    for number, (x, y) in enumerate(np.rint(place.centres(picture.shape)).astype(int)):
        patch = picture[y - half : y + half + 1, x - half : x + half + 1].reshape(-1, 3)
        lights[number] = to_linear(patch).mean(0)
        clipped[number] = bool(((patch >= 254) | (patch <= 1)).mean(0).max() > 0.1)
    return ChartReading(lights, clipped)


def chart_errors(reading: ChartReading) -> ChartErrors:
    """How far off the colours are as they stand, lightness included."""
    off = difference(to_lab(np.clip(reading.lights, 0, 1)), _reference())
    each = dict(zip(PATCHES, off.tolist(), strict=True))
    return ChartErrors(each, float(off.mean()), max(each, key=each.__getitem__))


def _reference() -> Lab:
    return np.array(list(PATCHES.values()))


def light_by_chart(reading: ChartReading) -> float:
    """How much light the grey patches have of what they should, in green: 1 is exposed right."""
    truth = true_lights()[list(GREYS), 1]
    return float((reading.lights[list(GREYS), 1] / truth).mean())


def gains_by_chart(reading: ChartReading) -> tuple[float, float]:
    """By what red and blue are to be multiplied, green being kept, so that greys are grey."""
    greys = list(GREYS)
    red, green, blue = (reading.lights[greys] / true_lights()[greys]).mean(0).tolist()
    return green / max(red, 1e-6), green / max(blue, 1e-6)


def fit_matrix(reading: ChartReading) -> NDArray[np.float64]:
    """The 3 × 3 matrix that, after the gains, brings linear R, G, B nearest to the chart's.

    Its rows sum to 1, so that greys stay as they are: what libcamera's ColourCorrectionMatrix
    expects, to be multiplied from the left with the one in force. Errors of dark patches weigh
    more, as in L*. Patches that clip do not count; raises ValueError where too few are left.
    """
    used = ~reading.clipped
    if used.sum() < 12:
        raise ValueError(
            f"{int((~used).sum())} of the chart's 24 patches are too bright or too dark: set the"
            " exposure by the grey card first"
        )
    red, blue = gains_by_chart(reading)
    seen = reading.lights[used] * (np.array([red, 1, blue]) / light_by_chart(reading))
    truth = true_lights()[used]
    weight = np.maximum(truth @ (0.2126, 0.7152, 0.0722), 0.02) ** (-2 / 3)
    # With rows that sum to 1, a channel is its own light and shares of how others differ from it.
    matrix = np.eye(3)
    for row in range(3):
        others = [channel for channel in range(3) if channel != row]
        differs = (seen[:, others] - seen[:, [row]]) * weight[:, None]
        missing = (truth[:, row] - seen[:, row]) * weight
        shares = np.linalg.lstsq(differs, missing, rcond=None)[0]
        matrix[row, others] = shares
        matrix[row, row] = 1 - shares.sum()
    return matrix


def correct(reading: ChartReading, matrix: NDArray[np.float64]) -> ChartReading:
    """What the chart would show with its gains and this matrix; exposure stays."""
    red, blue = gains_by_chart(reading)
    return ChartReading(
        (reading.lights * np.array([red, 1, blue])) @ np.asarray(matrix).T, reading.clipped
    )
