"""Pictures of pictures: what the camera sees of a print or a screen held up in the booth.

For tests and benches of attendance. All pure but for the generator passed in.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Controls, Picture
from kiosk.pipeline.light import to_linear
from kiosk.twin import optics, sensor
from kiosk.twin.light_stage import EYES_TO_CAMERA, FACE_SHARE, Light, LightStage
from kiosk.twin.shutter import READOUT

Kind = Literal["print", "screen"]

Box = tuple[float, float, float, float]
"""Left, top, width, height, in px."""

Array = NDArray[np.float32]

FACE_WIDTH = 0.150
"""A face's width across the mesh, m."""

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class _Lamp:
    at: Vector
    """Where it is, m from a person's eyes: right, to the camera, up."""
    light: float
    """What a white sheet at the eyes would reflect of it, square to it, 1 saturating the sensor."""


LAMPS: Mapping[str, _Lamp] = {
    "key_left": _Lamp((-0.75, 1.05, 0.08), 0.55),
    "key_right": _Lamp((0.75, 1.05, 0.08), 0.55),
    "fill": _Lamp((0.0, 1.1, 0.7), 0.35),
}
"""The lamps that light a sheet, where tools/render/scene.py has them, and as bright as they are on
the rendered people's foreheads. The backdrop's lamps stand behind it."""

COARSE_STEP = 8
"""The lamps' light on a sheet changes slowly: it is worked out for one px in so many each way."""

ROOM_LIGHT = 0.10
"""What a white sheet reflects of the room's light at level 1."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One sheet or screen, how it was made and how it is held."""

    kind: Kind
    face: float
    """The face's width on it, m."""
    share: float
    """The face's width as it is seen, of the picture's width: with the one above, how near."""
    turn: Vector
    """Degrees about the axes to the right, up, and to the camera."""
    curl: float
    """One over the radius to which the sheet bends about an upright axis, 1/m; a screen has 0."""
    tremor: float
    """How far the hand goes from frame to frame: standard deviation, in the picture's widths."""
    border: float
    """Width of a print's white border or a screen's bezel, m."""
    pitch: float
    """Distance of a print's screen lines or a screen's dots, m."""
    depth: float
    """How strongly those lines or dots modulate the light, 0 to 1, before the lens blurs them."""
    blur: float
    """Spot of the lens where the thing is held: standard deviation in px of the large picture."""
    grain: float
    """A print's grain: relative standard deviation at 0.5 mm."""
    colours: float
    """Share of the picture's saturation that is left."""
    black: float
    """Its darkest, of its brightest."""
    gloss: float
    """Share of a lamp's light that its surface mirrors, spread over its sheen."""
    bright: float
    """A screen's white, 1 saturating the sensor."""
    cold: float
    """A screen's blue over its red."""
    bands: float
    """How deep a screen's backlight flickers."""
    rate: float
    """How often it does, Hz."""


def draw_attack(kind: Kind, rng: np.random.Generator, *, good: bool) -> Attack:
    """Draw an attack; a good one is sharp, even, and so large that no edge of it is seen."""
    share = float(rng.uniform(0.45, 0.50) if good else rng.uniform(0.24, 0.46))
    right, up, ahead = (float(angle) for angle in rng.normal(0, 1.5 if good else 4.0, 3))
    tremor = float(rng.uniform(0.0005, 0.004))
    blur = float(rng.uniform(0.3, 0.5) if good else rng.uniform(0.3, 0.9))
    if kind == "print":
        # From a laser printer's 106 lines an inch, seen, to a photo lab's dots, too fine to be.
        lines = rng.uniform(200, 400) if good else rng.choice([85, 106, 133, 150, 200, 300])
        return Attack(
            kind,
            share=share,
            turn=(right, up, ahead),
            tremor=tremor,
            blur=blur,
            face=float(rng.uniform(0.12, 0.16) if good else rng.uniform(0.09, 0.15)),
            curl=float(rng.uniform(0, 1.5) if good else rng.normal(0, 2.0)),
            border=0.0 if good else float(rng.choice([0.0, 0.005])),
            pitch=0.0254 / float(lines),
            depth=float(rng.uniform(0.1, 0.3) if good else rng.uniform(0.2, 0.6)),
            grain=float(rng.uniform(0.005, 0.02) if good else rng.uniform(0.02, 0.06)),
            colours=float(rng.uniform(0.85, 1.0) if good else rng.uniform(0.6, 0.95)),
            black=float(rng.uniform(0.01, 0.03) if good else rng.uniform(0.03, 0.08)),
            gloss=float(rng.choice([0.0, rng.uniform(0.0, 0.1 if good else 0.4)])),
            bright=1.0,
            cold=1.0,
            bands=0.0,
            rate=100.0,
        )
    # From a tablet's 160 dots an inch to a good phone's 500.
    dots = rng.uniform(300, 500) if good else rng.uniform(160, 450)
    return Attack(
        kind,
        share=share,
        turn=(right, up, ahead),
        tremor=tremor,
        blur=blur,
        face=float(rng.uniform(0.05, 0.11) if good else rng.uniform(0.035, 0.09)),
        curl=0.0,
        border=0.0 if good else float(rng.uniform(0.003, 0.012)),
        pitch=0.0254 / float(dots),
        depth=float(rng.uniform(0.3, 1.0)),
        grain=0.0,
        colours=float(rng.uniform(0.9, 1.15)),
        black=float(rng.uniform(0.0005, 0.004)),
        gloss=float(rng.uniform(0.002, 0.01) if good else rng.uniform(0.005, 0.04)),
        bright=float(rng.uniform(0.7, 1.0) if good else rng.uniform(0.45, 1.4)),
        cold=float(rng.uniform(0.97, 1.1) if good else rng.uniform(1.0, 1.35)),
        bands=float(rng.choice([0.0, rng.uniform(0, 0.05 if good else 0.3)])),
        rate=float(rng.choice([120.0, 240.0, 480.0])),
    )


def take_frames(
    shown: Sequence[tuple[Picture, Box]],
    attack: Attack,
    booth: LightStage,
    lamps: Sequence[Mapping[str, float]],
    rng: np.random.Generator,
) -> Iterator[Picture]:
    """Take pictures of an attack: for each of `lamps`' levels one large picture.

    `shown` holds the pictures that are held up, each with its face's box; the last one stays (a
    video has many). `booth` is the empty booth's large stage.
    """
    grain = rng.standard_normal((512, 512)).astype(np.float32)
    place = np.zeros(3)
    sway = np.zeros(3)
    start = float(rng.uniform(0, 1))
    for number, levels in enumerate(lamps):
        picture, face = shown[min(number, len(shown) - 1)]
        place += rng.normal(0, attack.tremor, 3) - 0.1 * place
        sway += rng.normal(0, 100 * attack.tremor, 3) - 0.1 * sway
        phase = start + 0.37 * number
        light = attack_light(picture, face, attack, booth, levels, (place, sway), grain, phase)
        read = sensor.expose(light, Controls(), sensor.SENSOR, rng)
        yield sensor.develop(read)


def attack_light(
    picture: Picture,
    face: Box,
    attack: Attack,
    booth: LightStage,
    levels: Mapping[str, float],
    held: tuple[NDArray[np.float64], NDArray[np.float64]],
    grain: Array,
    phase: float,
) -> Light:
    """The light on the sensor at one moment of an attack.

    `held` says how far the hand is off: to the right, down (widths) and nearer (share), and turned
    (degrees, as `Attack.turn`); `grain` is the paper's, of variance 1 and any size; `phase`, in
    turns, is where the backlight's flicker stands at the first row.
    """
    behind = optics.blur(optics.relight(booth, levels), optics.LENS_BLUR)
    size = behind.shape[1], behind.shape[0]
    across, down, beside = _map_sheet(attack, size, held)
    # From metres on the sheet to px of the picture that is on it.
    dots = face[2] / attack.face
    columns = np.asarray(across * dots + (face[0] + face[2] / 2), np.float32)
    rows = np.asarray(down * dots + (face[1] + face[3] / 2), np.float32)
    own = (
        _print_reflectance(picture, attack)
        if attack.kind == "print"
        else _screen_light(picture, attack)
    )
    seen = _sample(own, columns, rows, size[0] * attack.share / face[2])
    seen = optics.blur(seen, attack.blur)
    finest = attack.share * size[0] / attack.face
    if attack.kind == "print":
        seen = seen * (1 + attack.grain * _grain_at(grain, across, down, finest))[..., None]
        seen = seen * _halftone(attack, across, down, finest)
    else:
        seen = seen * _screen_grid(attack, across, down, finest) * _banding(attack, size, phase)
    coarse = np.stack([across, down, beside])[:, ::COARSE_STEP, ::COARSE_STEP]
    falling, mirrored = (
        np.asarray(cv2.resize(light, size, interpolation=cv2.INTER_LINEAR), np.float32)
        for light in _light_on_sheet(attack, levels, coarse, held[1])
    )
    seen = seen * falling[..., None] if attack.kind == "print" else seen
    seen = seen + attack.gloss * mirrored[..., None]
    return optics.vignette(_frame_sheet(seen, behind, attack, columns, rows, picture, dots))


# ---- where ----


def _map_sheet(
    attack: Attack, size: tuple[int, int], held: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> tuple[Array, Array, Array]:
    """Map each px to the sheet: m right and down of the face's middle, and the angle, rad, by which
    the sheet's curl turns it aside there.
    """
    width, height = size
    focal = FACE_SHARE * width * EYES_TO_CAMERA / FACE_WIDTH
    off, sway = held
    far = focal * attack.face / (attack.share * width) * (1 - off[2])
    turned = _rotation(attack, sway)
    middle = np.array([off[0] * width + 0.5 * width, off[1] * width + 0.47 * height])
    lens = np.array([[focal, 0, middle[0]], [0, focal, middle[1]], [0, 0, 1]])
    # A point (u, v) of the plane lies at turned @ (u, v, 0) + (0, 0, far).
    plane = lens @ np.column_stack([turned[:, 0], turned[:, 1], [0, 0, far]])
    back = np.linalg.inv(plane)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    low = back[2, 0] * x + back[2, 1] * y + back[2, 2]
    across = (back[0, 0] * x + back[0, 1] * y + back[0, 2]) / low
    down = (back[1, 0] * x + back[1, 1] * y + back[1, 2]) / low
    if attack.curl:
        beside = np.arcsin(np.clip(across * attack.curl, -0.95, 0.95))
        across = beside / attack.curl
    else:
        beside = np.zeros_like(across)
    return across.astype(np.float32), down.astype(np.float32), beside.astype(np.float32)


def _rotation(attack: Attack, sway: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sheet's rotation; axes to the right, down and away from the camera."""
    turned = np.eye(3)
    for axis, angle in enumerate(np.radians(np.array(attack.turn) + sway)):
        about = np.zeros(3)
        about[axis] = angle
        turned = turned @ cv2.Rodrigues(about)[0]
    return turned


def _frame_sheet(
    seen: Light,
    behind: Light,
    attack: Attack,
    columns: Array,
    rows: Array,
    picture: Picture,
    dots: float,
) -> Light:
    """Put the thing with its border before the booth; its edges are a px soft."""
    height, width = picture.shape[:2]
    out = np.maximum(
        np.maximum(-columns, columns - (width - 1)), np.maximum(-rows, rows - (height - 1))
    )
    step = max(float(np.abs(np.diff(columns[columns.shape[0] // 2])).mean()), 1e-6)
    inside = np.clip(0.5 - out / step, 0, 1)[..., None]
    within = np.clip(0.5 - (out - attack.border * dots) / step, 0, 1)[..., None]
    rim = np.float32(0.5 if attack.kind == "print" else 0.01)
    return np.asarray(
        (seen * inside + rim * (1 - inside)) * within + behind * (1 - within), np.float32
    )


# ---- what is on it ----


def _sample(own: Light, columns: Array, rows: Array, scale: float) -> Light:
    """Read the picture where the camera looks, at `scale` px for each of its own."""
    if scale < 1:
        own = cv2.GaussianBlur(own, (0, 0), 0.5 / scale)  # type: ignore[assignment]
    return np.asarray(
        cv2.remap(own, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def _desaturate(light: Light, share: float) -> Light:
    grey = light.mean(2, keepdims=True)
    return np.asarray(np.clip(grey + share * (light - grey), 0, 1), np.float32)


def _print_reflectance(picture: Picture, attack: Attack) -> Light:
    """The share of light that each dot of a print sends back: paper white is 0.9."""
    light = _desaturate(to_linear(picture), attack.colours)
    return np.asarray(0.9 * (attack.black + (1 - attack.black) * light), np.float32)


def _screen_light(picture: Picture, attack: Attack) -> Light:
    light = _desaturate(to_linear(picture), attack.colours)
    white = np.array([attack.cold**-0.5, 1, attack.cold**0.5], np.float32) * attack.bright
    return np.asarray(white * (attack.black + (1 - attack.black) * light), np.float32)


def _grain_at(grain: Array, across: Array, down: Array, finest: float) -> Array:
    """The grain of the paper at each px; `finest` is px a metre."""
    pitch = max(0.0005, 1 / finest)
    height, width = grain.shape
    columns, rows = (across / pitch) % (width - 1), (down / pitch) % (height - 1)
    return np.asarray(cv2.remap(grain, columns, rows, cv2.INTER_LINEAR), np.float32)


def _transfer(attack: Attack, cycles: float, side: float) -> float:
    """What lens and a pixel `side` px wide let through of `cycles` a px of the large picture."""
    lens = math.exp(-2 * (math.pi * attack.blur * cycles) ** 2)
    return lens * abs(float(np.sinc(cycles * side)))


def _halftone(attack: Attack, across: Array, down: Array, finest: float) -> Light:
    """A halftone: one angle a colour."""
    passed = _transfer(attack, 1 / (attack.pitch * finest), 1.0) * attack.depth
    if passed < 1e-3:
        return np.ones((1, 1, 3), np.float32)
    layers = []
    for angle in np.radians([15.0, 75.0, 45.0]):
        u = (across * np.cos(angle) + down * np.sin(angle)) * (2 * np.pi / attack.pitch)
        v = (down * np.cos(angle) - across * np.sin(angle)) * (2 * np.pi / attack.pitch)
        layers.append(1 + passed / 2 * (np.cos(u) + np.cos(v)))
    return np.asarray(np.stack(layers, 2), np.float32)


def _screen_grid(attack: Attack, across: Array, down: Array, finest: float) -> Light:
    """A screen's dots, as a Bayer chip with two px across each of the picture's samples them.

    Red, green and blue stripes stand side by side, and the chip's red and blue pixels at the
    corners of a square: what is finer than they can tell comes back as coarse coloured bands.
    """
    cycles = 1 / (attack.pitch * finest)
    passed = _transfer(attack, cycles, 0.5) * attack.depth
    if passed < 1e-3:
        return np.ones((1, 1, 3), np.float32)
    turn = 2 * np.pi / attack.pitch
    half = 0.25 / finest
    layers = []
    for colour, sites in enumerate([[(-1, -1)], [(1, -1), (-1, 1)], [(1, 1)]]):
        layer = np.zeros_like(across)
        for right, low in sites:
            stripes = np.cos((across + right * half) * turn - 2 * np.pi * colour / 3)
            rows = np.cos((down + low * half) * turn)
            # Stripes a third as wide as a dot, with gaps of a tenth between the rows.
            layer += (1 + 1.65 * passed * stripes) * (1 + 0.2 * passed * rows)
        layers.append(np.maximum(layer / len(sites), 0))
    return np.asarray(np.stack(layers, 2), np.float32)


def _banding(attack: Attack, size: tuple[int, int], phase: float) -> Light:
    """The backlight's flicker under the rolling shutter."""
    times = np.arange(size[1], dtype=np.float32) / size[1] * READOUT
    waves = 1 + attack.bands * np.cos(2 * np.pi * (times * attack.rate + phase))
    return np.asarray(waves[:, None, None], np.float32)


# ---- the lamps on it ----


def _light_on_sheet(
    attack: Attack,
    levels: Mapping[str, float],
    sheet: Array,
    sway: NDArray[np.float64],
) -> tuple[Array, Array]:
    """The light that a white sheet sends back at each px under lamps at levels, and the lamps'
    mirror images, which a surface that is not quite smooth spreads over some ten degrees.
    """
    across, down, beside = sheet
    turned = _rotation(attack, sway)
    near = EYES_TO_CAMERA * (1 - attack.face / FACE_WIDTH * FACE_SHARE / attack.share)
    # The sheet's normal, and its px, in the lamps' axes: right, to the camera, up.
    plain = np.stack([np.sin(beside), np.zeros_like(beside), -np.cos(beside)], 2) @ turned.T
    normal = np.stack([plain[..., 0], -plain[..., 2], -plain[..., 1]], 2)
    flat = across[..., None] * turned[:, 0] + down[..., None] * turned[:, 1]
    at = np.stack([flat[..., 0], near - flat[..., 2], -flat[..., 1]], 2)
    view = np.array([0, EYES_TO_CAMERA, 0]) - at
    view /= np.linalg.norm(view, axis=2, keepdims=True)
    falling = np.full(across.shape, ROOM_LIGHT * levels.get("room", 0.0), np.float32)
    mirrored = 0.5 * falling
    for name, lamp in LAMPS.items():
        level = levels.get(name, 0.0)
        way = np.array(lamp.at) - at
        far = np.linalg.norm(way, axis=2, keepdims=True)
        way /= far
        # The lamps are disks that look at the eyes; what leaves them slantwise is less.
        ahead = np.maximum(way @ (np.array(lamp.at) / np.linalg.norm(lamp.at)), 0)
        power = lamp.light * float(np.dot(lamp.at, lamp.at)) / far[..., 0] ** 2 * ahead * level
        falling += power * np.maximum((normal * way).sum(2), 0)
        halfway = way + view
        halfway /= np.linalg.norm(halfway, axis=2, keepdims=True)
        mirrored += 4 * power * np.maximum((normal * halfway).sum(2), 0) ** 200
    return np.asarray(falling, np.float32), np.asarray(mirrored, np.float32)
