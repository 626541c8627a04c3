"""Attendance: whether a person stands before the camera, or a picture of one, by a vote of frames.

A small network looks at each frame. Beside it stands what only a booth can see: how the face's two
sides answer its lamps, a sheet's edges, a blink, a turn that no flat thing can make.

What these weigh was chosen on half of a benchmark's people, rendered ones and real portraits, and
both as prints and on screens (`kiosk.twin.recapture`). No real recapture was at hand.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.errors import ModelError
from kiosk.pipeline.light import LUMINANCE, to_linear
from kiosk.pipeline.look.patch import EYES, Points

Box = tuple[float, float, float, float]
"""Left, top, width, height of a face, in px of the picture."""

FRAMES = 15
"""How many frames vote."""

# ---- the network ----

SIDE = 128
"""Rows and columns of the network's input: R, G, B, 0 to 1."""

PADDED = 1.5
"""Side of the square that the network sees, of the face's box's longer side."""

SPREAD = 4.0
"""Of the logits' difference in one unit of log-odds. Real portraits' differences lie around 9, with
a tenth below 5; the network's own odds of 8000 to 1 are not to be believed."""


class Spoof:
    """MiniFASNet V2-SE, which was trained to tell faces from pictures of faces.

    For one thread at a time. Raises ModelError.
    """

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
            self._input = self._session.get_inputs()[0].name
        # The library's own errors share no base but this.
        except Exception as error:
            raise ModelError(f"the anti-spoofing model cannot be loaded: {error}") from error

    def liveness(self, picture: Picture, box: Box) -> float:
        """Give how much the face in a box looks like a live one's, 0 to 1."""
        patch = _square(picture, box)
        if patch is None:
            return 0.5
        given = np.ascontiguousarray(patch.transpose(2, 0, 1)[None], np.float32) / 255
        real, spoof = self._session.run(None, {self._input: given})[0][0]
        return _share(float(real - spoof) / SPREAD)


def box_of(points: Points) -> Box:
    """Give the box around a face's mesh."""
    left, top = points.min(0)
    right, bottom = points.max(0)
    return float(left), float(top), float(right - left), float(bottom - top)


def _square(picture: Picture, box: Box) -> Picture | None:
    """Cut the square around a box, mirrored at the picture's edges as in the network's training."""
    x, y, w, h = box
    height, width = picture.shape[:2]
    side = round(max(w, h) * PADDED)
    left, top = round(x + w / 2 - side / 2), round(y + h / 2 - side / 2)
    right, bottom = left + side, top + side
    part = picture[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if side < 1 or not part.size:
        return None
    beyond = (max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0))
    if max(beyond) > 4 * min(part.shape[:2]):
        return None
    if max(beyond):
        part = np.asarray(cv2.copyMakeBorder(part, *beyond, cv2.BORDER_REFLECT_101), np.uint8)
    way = cv2.INTER_AREA if side >= SIDE else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (SIDE, SIDE), interpolation=way), np.uint8)


def _share(odds: float) -> float:
    return 0.5 * (1 + math.tanh(odds / 2))


# ---- what one picture shows ----

LINE_ROWS = 320
"""Rows of the picture in which lines are looked for."""


def edges(picture: Picture, box: Box) -> float:
    """Give the length of the longest straight and nearly upright or level line around a face, in
    heights of its box: a sheet's or a screen's edge. Below the chin, clothes have lines of theirs.
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


def shading(picture: Picture, points: Points) -> float | None:
    """Give the natural logarithm of the cheeks' light, the picture's left one over its right.

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


def lids(points: Points) -> float:
    """Give the gap between the lids, the mean of both eyes, in distances between the eyes."""
    gaps = [np.hypot(*(points[a] - points[b])) for eye in _LIDS for a, b in eye]
    return float(np.mean(gaps)) / _eye_distance(points)


def _eye_distance(points: Points) -> float:
    left, right = (points[list(eye)].mean(0) for eye in EYES)
    return max(float(np.hypot(*(left - right))), 1e-6)


# ---- what several pictures show ----


def unflat(before: Points, after: Points) -> float:
    """Give by how much a face has moved other than a flat thing can, in distances between the eyes.

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


def answer(ratios: NDArray[np.float64], shadings: NDArray[np.float64]) -> float | None:
    """Give how far a face's shading follows its lamps: the slope of the cheeks' logarithmic ratio
    over that of `key_left` to `key_right`, frame by frame. None where the lamps did not move.

    Frames may come up to LATE later than the levels they are given with: the steepest slope counts.
    """
    slopes = [
        _slope(ratios[: len(ratios) - late], shadings[late:])
        for late in range(min(LATE + 1, len(ratios) - 1))
    ]
    known = [slope for slope in slopes if slope is not None]
    return max(known, default=None)


def _slope(ratios: NDArray[np.float64], shadings: NDArray[np.float64]) -> float | None:
    moved = ratios - ratios.mean()
    power = float(moved @ moved)
    return float(moved @ shadings) / power if power > LEAST_SWING**2 * len(ratios) else None


LATE = 2
"""Frames by which a picture may lag behind its lamps' levels: more is half of PERIOD too near."""

SWING = 0.15
"""Share by which the key lamps swing to be answered: less than a step of the eye's own adaption."""

PERIOD = 10
"""Frames in which they swing there and back."""

LEAST_SWING = 0.05
"""Root mean square of the keys' logarithmic ratio that can be answered: a still head's measured
shading wanders by 0.01 as it sways."""


def swing(levels: Mapping[str, float], number: int) -> dict[str, float]:
    """Give the lamps' levels for the frame of a number, from those at rest: the key lamps swing in
    opposite directions, so that the exposure stays.
    """
    share = SWING * math.sin(2 * math.pi * number / PERIOD)
    swung = dict(levels)
    for lamp, sign in (("key_left", 1), ("key_right", -1)):
        if lamp in swung:
            swung[lamp] = min(max(swung[lamp] * (1 + sign * share), 0.0), 1.0)
    return swung


# ---- the vote ----


@dataclass(frozen=True, slots=True, eq=False)
class Cues:
    """What one frame says."""

    liveness: float
    """The network's, 0 to 1."""
    edges: float
    """The longest line around the face, in its heights."""
    lids: float
    """Gap between the lids, in distances between the eyes."""
    shading: float | None
    """Natural logarithm of the cheeks' light, the picture's left one over its right."""
    ratio: float | None
    """The same of the key lamps as the frame was exposed; None where they are not known."""
    points: Points
    """The mesh."""


def observe(
    spoof: Spoof, picture: Picture, points: Points, levels: Mapping[str, float] | None
) -> Cues:
    """Take a frame's cues. `levels` are the lamps' as it was exposed, None where not known."""
    box = box_of(points)
    keys = (levels or {}).get("key_left", 0.0), (levels or {}).get("key_right", 0.0)
    return Cues(
        liveness=spoof.liveness(picture, box),
        edges=edges(picture, box),
        lids=lids(points),
        shading=shading(picture, points),
        ratio=math.log(keys[0] / keys[1]) if min(keys) > 0 else None,
        points=points,
    )


@dataclass(frozen=True, slots=True)
class Vote:
    """The last frames' cues; add to it, and it is a new one."""

    cues: tuple[Cues, ...] = ()

    def add(self, cues: Cues) -> "Vote":
        """Give the vote with one frame more, the oldest one left out where there are enough."""
        return Vote((*self.cues, cues)[-FRAMES:])

    @property
    def score(self) -> float | None:
        """How sure it is that a person is there, 0 to 1.

        None before FRAMES frames, and where no lamps moved: what is left then took a tenth of live
        people for pictures.
        """
        if len(self.cues) < FRAMES or self._answer() is None:
            return None
        return _share(sum(self.evidence.values()))

    @property
    def evidence(self) -> dict[str, float]:
        """What each cue adds to the log-odds of a person, above 0, or of a picture of one."""
        if not self.cues:
            return {}
        network = float(np.mean([_odds(cue.liveness) for cue in self.cues]))
        line = float(np.median([cue.edges for cue in self.cues]))
        return {
            "network": _bounded(network - NETWORK, 3, 2),
            "edges": _bounded((LINE - line) / 0.1, 6, 0),
            "lamps": self._lamps(),
            "life": LIFE if self._moves() else 0.0,
        }

    def _lamps(self) -> float:
        slope = self._answer()
        return 0.0 if slope is None else _bounded((slope - ANSWER) / 0.015, 6, 6)

    def _answer(self) -> float | None:
        known = [
            (cue.ratio, cue.shading)
            for cue in self.cues
            if cue.ratio is not None and cue.shading is not None
        ]
        if len(known) < FRAMES // 2:
            return None
        ratios, shadings = np.array(known, np.float64).T
        return answer(ratios, shadings)

    def _moves(self) -> bool:
        open_lids = float(np.median([cue.lids for cue in self.cues]))
        if min(cue.lids for cue in self.cues) < BLINK * open_lids:
            return True
        first = self.cues[0].points
        return any(unflat(first, cue.points) > UNFLAT for cue in self.cues[1::3])


NETWORK = 2.5
"""Mean log-odds of the network's that speak for neither. The lowest of half of the real portraits
has 2.7; recaptures' middle lies near 1.9."""

LINE = 0.65
"""Length of a line around a face, in its heights, that 154 of 155 live sequences kept below."""

ANSWER = 0.16
"""Slope of the answer to the lamps between the flattest head's 0.21 and flat prints' 0.11."""

BLINK = 0.6
"""Of the lids' usual opening: below it lies a blink; the mesh itself wobbles down to 0.75."""

UNFLAT = 0.055
"""In distances between the eyes: where a turn or a wide grin begins. Still pictures, moved, reach
0.014 where they show a face from the front, and 0.053 where the mesh wavers."""

LIFE = 0.5
"""Log-odds that a blink or a turn adds: little, since a video blinks too."""


def _odds(share: float) -> float:
    return math.log(max(share, 1e-9) / max(1 - share, 1e-9))


def _bounded(value: float, below: float, above: float) -> float:
    return min(max(value, -below), above)
