"""Glasses: rims, bridge and arms around real lenses, fitted to a face in body space."""

from dataclasses import dataclass

import numpy as np

AROUND = 64  # points around a lens
RINGS = 10  # from a lens's middle to its rim
INDEX = 1.5
FRONT = 0.25  # radius of a lens's front, m: a base curve of 2 dioptres
THICKNESS = 0.0016


@dataclass(frozen=True)
class Glasses:
    """A pair of glasses; metres."""

    width: float = 0.050  # of a lens
    height: float = 0.038
    squareness: float = 3.2  # exponent of the outline: 2 is an ellipse, large a rectangle
    rim: float = 0.0009  # half the rim's thickness
    colour: tuple[float, float, float] = (0.35, 0.35, 0.36)
    metallic: float = 1.0
    drop: float = 0.004  # of the lenses' middle below the pupils
    ahead: float = 0.019  # of the lenses before the pupils
    tilt: float = 9.0  # degrees that the lenses' upper edge leans forward
    dioptres: float = -3.0

    def outline(self, scale: float = 1.0) -> np.ndarray:
        """Points (AROUND, 2) of a lens's edge, about its middle."""
        t = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)
        power = 2 / self.squareness
        x = np.sign(np.cos(t)) * np.abs(np.cos(t)) ** power * self.width / 2
        y = np.sign(np.sin(t)) * np.abs(np.sin(t)) ** power * self.height / 2
        return scale * np.stack([x, y], 1)

    def place(self, flat: np.ndarray, middle: np.ndarray, sign: float) -> np.ndarray:
        """Bring points (n, 3) of a lens, z out of it, before a face; `sign` 1 is the left eye."""
        lean, wrap = np.radians(self.tilt), np.radians(4.0) * sign
        x, y, z = flat.T
        y, z = y * np.cos(lean) - z * np.sin(lean), y * np.sin(lean) + z * np.cos(lean)
        x, z = x * np.cos(wrap) + z * np.sin(wrap), -x * np.sin(wrap) + z * np.cos(wrap)
        return np.stack([x, y, z], 1) + middle

    def middle(self, pupil: np.ndarray) -> np.ndarray:
        """The middle of the lens before a pupil."""
        return pupil + np.array([0.0, -self.drop, self.ahead])

    @property
    def back(self) -> float:
        """Radius of a lens's back: a thin lens has (INDEX - 1) * (1/front - 1/back) dioptres."""
        return 1 / (1 / FRONT - self.dioptres / (INDEX - 1))

    def lens(self) -> tuple[np.ndarray, list[list[int]]]:
        """A closed meniscus of this power: points (n, 3) about its middle, and faces."""
        points, faces = [], []
        for radius, offset in ((FRONT, 0.0), (self.back, -THICKNESS)):
            first = len(points)
            points.append((0.0, 0.0, offset))
            for ring in range(1, RINGS + 1):
                for x, y in self.outline(ring / RINGS):
                    sag = radius - np.sqrt(radius**2 - x * x - y * y)
                    points.append((x, y, offset - sag))
            for j in range(AROUND):
                k = (j + 1) % AROUND
                faces.append([first, first + 1 + j, first + 1 + k])
                for ring in range(RINGS - 1):
                    a, b = first + 1 + ring * AROUND, first + 1 + (ring + 1) * AROUND
                    faces.append([a + j, b + j, b + k, a + k])
            if offset:
                faces[len(faces) // 2 :] = [f[::-1] for f in faces[len(faces) // 2 :]]
        edge, other = 1 + (RINGS - 1) * AROUND, len(points) // 2 + 1 + (RINGS - 1) * AROUND
        for j in range(AROUND):
            k = (j + 1) % AROUND
            faces.append([edge + k, edge + j, other + j, other + k])
        return np.array(points), faces

    def rims(self, pupils: dict[str, np.ndarray], ears: dict[str, np.ndarray]) -> list[np.ndarray]:
        """The frame's wires: two closed rims, the bridge, and an arm to each ear."""
        wires, inner = [], []
        for side, sign in (("left", 1.0), ("right", -1.0)):
            flat = np.concatenate([self.outline(1.01), np.full((AROUND, 1), -0.003)], 1)
            flat[:, 2] -= (flat[:, :2] ** 2).sum(1) * 2.0
            rim = self.place(flat, self.middle(pupils[side]), sign)
            wires.append(np.concatenate([rim, rim[:2]]))
            out = rim[(rim[:, 0] * sign + 0.6 * rim[:, 1]).argmax()]
            inner.append(rim[(-rim[:, 0] * sign + 0.25 * rim[:, 1]).argmax()])
            hinge = out + np.array([0.004 * sign, 0.0, -0.004])
            ear = ears[side]
            t = np.linspace(0, 1, 12)[:, None]
            wires.append(np.concatenate([out[None], hinge * (1 - t) + ear * t,
                                         ear[None] + [[0, -0.012, -0.018]]]))  # fmt: skip
        t = np.linspace(0, 1, 9)[:, None]
        bridge = inner[0] * (1 - t) + inner[1] * t
        bridge[:, 1] += 0.003 * np.sin(np.pi * t[:, 0])
        bridge[:, 2] += 0.003 * np.sin(np.pi * t[:, 0])
        wires.append(bridge)
        return wires
