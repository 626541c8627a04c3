"""Whether glasses are worn, by all that was seen of them."""

from kiosk.pipeline.observation import Coverage, Glasses

LEAST_RIM = 0.2
"""`Glasses.rim` from which on there are glasses: 78 of 85 wearers in the wild have more, 86 of 1169
others, and nobody without in the twin."""

LEAST_GLASSES, RIM_WEIGHT = 0.12, 0.2
"""The same of `Coverage.glasses`, to which a rim adds RIM_WEIGHT of its strength: all of 87 wearers
in the wild have 0.17 and more; of 1052 others without a mask 11 have 0.12, most of whom have a
veil, a patch, paint, a camera or a brim there."""


def wears_glasses(glasses: Glasses | None, coverage: Coverage | None) -> bool:
    """Whether glasses are worn: by what covers the face above all, where that is known."""
    rim = 0.0 if glasses is None else glasses.rim
    if coverage is not None:
        return coverage.glasses + RIM_WEIGHT * rim > LEAST_GLASSES
    return rim > LEAST_RIM
