"""Whether glasses are worn, by all that was seen of them."""

from kiosk.pipeline.observation import Coverage, Glasses

LEAST_RIM = 0.2
"""`Glasses.rim` from which on there are glasses: 78 of 85 wearers in the wild have more, 86 of 1169
others, and nobody without in the twin."""

LEAST_GLASSES, RIM_WEIGHT = 0.12, 0.2
"""The same of `Coverage.glasses`, to which a rim adds RIM_WEIGHT of its strength: all of 87 wearers
in the wild have 0.17 and more; of 1052 others without a mask 11 have 0.12, most of whom have a
veil, a patch, paint, a camera or a brim there."""

LEAST_EDGE = 0.06
"""`Glasses.rim` without which nothing is glasses, whatever lies over the eyes. Of 54 wearers in the
wild all have 0.088 and more, in profile too; 89 faces with a hand drawn before an eye have 0.046 at
most, and ten people with masks, of whom the rest alone would make wearers, less than 0.06."""


def wears_glasses(glasses: Glasses | None, coverage: Coverage | None) -> bool:
    """Whether glasses are worn: by what covers the face above all, where that is known."""
    if coverage is None:
        return glasses is not None and glasses.rim > LEAST_RIM
    if glasses is None:
        return coverage.glasses > LEAST_GLASSES
    has_edge = glasses.rim > LEAST_EDGE
    return has_edge and coverage.glasses + RIM_WEIGHT * glasses.rim > LEAST_GLASSES
