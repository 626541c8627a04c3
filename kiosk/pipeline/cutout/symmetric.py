"""Symmetric 3 × 3 matrices of many pixels at once, written out: numpy's own solver calls LAPACK for
each pixel, and takes ten times as long.
"""

import numpy as np
from numpy.typing import NDArray

Scalars = NDArray[np.float32]
"""Pixels."""

Vectors = NDArray[np.float32]
"""3 × pixels."""

Symmetric = NDArray[np.float32]
"""6 × pixels: the upper triangle, row by row."""

ROWS, COLUMNS = np.triu_indices(3)
"""Which entry of a matrix each of the six is."""

DIAGONAL = np.array([0, 3, 5])
"""Which of the six lie on the diagonal."""


def outer(vectors: Vectors) -> Symmetric:
    """Each vector times itself."""
    return vectors[ROWS] * vectors[COLUMNS]


def add_diagonal(matrices: Symmetric, values: NDArray[np.float32]) -> None:
    """Add `values`, 3 × pixels or 3 × 1, to the diagonals, in place."""
    matrices[DIAGONAL] += values


def invert(matrices: Symmetric) -> tuple[Symmetric, Scalars]:
    """The inverses of positive definite matrices, and their determinants."""
    a, b, c, d, e, f = matrices
    found = np.empty_like(matrices)
    found[0] = d * f - e * e
    found[1] = c * e - b * f
    found[2] = b * e - c * d
    found[3] = a * f - c * c
    found[4] = b * c - a * e
    found[5] = a * d - b * b
    determinants = np.maximum(a * found[0] + b * found[1] + c * found[2], np.float32(1e-30))
    found /= determinants
    return found, determinants


def multiply(matrices: Symmetric, vectors: Vectors) -> Vectors:
    """Each matrix times its vector."""
    a, b, c, d, e, f = matrices
    x, y, z = vectors
    product = np.empty_like(vectors)
    product[0] = a * x + b * y + c * z
    product[1] = b * x + d * y + e * z
    product[2] = c * x + e * y + f * z
    return product


def dot(first: Vectors, second: Vectors) -> Scalars:
    """Each vector times that of the other, summed."""
    return np.asarray(
        first[0] * second[0] + first[1] * second[1] + first[2] * second[2], np.float32
    )
