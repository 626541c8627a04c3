"""Whether glasses are worn, by all that was seen of them."""

from kiosk.pipeline.observation import Coverage, Glasses

LEAST_RIM = 0.2
"""`Glasses.rim` from which on there are glasses: 78 of 85 wearers in the wild have more, 86 of 1169
others, and nobody without in the twin."""

LEAST_GLASSES = 0.12
"""`Coverage.glasses` from which on there are glasses: all of 87 wearers in the wild have more; of
1052 others without a mask 9, who have a veil, a patch, paint, a camera or a brim there."""


def wears_glasses(glasses: Glasses | None, coverage: Coverage | None) -> bool:
    """Whether glasses are worn; by what covers the face, where that is known: it is the surer."""
    if coverage is not None:
        return coverage.glasses > LEAST_GLASSES
    return glasses is not None and glasses.rim > LEAST_RIM
