"""From lamps to the sensor: light adds up, the person moves, the lens blurs. All pure."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.twin.light_stage import Bytes, Layer, Light, LightStage
from kiosk.twin.shutter import READOUT, RowLevels, Rows
from kiosk.twin.wires import Posture

LENS_AXIS = (0.5, 0.4)
"""Where the lens's axis meets the picture, in its widths and heights: the eyes at rest. Who comes
nearer grows away from here."""

LAYER_MARGIN = (0.15, 0.5)
"""How far a layer is known beyond the picture's sides and lower edge, in widths and heights."""

ARM_END = (0.1, 0.3)
"""How far beyond the picture's side an arm ends, and by how much it has sunk there, in widths."""

Maps = tuple[NDArray[np.float32], NDArray[np.float32]]
"""From which column and row to take each pixel."""

Velocity = tuple[float, float]
"""How fast a person moves to the right and down, in the picture's widths and heights a second."""

AT_REST: Velocity = (0.0, 0.0)

FASTEST_MOVE = 4.0
"""Widths or heights a second, some 1.6 m/s. Who is elsewhere sooner was put there and moved not."""

VIGNETTING = 0.12
"""Share of the light that the lens loses in the corners."""

LENS_BLUR = 0.5
"""The lens's blur: the standard deviation of its spot, in px of the large picture."""


# ---- light ----


def relight(stage: LightStage, levels: RowLevels) -> Light:
    """Add up the lamps' pictures, each at its level; lamps that `levels` leaves out are dark.

    A level may differ from row to row of the picture, as under a lamp that flickers.
    """
    first = next(iter(stage.pictures.values()))
    light = np.zeros(first.shape, np.float32)
    for lamp, picture in stage.pictures.items():
        level = levels.get(lamp, 0.0)
        if isinstance(level, np.ndarray):
            lit = np.asarray(cv2.LUT(picture, stage.decoding_table(lamp, 1.0)), np.float32)
            lit *= level.astype(np.float32)[:, None, None]
            cv2.add(light, lit, dst=light)
        elif level > 0:
            cv2.add(light, cv2.LUT(picture, stage.decoding_table(lamp, level)), dst=light)
    return light


def separate_person(person: Light, alpha: Bytes, booth: Light | None) -> Layer:
    """Separate the person from the booth they stand in.

    `person` is the light of both together, `booth` that of the empty booth under the same lamps;
    None where there is none in the picture, and `person` is the person's own light everywhere.
    """
    cover = alpha.astype(np.float32) * np.float32(1 / 255)
    if booth is None:
        own = cv2.multiply(person, cv2.cvtColor(cover, cv2.COLOR_GRAY2RGB))
    else:
        own = cv2.subtract(person, cv2.multiply(booth, cv2.cvtColor(1 - cover, cv2.COLOR_GRAY2RGB)))
    both = cv2.cvtColor(own, cv2.COLOR_RGB2RGBA)
    both[..., 3] = cover
    return np.asarray(both, np.float32)


# ---- motion ----


def extend_layer(known: Layer) -> Layer:
    """Continue a layer beyond the picture by LAYER_MARGIN, so that the person can move.

    Below, the body goes on as it is at the edge; at the sides the arms round off and fall.
    """
    height, width = known.shape[:2]
    side, below = round(LAYER_MARGIN[0] * width), round(LAYER_MARGIN[1] * height)
    extended = np.empty((height + below, width + 2 * side, 4), np.float32)
    extended[:height, side:-side] = known
    extended[height:, side:-side] = known[-1]
    strips = extended[:, :side], extended[:, -side:]
    for strip, maps in zip(strips, _side_maps(width, height, side, below), strict=True):
        strip[:] = cv2.remap(known, *maps, cv2.INTER_LINEAR)
    return extended


@lru_cache(maxsize=4)
def _side_maps(width: int, height: int, side: int, below: int) -> tuple[Maps, Maps]:
    rows = np.arange(height + below, dtype=np.float32)
    out = np.arange(1, side + 1, dtype=np.float32)
    ends = 0, width - 1
    left = continue_sides(-out[::-1], rows, ends, height - 1)
    right = continue_sides(width - 1 + out, rows, ends, height - 1)
    return left, right


def continue_sides(
    x: NDArray[np.float32], y: NDArray[np.float32], sides: tuple[float, float], bottom: float
) -> Maps:
    """The maps for cv2.remap that continue a picture of a person beyond its sides and lower edge.

    `x` and `y` are the columns and rows wanted; the picture is known between columns `sides` and
    down to row `bottom`. Where there is nothing of the person the maps point above the picture.
    """
    out = np.maximum(np.maximum(sides[0] - x, x - sides[1]), 0)
    reach, fall = (part * (sides[1] - sides[0]) for part in ARM_END)
    arm = out <= reach
    drop = fall * (1 - np.sqrt(1 - np.minimum(out / reach, 1) ** 2))
    rows = np.minimum(y[:, None] - drop[None, :], bottom)
    rows = np.where(arm[None, :], rows, -10.0)
    columns = np.broadcast_to(np.clip(x, *sides), rows.shape)
    return np.ascontiguousarray(columns, np.float32), np.ascontiguousarray(rows, np.float32)


def move_layer(
    extended: Layer,
    posture: Posture,
    size: tuple[int, int],
    velocity: Velocity = AT_REST,
    exposure: float = 0.0,
) -> Layer:
    """Place an extended layer into the picture of `size` (width, height) as the person stands.

    A person who moves is sheared by the rolling shutter, whose lower rows see them later, and
    smeared over `exposure` seconds.
    """
    width, height = size
    side = round(LAYER_MARGIN[0] * width)
    scale = posture.scale
    # Pixels' centres lie at halves: what scales about a point scales the halves too.
    half = 0.5 * scale - 0.5
    right = half + LENS_AXIS[0] * width * (1 - scale) + posture.dx * width - scale * side
    down = half + LENS_AXIS[1] * height * (1 - scale) + posture.dy * height
    # In the time that the shutter takes down the picture, they go this many px.
    along, upright = velocity[0] * READOUT * width, velocity[1] * READOUT * height
    stretch = 1 / (1 - min(upright / height, 0.5))
    shear = along / height * stretch
    motion = np.array(
        [[scale, shear * scale, right + shear * down], [0, scale * stretch, down * stretch]],
        np.float64,
    )
    moved = cv2.warpAffine(extended, motion, size, flags=cv2.INTER_LINEAR)
    smear = velocity[0] * exposure * width, velocity[1] * exposure * height
    if max(abs(smear[0]), abs(smear[1])) >= 1:
        moved = cv2.filter2D(moved, -1, _motion_kernel(*smear))
    return np.asarray(moved, np.float32)


def velocity(before: Posture, now: Posture, passed: float) -> Velocity:
    """How fast a person moves who stood as `before` and stands as `now`, `passed` s later."""
    if passed <= 0 or not (before.present and now.present):
        return AT_REST
    way = (now.dx - before.dx) / passed, (now.dy - before.dy) / passed
    return way if max(map(abs, way)) <= FASTEST_MOVE else AT_REST


def _motion_kernel(right: float, down: float) -> NDArray[np.float32]:
    """The kernel of a straight motion by so many px: a line of weight 1 through the middle."""
    across, along = (int(np.ceil(abs(way) / 2)) for way in (right, down))
    kernel = np.zeros((2 * along + 1, 2 * across + 1), np.float32)
    for part in np.linspace(-0.5, 0.5, 8 * max(across, along) + 1):
        kernel[along + round(part * down), across + round(part * right)] += 1
    return np.asarray(kernel / kernel.sum(), np.float32)


def shift_levels(levels: RowLevels, posture: Posture) -> RowLevels:
    """Turn levels row by row of the picture into those of the rows of a person's own layer."""

    def seen(rows: Rows) -> Rows:
        height, scale = len(rows), posture.scale
        down = 0.5 * scale - 0.5 + LENS_AXIS[1] * height * (1 - scale) + posture.dy * height
        nearest = np.clip(np.round(scale * np.arange(height) + down), 0, height - 1)
        return rows[nearest.astype(np.intp)]

    return {
        lamp: seen(level) if isinstance(level, np.ndarray) else level
        for lamp, level in levels.items()
    }


def second_posture(lean: float) -> Posture:
    """How a second person stands who leans in by `lean`, 0 to 1, from the picture's left.

    They are behind the first, hence smaller; at 0 not even their shoulder is in the picture.
    """
    return Posture(dx=-0.95 + 0.61 * lean, dy=0.03, scale=0.62)


def compose(booth: Light, person: Layer) -> Light:
    """Put the person into the empty booth, both under the same lamps."""
    left = cv2.cvtColor(1 - cv2.extractChannel(person, 3), cv2.COLOR_GRAY2RGB)
    light = cv2.multiply(booth, left)
    cv2.add(light, cv2.cvtColor(person, cv2.COLOR_RGBA2RGB), dst=light)
    return np.asarray(cv2.threshold(light, 0, 0, cv2.THRESH_TOZERO)[1], np.float32)


# ---- lens ----


def blur(light: Light, blur: float) -> Light:
    """Blur light as a lens does whose spot has a standard deviation of `blur` px."""
    return np.asarray(cv2.GaussianBlur(light, (0, 0), blur), np.float32)


def vignette(light: Light) -> Light:
    """Take away the light that a lens loses towards the corners."""
    return np.asarray(
        cv2.multiply(light, _vignette_gain(light.shape[1], light.shape[0])), np.float32
    )


@lru_cache(maxsize=4)
def _vignette_gain(width: int, height: int) -> Light:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    aspect = height / width
    distance = (x**2 + (y * aspect) ** 2) / (1 + aspect**2)
    return np.repeat((1 - VIGNETTING * distance)[..., None], 3, axis=2).astype(np.float32)
