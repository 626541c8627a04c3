"""Attendance: whether a person stands before the camera, or a picture of one, by a vote of frames.

A small network (`antispoof`) looks at each frame. Beside it stands what only a booth can see: how
the face's two sides answer its lamps, a sheet's edges, a blink, a turn that no flat thing can make.

The weights were chosen on half of a benchmark's people: rendered people and real portraits, live,
as prints and on screens (`kiosk.twin.recapture`). No real recapture was at hand.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import LUMINANCE, to_linear
from kiosk.pipeline.look.antispoof import AntispoofModel, logistic
from kiosk.pipeline.look.patch import EYES, FaceBox, Points, bounding_box

VOTE_FRAMES = 15
"""How many frames vote."""

# ---- what one picture shows ----

LINE_ROWS = 320
"""Rows of the small picture in which lines are looked for."""


def measure_longest_line(picture: Picture, box: FaceBox) -> float:
    """Measure the longest straight and nearly upright or level line around a face, in heights of
    its box: a sheet's or a screen's edge. Below the chin nothing is looked for: clothes have lines.
    """
    height, width = picture.shape[:2]
    scale = min(1.0, LINE_ROWS / height)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    x, y, w, h = (v * scale for v in box)
    if not (h >= 1 and w >= 1):
        return 0.0
    chin = min(max(round(y + h), 1), size[1])
    found = np.asarray(cv2.Canny(small[:chin], 20, 60))
    # The head with its hair; what is left is booth, or what someone holds.
    inner = slice(max(round(y - 0.35 * h), 0), chin)
    found[inner, max(round(x - 0.3 * w), 0) : max(round(x + 1.3 * w), 0)] = 0
    lines = cv2.HoughLinesP(found, 1, np.pi / 180, 25, minLineLength=max(0.4 * h, 12), maxLineGap=4)
    if lines is None:
        return 0.0
    ways = np.abs(lines.reshape(-1, 4)[:, 2:] - lines.reshape(-1, 4)[:, :2]).astype(np.float64)
    straight = ways[ways.min(1) < 0.27 * ways.max(1)]
    return float(np.hypot(*straight.T).max() / h) if len(straight) else 0.0


_CHEEKS = (50, 205, 101), (280, 425, 330)
_LIDS = ((159, 145), (158, 153), (160, 144)), ((386, 374), (385, 380), (387, 373))


def measure_shading(picture: Picture, points: Points) -> float | None:
    """The natural logarithm of the cheeks' light, the picture's left one over its right.

    None where a cheek is dark or not in the picture.
    """
    half = max(round(0.12 * _eye_distance(points)), 1)
    lights = []
    for cheek in _CHEEKS:
        x, y = (int(v) for v in points[list(cheek)].mean(0))
        patch = picture[
            max(y - half, 0) : max(y + half + 1, 0), max(x - half, 0) : max(x + half + 1, 0)
        ]
        lights.append(float((to_linear(patch) @ LUMINANCE).mean()) if patch.size else 0.0)
    return math.log(lights[0] / lights[1]) if min(lights) > 1e-3 else None


def measure_lid_gap(points: Points) -> float:
    """The gap between the lids, the mean of both eyes, in distances between the eyes."""
    gaps = [np.hypot(*(points[a] - points[b])) for eye in _LIDS for a, b in eye]
    return float(np.mean(gaps)) / _eye_distance(points)


def _eye_distance(points: Points) -> float:
    left, right = (points[list(eye)].mean(0) for eye in EYES)
    return max(float(np.hypot(*(left - right))), 1e-6)


# ---- what several pictures show ----


def measure_depth_motion(before: Points, after: Points) -> float:
    """How far a face has moved in a way that no flat thing can, in distances between the eyes.

    A plane seen from two places is mapped by one homography, whatever it or the camera did: what
    the best one leaves over, root mean square, is depth or life.
    """
    some = before[::3].astype(np.float64), after[::3].astype(np.float64)
    # Where all points lie on a line there is no such plane, and OpenCV gives None.
    plane = np.asarray(cv2.findHomography(*some)[0], np.float64)
    if plane.shape != (3, 3):
        return 0.0
    seen = cv2.perspectiveTransform(some[0][None], plane)[0]
    left = float(np.sqrt(((seen - some[1]) ** 2).sum(1).mean()))
    return left / _eye_distance(after) if math.isfinite(left) else 0.0


def measure_lamp_response(
    ratios: NDArray[np.float64], shadings: NDArray[np.float64]
) -> float | None:
    """How far a face's shading follows its lamps: the slope of the logarithm of the cheeks' ratio
    over that of the key lamps', frame by frame. None where the lamps did not move.

    A picture may come up to MOST_LAG frames after the levels that are told with it: the steepest
    slope counts.
    """
    slopes = [
        _slope(ratios[: len(ratios) - lag], shadings[lag:])
        for lag in range(min(MOST_LAG + 1, len(ratios) - 1))
    ]
    known = [slope for slope in slopes if slope is not None]
    return max(known, default=None)


def _slope(ratios: NDArray[np.float64], shadings: NDArray[np.float64]) -> float | None:
    moved = ratios - ratios.mean()
    power = float(moved @ moved)
    return float(moved @ shadings) / power if power > LEAST_SWING**2 * len(ratios) else None


MOST_LAG = 2
"""Frames by which a picture may lag behind its lamps' levels. It must stay well below half of
SWING_PERIOD, at which a swing to the left looks like one to the right."""

SWING_SHARE = 0.15
"""Share by which the key lamps swing to be answered: less than a step of the eye's own adaption."""

SWING_PERIOD = 12
"""Frames in which they swing there and back: 2.5 times a second at 30, with room below the three
that are no danger to anybody (`kiosk.lighting.flicker`)."""

LEAST_SWING = 0.05
"""Least root mean square of the logarithm of the key lamps' ratio whose answer can be told: a still
head's measured shading wanders by 0.01 as it sways."""


def swing(levels: Mapping[str, float], number: int) -> dict[str, float]:
    """The lamps' levels for the frame of a number, from their levels at rest.

    The key lamps swing by the same amount in opposite directions, so that the face's light stays
    while the logarithm of their ratio swings by twice SWING_SHARE, whatever it is at rest.
    """
    keys = {lamp: levels[lamp] for lamp in ("key_left", "key_right") if levels.get(lamp, 0.0) > 0}
    swung = dict(levels)
    if not keys:
        return swung
    way = SWING_SHARE * math.sin(2 * math.pi * number / SWING_PERIOD)
    way *= len(keys) / sum(1 / level for level in keys.values())  # of their harmonic mean
    for lamp, level in keys.items():
        swung[lamp] = min(max(level + (way if lamp == "key_left" else -way), 0.0), 1.0)
    return swung


# ---- the vote ----


@dataclass(frozen=True, slots=True, eq=False)
class Cues:
    """What one frame tells of attendance."""

    liveness: float
    """The network's, 0 to 1."""
    longest_line: float
    """The longest line around the face, in its heights."""
    lid_gap: float
    """Gap between the lids, in distances between the eyes."""
    shading: float | None
    """Natural logarithm of the cheeks' light, the picture's left one over its right."""
    lamp_ratio: float | None
    """Natural logarithm of `key_left`'s level over `key_right`'s as the frame was exposed; None
    where they are not known."""
    points: Points
    """The mesh."""


def gather_cues(
    antispoof: AntispoofModel, picture: Picture, points: Points, levels: Mapping[str, float]
) -> Cues:
    """Gather a frame's cues. `levels` are the lamps' as it was exposed."""
    box = bounding_box(points)
    keys = levels.get("key_left", 0.0), levels.get("key_right", 0.0)
    return Cues(
        liveness=antispoof.liveness(picture, box),
        longest_line=measure_longest_line(picture, box),
        lid_gap=measure_lid_gap(points),
        shading=measure_shading(picture, points),
        lamp_ratio=math.log(keys[0] / keys[1]) if min(keys) > 0 else None,
        points=points,
    )


@dataclass(frozen=True, slots=True)
class Vote:
    """The last frames' cues, and what they say together."""

    cues: tuple[Cues, ...] = ()

    def add(self, cues: Cues) -> "Vote":
        """The vote with one frame more; the oldest is left out once there are VOTE_FRAMES."""
        return Vote((*self.cues, cues)[-VOTE_FRAMES:])

    @property
    def score(self) -> float | None:
        """How sure it is that a person is there, 0 to 1.

        None before VOTE_FRAMES frames have voted. None, too, where no lamps moved: the other cues
        by themselves took a tenth of live people for pictures.
        """
        if len(self.cues) < VOTE_FRAMES or self._lamp_response() is None:
            return None
        return logistic(sum(self.evidence.values()))

    @property
    def evidence(self) -> dict[str, float]:
        """What each cue adds to the log-odds of a person: above 0 speaks for one, below for a
        picture of one."""
        if not self.cues:
            return {}
        network = float(np.mean([_odds(cue.liveness) for cue in self.cues]))
        line = float(np.median([cue.longest_line for cue in self.cues]))
        return {
            "network": _bounded(network - NEUTRAL_NETWORK, 3, 2),
            "edges": _bounded((NEUTRAL_LINE - line) / 0.1, 6, 0),
            "lamps": self._lamp_evidence(),
            "life": LIFE if self._shows_life() else 0.0,
        }

    def _lamp_evidence(self) -> float:
        slope = self._lamp_response()
        return 0.0 if slope is None else _bounded((slope - NEUTRAL_RESPONSE) / 0.015, 6, 6)

    def _lamp_response(self) -> float | None:
        known = [
            (cue.lamp_ratio, cue.shading)
            for cue in self.cues
            if cue.lamp_ratio is not None and cue.shading is not None
        ]
        if len(known) < VOTE_FRAMES // 2:
            return None
        ratios, shadings = np.array(known, np.float64).T
        return measure_lamp_response(ratios, shadings)

    def _shows_life(self) -> bool:
        open_lids = float(np.median([cue.lid_gap for cue in self.cues]))
        if min(cue.lid_gap for cue in self.cues) < BLINK * open_lids:
            return True
        first = self.cues[0].points
        return any(
            measure_depth_motion(first, cue.points) > DEPTH_MOTION for cue in self.cues[1::3]
        )


NEUTRAL_NETWORK = 2.5
"""The network's mean log-odds that speak neither for a person nor for a picture. Of half of the
real portraits the lowest has 2.7; the middle of recaptures lies near 1.9."""

NEUTRAL_LINE = 0.65
"""Length of a line around a face, in its heights, below which 154 of 155 live sequences stayed."""

NEUTRAL_RESPONSE = 0.16
"""Response to the lamps, between the flattest head's 0.21 and flat prints' 0.11."""

BLINK = 0.6
"""Share of the lids' usual opening below which they blink; the mesh itself wobbles down to 0.75."""

DEPTH_MOTION = 0.055
"""In distances between the eyes: where a turn or a wide grin begins. Still pictures, moved, reach
0.014 where they show a face from the front, and 0.053 where the mesh wavers."""

LIFE = 0.5
"""Log-odds that a blink or a turn adds: little, since a video blinks too."""


def _odds(share: float) -> float:
    return math.log(max(share, 1e-9) / max(1 - share, 1e-9))


def _bounded(value: float, below: float, above: float) -> float:
    return min(max(value, -below), above)
