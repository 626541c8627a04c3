"""Hair as strands: combed back from a soft hairline to a tie, with strays that went astray.

The skull is taken as a radius over directions from its centre; a strand runs along the great
circle from its root's direction to the tie's, lifted off the skull, and then hangs as the tail.
"""

from dataclasses import dataclass

import numpy as np
from body import Body, ramp
from mathutils import Vector
from mathutils.bvhtree import BVHTree

AROUND, UP = 180, 90  # the skull's radius is sampled every 2 degrees
POINTS = 22  # along a strand, of which TAIL hang behind the tie
TAIL = 8
LOCKS = 500

Hairline = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Style:
    """How the hair is worn; lengths in metres, angles in degrees about the skull's centre."""

    strands: int = 80_000
    thickness: float = 0.0001
    lift: float = 0.011
    tie: tuple[float, float] = (180.0, 22.0)  # azimuth from the face, elevation
    tail: tuple[float, float] = (0.10, 0.155)  # length behind the tie, from the least to the most
    # How far the tail swings to the subject's left and forward, as shares of its length.
    swing: tuple[float, float] = (0.0, -0.3)
    part: float = 0.018  # where the hair parts above the forehead, to the subject's left
    sweep: float = 0.42  # how far the front hair bends away from the parting
    strays: int = 500
    melanin: float = 0.96
    redness: float = 0.35
    # The hairline's elevation at azimuths from the middle of the forehead round to the nape.
    hairline: Hairline = (
        (0, 31), (22, 29), (38, 22), (50, 11), (62, -1), (74, -10), (86, -13), (94, 4),
        (108, -10), (125, -28), (150, -42), (180, -46),
    )  # fmt: skip


class Skull:
    """The head's surface without ears, as a smooth radius over directions."""

    def __init__(self, body: Body) -> None:
        """Sample the head's radius from outside by rays towards its centre."""
        eyes = (body.joint("l-eye") + body.joint("r-eye")) / 2
        self.centre = np.array([0.0, eyes[1] + 0.015, eyes[2] - 0.062])
        faces = [[v for v, _ in face] for face in body.mesh.faces]
        head = [f for f in faces if body.points[f[0], 1] > eyes[1] - 0.16]
        self.triangles = np.array([[f[0], f[i], f[i + 1]] for f in head for i in (1, len(f) - 2)])
        self.points = body.points
        tree = BVHTree.FromPolygons([Vector(p) for p in body.points], head)
        azimuth = np.radians(np.arange(AROUND) * 360 / AROUND)
        elevation = np.radians(np.linspace(-90, 90, UP))
        grid = np.zeros((UP, AROUND))
        for i, e in enumerate(elevation):
            for j, a in enumerate(azimuth):
                way = Vector((np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)))
                hit = tree.ray_cast(Vector(self.centre) + way * 0.3, -way)
                grid[i, j] = (hit[0] - Vector(self.centre)).length if hit[0] else 0.09
        side = np.abs(np.sin(azimuth))[None, :] > 0.8
        low = (np.abs(elevation) < 0.75)[:, None]
        for _ in range(6):
            blurred = sum(np.roll(grid, k, 1) for k in range(-3, 4)) / 7
            # An ear sticks out; shave it to what surrounds it.
            grid = np.where(side & low, np.minimum(grid, np.minimum(blurred, 0.079)), grid)
        for _ in range(2):
            grid = (np.roll(grid, 1, 1) + 2 * grid + np.roll(grid, -1, 1)) / 4
        self._grid = grid

    def radius(self, way: np.ndarray) -> np.ndarray:
        """The radius in each direction (…, 3), m."""
        a = (np.degrees(np.arctan2(way[..., 0], way[..., 2])) % 360) * AROUND / 360
        e = (np.degrees(np.arcsin(np.clip(way[..., 1], -1, 1))) + 90) / 180 * (UP - 1)
        i, j = np.minimum(e.astype(int), UP - 2), a.astype(int) % AROUND
        u, v, k = e - i, a - np.floor(a), (j + 1) % AROUND
        g = self._grid
        below, above = g[i, j] * (1 - v) + g[i, k] * v, g[i + 1, j] * (1 - v) + g[i + 1, k] * v
        return below * (1 - u) + above * u


def unit(v: np.ndarray) -> np.ndarray:
    """Scale vectors (…, 3) to a length of 1."""
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def angles(way: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Azimuth from the face, to the subject's left, and elevation, degrees."""
    return np.degrees(np.arctan2(way[:, 0], way[:, 2])), np.degrees(np.arcsin(way[:, 1]))


def _way(azimuth: float, elevation: float) -> np.ndarray:
    a, e = np.radians(azimuth), np.radians(elevation)
    return np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])


def roots_of(skull: Skull, hairline: Hairline, count: int, rng: np.random.Generator) -> np.ndarray:
    """Points on the scalp, thinning out over a few degrees at the hairline."""
    corners = skull.points[skull.triangles]
    area = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    found: list[np.ndarray] = []
    while sum(map(len, found)) < count:
        chosen = corners[rng.choice(len(corners), 4 * count, p=area / area.sum())]
        mix = rng.dirichlet((1, 1, 1), len(chosen))
        points = np.einsum("nij,ni->nj", chosen, mix)
        way = unit(points - skull.centre)
        azimuth, elevation = angles(way)
        line = np.interp(np.abs(azimuth), *zip(*hairline, strict=True))
        line = line + 1.6 * np.sin(azimuth * 0.35 + 1) + 1.0 * np.sin(azimuth * 0.93)
        keep = rng.random(len(points)) < ramp(elevation - line, -2.0, 6.0)
        # Skip the ears and the inside of the head.
        depth = np.linalg.norm(points - skull.centre, axis=1) - skull.radius(way)
        found.append(points[keep & (np.abs(depth) < 0.006)])
    return np.concatenate(found)[:count]


def _arc(start: np.ndarray, end: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Directions along great circles: (n, 3), (n, 3), (n, k) give (n, k, 3)."""
    angle = np.arccos(np.clip((start * end).sum(1), -1, 1))[:, None]
    a, b = np.sin((1 - t) * angle) / np.sin(angle), np.sin(t * angle) / np.sin(angle)
    return unit(a[..., None] * start[:, None] + b[..., None] * end[:, None])


def _combed_way(start: np.ndarray, style: Style, t: np.ndarray) -> np.ndarray:
    """Directions from roots to the tie, the front hair swept aside from the parting."""
    way = _arc(start, np.broadcast_to(_way(*style.tie), start.shape), t)
    front = ramp(start[:, 2], 0.0, 0.75) * ramp(start[:, 1], 0.1, 0.5)
    side = np.tanh((start[:, 0] - style.part / 0.09) / 0.06)
    bow = (style.sweep * front)[:, None] * np.sin(np.pi * t) ** 0.8
    way[..., 0] += side[:, None] * bow
    way[..., 1] -= 0.25 * bow
    return unit(way)


def combed(skull: Skull, style: Style, rng: np.random.Generator) -> np.ndarray:
    """The bulk of the hair: strands (n, POINTS, 3) from the scalp to the tie and its tail."""
    roots = roots_of(skull, style.hairline, style.strands, rng)
    offset = roots - skull.centre
    depth, start = np.linalg.norm(offset, axis=1), unit(offset)
    locks = start[rng.choice(len(start), LOCKS, replace=False)]
    lock = np.array([(locks @ s).argmax() for s in start])
    t = np.linspace(0, 1, POINTS - TAIL) ** 1.3
    t = np.broadcast_to(t, (len(roots), len(t)))
    way = _combed_way(start, style, t)
    # Hairs of a lock gather on their way, which leaves the furrows of a comb.
    lead = _combed_way(locks, style, t[: len(locks)])[lock]
    gather = (0.4 * np.sin(np.pi * t))[..., None] * rng.random((len(roots), 1, 1)) ** 0.5
    way = unit(way + gather * (lead - way))
    wave = rng.normal(0, 0.006, (len(roots), 1, 3)) * np.sin(np.pi * t)[..., None]
    way = unit(way + wave)
    layer = rng.random((len(roots), 1)) ** 0.7
    height = style.lift * (0.72 + 0.28 * rng.random((LOCKS, 1)))[lock]
    smooth = skull.radius(way)
    radius = smooth + (depth - smooth[:, 0])[:, None] * (1 - t) ** 3
    radius = radius + height * layer * ramp(t, 0, 0.35) * (1 - 0.3 * t)
    along = skull.centre + way * radius[..., None]
    knot = skull.centre + _way(*style.tie) * (skull.radius(_way(*style.tie)[None])[0] + 0.012)
    squeeze = ramp(t, 0.8, 1.0)[..., None]
    ring = rng.normal(0, 0.005, (len(roots), 1, 3))
    along = along * (1 - squeeze) + (knot + ring) * squeeze
    s = np.linspace(0, 1, TAIL + 1)[1:][None, :, None]
    length = rng.uniform(*style.tail, (len(roots), 1, 1))
    spread = rng.normal(0, 0.011, (len(roots), 1, 3)) * np.array([1, 0.3, 0.7])
    out, forward = (share * np.sin(np.pi * np.minimum(s, 0.5)) for share in style.swing)
    hang = np.concatenate([out, -(s**1.4), forward], 2) * length
    tail = knot + ring + hang + spread * np.sqrt(s)
    return np.concatenate([along, tail], 1)


def brows(roots: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Brow hairs (n, 6, 3) that rise at the nose and lie down towards the temple."""
    reach = np.abs(roots[:, 0])
    along = (reach - reach.min()) / (reach.max() - reach.min())
    # Painted brows end too neatly: thin them towards both ends.
    full = ramp(along, -0.06, 0.14) * (1 - 0.85 * ramp(along, 0.7, 1.0))
    kept = rng.random(len(roots)) < full
    roots, along = roots[kept], along[kept]
    outward, count = np.sign(roots[:, 0]), len(roots)
    slope = np.radians(np.interp(along, (0, 0.15, 0.5, 1), (58, 34, 12, -20)))
    slope = slope + rng.normal(0, 0.16, count)
    out = ramp(along, 0.45, 1.0) * 0.75  # the brow follows the forehead round
    way = np.stack([outward * np.cos(slope), np.sin(slope), -out], 1)
    length = 0.0085 * (1 - 0.35 * along) * rng.uniform(0.6, 1.0, count)
    u = np.linspace(0, 1, 6)[None, :, None]
    strand = roots[:, None] + unit(way)[:, None] * length[:, None, None] * u
    strand[..., 2] += 0.0007 * np.sin(np.pi * u[..., 0] * 0.7) + 0.0002
    return strand


def lashes(
    edge: np.ndarray,
    centre: np.ndarray,
    length: float,
    curl: float,
    count: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Lashes (n, 6, 3) along a lid's edge (k, 3), fanning out from the eye and curling."""
    place = rng.uniform(0.03, 0.98, count) * (len(edge) - 1)
    i = np.minimum(place.astype(int), len(edge) - 2)
    roots = edge[i] + (edge[i + 1] - edge[i]) * (place - i)[:, None]
    roots = roots + 0.0005 * unit(roots - centre)
    out = unit(roots - centre) + rng.normal(0, 0.1, (count, 3))
    u = np.linspace(0, 1, 6)[None, :, None]
    size = (length * rng.uniform(0.5, 1.0, count))[:, None, None]
    return roots[:, None] + size * (out[:, None] * u + np.array([0, curl, 0]) * u**2)


def strays(skull: Skull, style: Style, rng: np.random.Generator) -> np.ndarray:
    """Hairs that left the comb: arcs over the outline, short ones along the hairline."""
    roots = roots_of(skull, style.hairline, 12 * style.strays, rng)
    offset = roots - skull.centre
    depth, start = np.linalg.norm(offset, axis=1), unit(offset)
    azimuth, elevation = angles(start)
    line = np.interp(np.abs(azimuth), *zip(*style.hairline, strict=True))
    edge = elevation - line < 7
    pick = np.concatenate([np.flatnonzero(kind)[: style.strays] for kind in (~edge, edge)])
    start, depth, fringe = start[pick], depth[pick], edge[pick]
    n = len(pick)
    reach = np.where(fringe, 0.16, rng.uniform(0.35, 0.95, n))[:, None]
    t = np.linspace(0, 1, POINTS)[None] * reach
    way = _arc(start, np.broadcast_to(_way(*style.tie), start.shape), t)
    u = np.linspace(0, 1, POINTS)[None, :, None]
    drift = rng.normal(0, 1, (n, 1, 3)) * np.where(fringe, 0.09, 0.05)[:, None, None] * u**1.5
    curl = rng.normal(0, 0.02, (n, 1, 3)) * np.sin(rng.uniform(3, 9, (n, 1, 1)) * u)
    way = unit(way + drift + curl * u)
    rise = np.where(fringe, rng.uniform(0.001, 0.006, n), style.lift + rng.exponential(0.006, n))
    radius = skull.radius(way)
    radius = radius + (depth - radius[:, 0])[:, None] * (1 - u[..., 0])
    radius = radius + rise[:, None] * np.sin(np.pi * 0.62 * u[..., 0] ** 0.8)
    return skull.centre + way * radius[..., None]
