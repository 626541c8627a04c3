"""Which lamp's mirror image each pixel shows: the truth about highlights, by geometry."""

import bpy
import numpy as np
from mathutils import Vector
from scene import CAMERA, EYES, LENSES, RIG, SKIN

LOBE = {SKIN: 9.0, EYES: 1.0, LENSES: 0.5}
"""How far beside a lamp's edge a mirrored ray may pass, degrees: skin is rough and shines wider.
At 9 degrees off, a lobe of skin's roughness (0.43, GGX) is still at four fifths of its peak."""


def mirrored(
    kinds: np.ndarray, position: np.ndarray, normal: np.ndarray, eye: Vector
) -> np.ndarray:
    """Tell which lamps' highlights lie on each px of skin, eyes and lenses.

    `kinds` (height, width) says what is seen, `position` and `normal` (height, width, 3) where and
    how it lies, in Blender's axes. Gives (height, width) bytes: bit 0 for RIG's first lamp.
    """
    out = np.zeros(kinds.shape, np.uint8)
    rows, columns = np.nonzero(np.isin(kinds, list(LOBE)))
    where, up = position[rows, columns], normal[rows, columns]
    up = up / np.maximum(np.linalg.norm(up, axis=1, keepdims=True), 1e-6)
    view = where - np.array(eye + Vector((0, -CAMERA, 0)))
    view = view / np.linalg.norm(view, axis=1, keepdims=True)
    ray = view - 2 * (view * up).sum(1, keepdims=True) * up
    spread = np.array([LOBE[kind] for kind in kinds[rows, columns]])
    graph = bpy.context.evaluated_depsgraph_get()
    for bit, lamps in enumerate(RIG.values()):
        for lamp in lamps:
            to = np.array(eye) + lamp.at - where
            far = np.linalg.norm(to, axis=1)
            off = np.degrees(np.arccos(np.clip((ray * to).sum(1) / far, -1, 1)))
            near = off < np.degrees(np.arctan(lamp.size / 2 / far)) + spread
            for i in np.flatnonzero(near):
                way = to[i] / far[i]
                if _free(graph, where[i] + 0.004 * way, way, far[i] - 0.01):
                    out[rows[i], columns[i]] |= 1 << bit
    return out


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
