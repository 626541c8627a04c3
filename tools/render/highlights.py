"""Which lamp's mirror image each pixel shows: the truth about highlights, by geometry."""

import bpy
import numpy as np
from glasses import INDEX
from mathutils import Vector
from scene import CAMERA, EYES, LENSES, RIG, SKIN, Lamp, Rig, to_blender

LOBE = {SKIN: 9.0, EYES: 1.0, LENSES: 0.5}
"""How far beside a lamp's edge a mirrored ray may pass, degrees: skin is rough and shines wider.
At 9 degrees off, a lobe of skin's roughness (0.43, GGX) is still at four fifths of its peak."""


def mirrored(
    kinds: np.ndarray,
    position: np.ndarray,
    normal: np.ndarray,
    eye: Vector,
    backs: list[tuple[np.ndarray, float]],
    rig: Rig = RIG,
) -> np.ndarray:
    """Tell which lamps' highlights lie on each px of skin, eyes and lenses, their backs included.

    `kinds` (height, width) says what is seen, `position` and `normal` (height, width, 3) where and
    how it lies, in Blender's axes; `backs` are the lenses' back spheres in body space. Gives
    (height, width) of 32 bits: bit 0 for the first lamp of `rig`.
    """
    out = np.zeros(kinds.shape, np.uint32)
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
    for bit, lamps in enumerate(rig.values()):
        for lamp in lamps:
            off, to = _miss(lamp, np.array(eye), where, rays)
            far = np.linalg.norm(to, axis=1)
            for i in np.flatnonzero(off < spread):
                way = to[i] / far[i]
                if _free(graph, where[i] + 0.004 * way, way, far[i] - 0.01):
                    out[rows[i], columns[i]] |= np.uint32(1 << bit)
    return out


def _miss(
    lamp: Lamp, eye: np.ndarray, where: np.ndarray, rays: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """By how many degrees the best ray of each point misses a lamp's edge, and the way (n, 3) from
    the point to the lamp: to a disk's middle, or to where a rectangle is next to the ray."""
    middle = eye + lamp.at
    if lamp.height is None:
        to = middle - where
        far = np.linalg.norm(to, axis=1)
        off = np.min([_angle(ray, to) for ray in rays], axis=0)
        return off - np.degrees(np.arctan(lamp.size / 2 / far)), to
    # Its light leaves along -z: a ray that meets it goes along z.
    across, up, out = (np.array(lamp.aim @ Vector(axis)) for axis in np.eye(3))
    best, nearest = np.full(len(where), 180.0), middle - where
    for ray in rays:
        toward = ray @ out
        with np.errstate(divide="ignore", invalid="ignore"):
            met = where + (((middle - where) @ out) / toward)[:, None] * ray - middle
        x = np.clip(np.nan_to_num(met @ across), -lamp.size / 2, lamp.size / 2)
        y = np.clip(np.nan_to_num(met @ up), -lamp.height / 2, lamp.height / 2)
        to = middle + x[:, None] * across + y[:, None] * up - where
        off = np.where(toward > 0, _angle(ray, to), 180.0)
        nearer = off < best
        best[nearer], nearest[nearer] = off[nearer], to[nearer]
    return best, nearest


def _angle(ray: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Degrees between unit rays and ways."""
    return np.degrees(np.arccos(np.clip((ray * to).sum(1) / np.linalg.norm(to, axis=1), -1, 1)))


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
