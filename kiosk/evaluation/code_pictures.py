"""Pictures of capture codes on telephones, damaged as telephones and hands damage them.

For `kiosk bench codes` and tests. All pure but for the generator passed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.random import Generator
from numpy.typing import NDArray

from kiosk.camera.frame import Picture

WIDTH, HEIGHT = 480, 640
"""Of a preview."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

Screen = NDArray[np.float32]
"""What the telephone's screen shows: height × width, 0 dark to 1 white."""


@dataclass(frozen=True, slots=True)
class CodePicture:
    """One picture, and what is to be read from it."""

    text: str
    picture: Picture


def draw_text(rng: Generator) -> str:
    """A text such as encrypted codes have: 32 to 96 letters and digits."""
    return "".join(rng.choice(list(_LETTERS), int(rng.integers(32, 97))))


def draw_code(damage: str, rng: Generator) -> CodePicture:
    """A picture of a telephone that shows a code, damaged in one of `DAMAGES`."""
    text = draw_text(rng)
    return CodePicture(text, DAMAGES[damage](_draw_screen(text, rng), rng))


def draw_no_code(rng: Generator) -> Picture:
    """A picture that holds no code: noise, tiles, text-like rows, a telephone with a photo."""
    kind = rng.integers(4)
    grey: NDArray[Any]
    if kind == 0:
        grey = rng.integers(0, 256, (HEIGHT, WIDTH))
    elif kind == 1:
        size = int(rng.integers(4, 24))
        tiles = rng.integers(0, 2, (HEIGHT // size + 1, WIDTH // size + 1)) * 255
        grey = np.kron(tiles, np.ones((size, size)))[:HEIGHT, :WIDTH]
    elif kind == 2:
        rows = np.repeat(rng.integers(0, 2, (HEIGHT // 12 + 1, WIDTH // 3 + 1)) * 200, 12, axis=0)
        grey = np.repeat(rows, 3, axis=1)[:HEIGHT, :WIDTH] + 30
    else:
        smooth = cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH)), (0, 0), rng.uniform(1, 9))
        grey = cv2.normalize(smooth, np.empty(0), 0, 255, cv2.NORM_MINMAX)
    return _as_picture(np.asarray(grey, np.float32) / np.float32(255), rng, noise=2.0)


# ---- what the screen shows ----

_SCREEN = (1120, 560)
"""Height and width of a screen that is drawn, before the camera sees it smaller."""

_LEVELS = ("L", "M", "Q", "H")


def _draw_screen(text: str, rng: Generator) -> Screen:
    """An app's page with the code amid it: a title, some rows of text, the code on white."""
    screen = np.full(_SCREEN, 0.97, np.float32)
    screen[:90] = rng.uniform(0.2, 0.6)
    for row in range(120, 300, 40):
        width = int(rng.integers(120, 420))
        screen[row : row + 14, 60 : 60 + width] = rng.uniform(0.2, 0.5)
    level = str(rng.choice(_LEVELS, p=(0.2, 0.5, 0.2, 0.1)))
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    modules = np.asarray(zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False))
    side = int(rng.integers(380, 460))
    drawn = cv2.resize(modules, (side, side), interpolation=cv2.INTER_NEAREST)
    top, left = int(rng.integers(360, 500)), (_SCREEN[1] - side) // 2
    screen[top : top + side, left : left + side] = drawn / 255.0
    return screen


# ---- how the camera sees it ----


def _see(
    screen: Screen,
    rng: Generator,
    *,
    scale: float | None = None,
    roll: float = 0.0,
    yaw: float = 0.0,
    pitch: float = 0.0,
) -> NDArray[np.float32]:
    """The screen in the preview, by a pinhole camera; angles in degrees."""
    height, width = screen.shape
    scale = float(rng.uniform(0.42, 0.60)) if scale is None else scale
    roll = roll or float(rng.normal(0, 3))
    angles = np.radians([pitch or float(rng.normal(0, 4)), yaw or float(rng.normal(0, 4)), roll])
    turned = cv2.Rodrigues(np.array([angles[0], 0, 0]))[0]
    turned = cv2.Rodrigues(np.array([0, angles[1], 0]))[0] @ turned
    turned = cv2.Rodrigues(np.array([0, 0, angles[2]]))[0] @ turned
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    # About the code, which is held before the lens.
    flat = np.column_stack([corners - (width / 2, 0.58 * height), np.zeros(4)]) * scale
    x, y, z = (turned @ flat.T) + np.array([[0], [0], [700.0]])
    shift = rng.uniform(-25, 25, 2)
    seen = np.column_stack(
        [WIDTH / 2 + 700 * x / z + shift[0], HEIGHT / 2 + 700 * y / z + shift[1]]
    )
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    around = _draw_booth(rng)
    fine = cv2.warpPerspective(
        screen, np.diag([2.0, 2.0, 1.0]) @ matrix, (2 * WIDTH, 2 * HEIGHT), flags=cv2.INTER_AREA
    )
    there = cv2.warpPerspective(np.ones_like(screen), matrix, (WIDTH, HEIGHT))
    small = cv2.resize(fine, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(small * there + around * (1 - there), np.float32)


def _draw_booth(rng: Generator) -> NDArray[np.float32]:
    """What is behind the telephone: clothes and a wall, out of focus."""
    coarse = rng.uniform(0.1, 0.7, (8, 6)).astype(np.float32)
    return np.asarray(
        cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.float32
    )


def _as_picture(light: NDArray[np.float32], rng: Generator, *, noise: float = 4.0) -> Picture:
    """Light from 0 to 1 as an 8-bit picture with noise, in codes."""
    grey = 255 * np.clip(light, 0, 1) + rng.normal(0, noise, light.shape)
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _blur(light: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(light, (0, 0), sigma), np.float32)


# ---- damages ----


def _clear(screen: Screen, rng: Generator) -> Picture:
    return _as_picture(_blur(_see(screen, rng), 0.6), rng)


def _small(screen: Screen, rng: Generator) -> Picture:
    return _as_picture(_blur(_see(screen, rng, scale=rng.uniform(0.20, 0.30)), 0.6), rng)


def _out_of_focus(screen: Screen, rng: Generator) -> Picture:
    return _as_picture(_blur(_see(screen, rng), rng.uniform(1.6, 3.0)), rng)


def _moved(screen: Screen, rng: Generator) -> Picture:
    length, angle = rng.uniform(4, 10), rng.uniform(0, np.pi)
    kernel = np.zeros((21, 21), np.float32)
    end = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    centre = np.array([10.0, 10.0])
    points = [tuple(round(16 * c) for c in centre + sign * end) for sign in (-1, 1)]
    cv2.line(kernel, points[0], points[1], 1.0, 1, cv2.LINE_AA, 4)
    seen = cv2.filter2D(_see(screen, rng), -1, kernel / kernel.sum())
    return _as_picture(np.asarray(seen, np.float32), rng)


def _rolled(screen: Screen, rng: Generator) -> Picture:
    return _as_picture(_blur(_see(screen, rng, roll=rng.uniform(15, 345)), 0.6), rng)


def _turned(screen: Screen, rng: Generator) -> Picture:
    signs = rng.choice([-1, 1], 2)
    yaw, pitch = signs * rng.uniform(28, 46, 2)
    return _as_picture(_blur(_see(screen, rng, yaw=yaw, pitch=pitch), 0.6), rng)


def _with_glare(screen: Screen, rng: Generator) -> Picture:
    seen = _see(screen, rng)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    for _ in range(int(rng.integers(1, 3))):
        at = rng.uniform((0.3 * HEIGHT, 0.2 * WIDTH), (0.8 * HEIGHT, 0.8 * WIDTH))
        size = rng.uniform(20, 45, 2)
        far = ((rows - at[0]) / size[0]) ** 2 + ((columns - at[1]) / size[1]) ** 2
        seen = seen + rng.uniform(0.7, 1.5) * np.exp(-far)
    return _as_picture(_blur(np.asarray(seen, np.float32), 0.7), rng)


def _in_low_light(screen: Screen, rng: Generator) -> Picture:
    dim = rng.uniform(0.08, 0.2)
    return _as_picture(_blur(dim * _see(screen, rng), 0.7), rng, noise=rng.uniform(4, 9))


def _inverted(screen: Screen, rng: Generator) -> Picture:
    return _as_picture(_blur(_see(1 - screen, rng), 0.7), rng)


def _with_moire(screen: Screen, rng: Generator) -> Picture:
    seen = _see(screen, rng)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    waves = np.zeros_like(seen)
    for _ in range(3):
        period, angle = rng.uniform(3, 9), rng.uniform(0, np.pi)
        along = columns * np.cos(angle) + rows * np.sin(angle)
        waves += np.sin(2 * np.pi * along / period + rng.uniform(0, 6))
    return _as_picture(
        np.asarray(seen * (1 + rng.uniform(0.2, 0.4) * waves / 1.7), np.float32), rng
    )


def _under_a_finger(screen: Screen, rng: Generator) -> Picture:
    """A thumb over the edge of the code's one corner that has no finder pattern, or near one."""
    held = screen.copy()
    rows = np.flatnonzero((screen < 0.1).sum(axis=1) > 30)
    columns = np.flatnonzero((screen[rows[0] :] < 0.1).sum(axis=0) > 30)
    at = (int(columns[-1] + rng.uniform(-15, 15)), int(rows[-1] + rng.uniform(-15, 15)))
    axes = (int(rng.uniform(50, 90)), int(rng.uniform(70, 115)))
    cv2.ellipse(
        held, at, axes, float(rng.uniform(-50, 50)), 0, 360, float(rng.uniform(0.4, 0.7)), -1
    )
    return _as_picture(_blur(_see(held, rng), 0.7), rng)


def _chat_compressed(screen: Screen, rng: Generator) -> Picture:
    """A screenshot that was sent about: made smaller, and JPEG at low quality, twice."""
    small = cv2.resize(screen, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    for quality in rng.integers(6, 20, 2):
        coded = cv2.imencode(
            ".jpg", (255 * small).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(quality)]
        )[1]
        decoded = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.float32)
        small = decoded / np.float32(255)
    shown = cv2.resize(small, _SCREEN[::-1], interpolation=cv2.INTER_LINEAR)
    return _as_picture(_blur(_see(np.asarray(shown, np.float32), rng), 0.6), rng)


def _cracked(screen: Screen, rng: Generator) -> Picture:
    """Broken glass: shards that show the screen a little shifted, and bright or dark seams.

    From one or two points of impact cracks run outwards in kinks, with rings between them.
    """
    height, width = screen.shape
    seams = np.zeros_like(screen, np.uint8)
    seams_shown = np.zeros_like(screen)
    for _ in range(int(rng.integers(1, 3))):
        impact = rng.uniform((0, 0.2 * height), (width, height))
        rays = []
        for spoke in np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(6, 11)))):
            points, angle = [impact], spoke
            while len(points) < 30:
                angle = spoke + 0.7 * (angle - spoke) + rng.normal(0, 0.18)
                step = rng.uniform(20, 60)
                points.append(points[-1] + step * np.array([np.cos(angle), np.sin(angle)]))
            rays.append(np.array(points))
        lines = list(rays)
        for number in sorted(rng.choice(12, int(rng.integers(0, 3)), replace=False)):
            lines += [np.array([ray[number], after[number]])
                      for ray, after in pairwise(rays)]  # fmt: skip
        for line in lines:
            whole = line.round().astype(np.int32)
            cv2.polylines(seams, [whole], False, 255, 1)
            shade = 1.0 if rng.random() < 0.65 else -1.0
            drawn = np.zeros_like(screen)
            cv2.polylines(drawn, [whole], False, 1.0, int(rng.integers(1, 5)), cv2.LINE_AA)
            seams_shown += shade * rng.uniform(0.4, 1.0) * drawn
    count, shards = cv2.connectedComponents(255 - seams, connectivity=4)
    shifts = rng.normal(0, rng.uniform(0.5, 2.0), (count, 2)).astype(np.float32)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    broken = cv2.remap(
        screen, columns + shifts[shards, 0], rows + shifts[shards, 1], cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    hazy = np.asarray(broken + seams_shown + 0.1 * np.abs(_blur(seams_shown, 6)), np.float32)
    return _as_picture(_blur(_see(np.clip(hazy, 0, 1.3), rng), 0.7), rng)


Damage = Callable[[Screen, Generator], Picture]

DAMAGES: Mapping[str, Damage] = MappingProxyType(
    {
        "clear": _clear,
        "small": _small,
        "out of focus": _out_of_focus,
        "moved": _moved,
        "rolled": _rolled,
        "turned": _turned,
        "glare": _with_glare,
        "low light": _in_low_light,
        "inverted": _inverted,
        "moiré": _with_moire,
        "finger": _under_a_finger,
        "chat": _chat_compressed,
        "cracked": _cracked,
    }
)
"""How a code is damaged, by the damage's name."""
