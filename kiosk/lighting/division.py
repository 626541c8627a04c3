"""How light is divided between lamps: a small least-squares problem within bounds. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Each deviation is what costs as much as any other: small ones are kept to, large ones give way.
EVEN = 0.01
"""Of the cheeks from each other, as a share. Evenness goes first: the photo's rule has a limit for
it, and a face a little darker or lighter is still a photo."""
LIGHT = 0.02
"""Of the face's light from the target, as a share: 0.02 is 0.3 in L* of grey."""
DIVISION = 1.0
"""Of a lamp from its usual level: decides only between divisions that are alike otherwise."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be divided. Lamps are in one order."""

    cheeks: Array
    """2 × lamps: light of the left and right cheek per unit of each lamp's level."""
    cheeks_rest: Array
    """2: the cheeks' light from all else."""
    face: Array
    """Lamps: light of a white card at the face per unit of level."""
    face_rest: float
    """A white card's light from all else."""
    target: float
    """The light that a white card is to have."""
    usual: Array
    """Lamps: the levels that are returned to where nothing speaks for others."""
    low: Array
    high: Array
    """Lamps: the bounds of the levels."""

    def imbalance(self, levels: Array) -> float:
        """Natural logarithm of the cheeks' light, left over right."""
        left, right = np.maximum(self.cheeks @ levels + self.cheeks_rest, 1e-6)
        return float(np.log(left / right))

    def light_error(self, levels: Array) -> float:
        """By what share a white card is lighter than the target."""
        return float(self.face @ levels + self.face_rest) / self.target - 1


def divide(task: Task) -> Array:
    """The best levels within bounds.

    The cheeks' difference counts as a share of their sum, which depends on the levels: hence twice
    and again.
    """
    levels = np.clip(task.usual, task.low, task.high)
    for _ in range(3):
        total = max(float((task.cheeks @ levels + task.cheeks_rest).sum()) / 2, 1e-6)
        even = (task.cheeks[0] - task.cheeks[1]) / (total * EVEN)
        off = -(task.cheeks_rest[0] - task.cheeks_rest[1]) / (total * EVEN)
        lit = task.face / (task.target * LIGHT)
        lack = (task.target - task.face_rest) / (task.target * LIGHT)
        usual = np.eye(len(levels)) / DIVISION
        a = np.vstack([even, lit, usual])
        b = np.concatenate([[off, lack], task.usual / DIVISION])
        levels = bounded_least_squares(a, b, task.low, task.high)
    return levels


def bounded_least_squares(a: Array, b: Array, low: Array, high: Array) -> Array:
    """The x within bounds for which |a x - b| is least, by active sets (Stark and Parker 1995).

    `a` must have full column rank.
    """
    x = np.clip(np.linalg.lstsq(a, b, rcond=None)[0], low, high)
    free = (x > low) & (x < high)
    for _ in range(10 * len(x)):
        best = x.copy()
        if free.any():
            best[free] = np.linalg.lstsq(a[:, free], b - a[:, ~free] @ x[~free], rcond=None)[0]
        beyond = free & ((best < low) | (best > high))
        if beyond.any():
            bound = np.where(best < low, low, high)[beyond]
            shares = (bound - x[beyond]) / (best - x)[beyond]
            first = int(np.argmin(shares))
            x = x + shares[first] * (best - x)
            x[np.flatnonzero(beyond)[first]] = bound[first]
            free[np.flatnonzero(beyond)[first]] = False
            continue
        x = best
        slope = a.T @ (a @ x - b)
        inward = np.where(x <= low, -slope, slope)
        inward[free | (low >= high)] = 0.0
        if inward.max(initial=0.0) <= 1e-9 * max(float(np.abs(slope).max(initial=0.0)), 1.0):
            break
        free[int(np.argmax(inward))] = True
    return np.asarray(np.clip(x, low, high))
