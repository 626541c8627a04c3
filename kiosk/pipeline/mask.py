"""Masks: which pixels of a picture belong to something, or how much of each does."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
"""Height × width."""

SoftMask = NDArray[np.float32]
"""Height × width, 0 to 1."""
