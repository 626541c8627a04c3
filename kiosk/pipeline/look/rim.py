"""The rims of glasses: where the lower border of each lens runs, found on an upright patch.

A rim is a line, or the step from a tinted lens to bare skin, that goes round below the eye: a path
through rays from the eye, along which the light departs most from what lies about it. A wrinkle or
the edge of a shadow does so on some rays, a rim on nearly all.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.light import Luminance
from kiosk.pipeline.look.patch import LIDS, Points

NEAREST, FARTHEST = 0.24, 0.8
"""How far from the eye's middle a lens's lower border may run, in T: below the lower lid, and as
low as the largest lenses reach."""

FLATTER = 0.85
"""Height over width of the curves of equal distance: lenses are wider than high."""

RAYS = np.radians(np.arange(-15.0, 200.0, 7.5))
"""Angles of the rays, from outward over down to the nose."""

_PER_RAY, _BEND = 30, 3
# Samples of a ray, and by how many the path may shift from one ray to the next.

_STIFFNESS = 0.03
# What a shift by one sample costs, in logarithms of light.

_WIDE = 11
# Samples over which a ray's light is averaged, to stand out from: 0.2 T.

MOST = 0.6
"""Departure, as a logarithm of light, beyond which a border does not count for more."""

Field = NDArray[np.float32]
"""Something of each pixel of a patch: its light, a colour, or a logarithm of these."""


@dataclass(frozen=True, slots=True, eq=False)
class Rim:
    """One lens's lower border: for each of RAYS."""

    middle: NDArray[np.float64]
    """The eye's middle, px of the patch: x, y."""
    outward: int
    """1 where the temple lies to the picture's right of the eye, else -1."""
    reach: NDArray[np.float64]
    """How far out the border is, in T."""
    strength: NDArray[np.float64]
    """How far the light there departs from what is about it, as a logarithm: 0 to MOST."""

    @property
    def whole(self) -> float:
        """How strong the border is on all but its weakest fifth."""
        return float(np.percentile(self.strength, 20))


def trace_rims(light: Luminance, points: Points, eye_distance: float) -> tuple[Rim, Rim]:
    """Find the lower borders before the eyes of LIDS, in their order, on a patch with the eyes
    level and `eye_distance` px apart; `light` is its luminance, `points` the mesh on it."""
    logs = cv2.log(light + np.float32(0.02))
    dark = np.asarray(cv2.GaussianBlur(logs, (0, 0), 1.2), np.float32)
    middles = [points[list(lid)].mean(0) for lid in LIDS]
    reaches = np.linspace(NEAREST, FARTHEST, _PER_RAY)
    fields = np.stack(
        [
            sample_rays(dark, middle, outward, reaches, eye_distance)
            for middle, outward in zip(middles, (1, -1), strict=True)
        ]
    )
    flat = fields.reshape(-1, _PER_RAY)
    about = cv2.blur(flat, (_WIDE, 1), borderType=cv2.BORDER_REPLICATE)
    strength = np.minimum(np.abs(flat - about), MOST).reshape(fields.shape)
    paths = _best_paths(strength)
    found = np.take_along_axis(strength, paths[..., None], 2)[..., 0].astype(np.float64)
    left, right = (
        Rim(middle, outward, reaches[path], along)
        for middle, outward, path, along in zip(middles, (1, -1), paths, found, strict=True)
    )
    return left, right


def sample_rays(
    field: Field,
    middle: NDArray[np.float64],
    outward: int,
    reaches: NDArray[np.float64],
    eye_distance: float,
) -> Field:
    """A field's values along RAYS (rows) at so many T from an eye's middle: one row of them for
    all rays, or one for each."""
    far = np.broadcast_to(reaches, (len(RAYS), reaches.shape[-1])) * eye_distance
    x = middle[0] + outward * np.cos(RAYS)[:, None] * far
    y = middle[1] + FLATTER * np.sin(RAYS)[:, None] * far
    return np.asarray(
        cv2.remap(
            field,
            x.astype(np.float32),
            y.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.float32,
    )


def _best_paths(strength: Field) -> NDArray[np.intp]:
    """For each eye the path of most strength, ray by ray: dynamic programming."""
    eyes, rays, samples = strength.shape
    shifts = np.arange(-_BEND, _BEND + 1)
    cost = (_STIFFNESS * np.abs(shifts)).astype(np.float32)[:, None]
    before = np.arange(samples) + shifts[:, None]
    padded = np.full((eyes, samples + 2 * _BEND), -np.inf, np.float32)
    best = padded[:, _BEND:-_BEND]
    best[:] = strength[:, 0]
    chosen = np.zeros((rays, eyes, samples), np.intp)
    for ray in range(1, rays):
        options = padded[:, before + _BEND] - cost
        options.argmax(1, out=chosen[ray])
        best[:] = options.max(1) + strength[:, ray]
    paths = np.zeros((eyes, rays), np.intp)
    paths[:, -1] = best.argmax(1)
    for ray in range(rays - 1, 0, -1):
        at = paths[:, ray]
        paths[:, ray - 1] = at + shifts[chosen[ray, np.arange(eyes), at]]
    return paths
