"""Which lamp's mirror image each pixel shows: the truth about highlights, by geometry."""

import bpy
import numpy as np
from glasses import INDEX
from mathutils import Vector
from scene import CAMERA, EYES, LENSES, RIG, SKIN, to_blender

LOBE = {SKIN: 9.0, EYES: 1.0, LENSES: 0.5}
"""How far beside a lamp's edge a mirrored ray may pass, degrees: skin is rough and shines wider.
At 9 degrees off, a lobe of skin's roughness (0.43, GGX) is still at four fifths of its peak."""


def mirrored(
    kinds: np.ndarray,
    position: np.ndarray,
    normal: np.ndarray,
    eye: Vector,
    backs: list[tuple[np.ndarray, float]],
) -> np.ndarray:
    """Tell which lamps' highlights lie on each px of skin, eyes and lenses, their backs included.

    `kinds` (height, width) says what is seen, `position` and `normal` (height, width, 3) where and
    how it lies, in Blender's axes; `backs` are the lenses' back spheres in body space. Gives
    (height, width) bytes: bit 0 for RIG's first lamp.
    """
    out = np.zeros(kinds.shape, np.uint8)
    rows, columns = np.nonzero(np.isin(kinds, list(LOBE)))
    where, up = position[rows, columns], normal[rows, columns]
    up = up / np.maximum(np.linalg.norm(up, axis=1, keepdims=True), 1e-6)
    view = where - np.array(eye + Vector((0, -CAMERA, 0)))
    view = view / np.linalg.norm(view, axis=1, keepdims=True)
    spread = np.array([LOBE[kind] for kind in kinds[rows, columns]])
    rays = [_reflect(view, up)]
    if backs:
        back = _reflect_inside(where, view, up, backs)
        back[kinds[rows, columns] != LENSES] = rays[0][kinds[rows, columns] != LENSES]
        rays.append(back)
    graph = bpy.context.evaluated_depsgraph_get()
    for bit, lamps in enumerate(RIG.values()):
        for lamp in lamps:
            to = np.array(eye) + lamp.at - where
            far = np.linalg.norm(to, axis=1)
            edge = np.degrees(np.arctan(lamp.size / 2 / far)) + spread
            off = [np.degrees(np.arccos(np.clip((ray * to).sum(1) / far, -1, 1))) for ray in rays]
            for i in np.flatnonzero(np.min(off, axis=0) < edge):
                way = to[i] / far[i]
                if _free(graph, where[i] + 0.004 * way, way, far[i] - 0.01):
                    out[rows[i], columns[i]] |= 1 << bit
    return out


def _reflect(view: np.ndarray, up: np.ndarray) -> np.ndarray:
    return view - 2 * (view * up).sum(1, keepdims=True) * up


def _refract(view: np.ndarray, up: np.ndarray, ratio: float) -> np.ndarray:
    """Bend rays that meet a surface against its normal, by Snell's law; NaN where none passes."""
    cos = -(view * up).sum(1, keepdims=True)
    with np.errstate(invalid="ignore"):
        bent = np.sqrt(1 - ratio**2 * (1 - cos**2))
    return ratio * view + (ratio * cos - bent) * up


def _reflect_inside(
    where: np.ndarray,
    view: np.ndarray,
    up: np.ndarray,
    backs: list[tuple[np.ndarray, float]],
) -> np.ndarray:
    """Follow rays into a lens, off its back, and out again by its front."""
    centres = to_blender(np.array([centre for centre, _ in backs]))
    radius = backs[0][1]
    own = centres[np.linalg.norm(where[:, None] - centres[None], axis=2).argmin(1)]
    inside = _refract(view, up, 1 / INDEX)
    # From within its sphere, the back lies where the ray leaves the sphere's shell on this side.
    from_centre = where - own
    half = (inside * from_centre).sum(1)
    with np.errstate(invalid="ignore"):
        root = np.sqrt(half**2 - (from_centre**2).sum(1) + radius**2)
    met = where + (-half - root)[:, None] * inside
    out = (met - own) / radius
    return np.nan_to_num(_refract(_reflect(inside, out), -up, INDEX), nan=0.0)


def _free(graph: bpy.types.Depsgraph, start: np.ndarray, way: np.ndarray, far: float) -> bool:
    """Tell whether nothing stands between a point and a lamp; lenses let light through."""
    here = Vector(start)
    for _ in range(4):
        hit, place, _, _, thing, _ = bpy.context.scene.ray_cast(
            graph, here, Vector(way), distance=far
        )
        if not hit:
            return True
        if thing.pass_index != LENSES:
            return False
        here = place + 0.0005 * Vector(way)
    return True
