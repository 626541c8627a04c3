"""What staff may grant a student beforehand: that some rules need not hold for them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

Grant = Literal["headwear", "eyes", "mouth", "posture"]
"""headwear is for faith or for health, as the standard admits it; the others are for health."""

GRANTS: tuple[Grant, ...] = get_args(Grant)

GRANTED_RULES: Mapping[Grant, tuple[str, ...]] = MappingProxyType(
    {
        "headwear": ("bareheaded", "ears_visible", "brows_clear"),
        "eyes": ("eyes_open", "eye_covered", "gaze", "glasses_tint"),
        "mouth": ("mouth_closed", "neutral"),
        "posture": ("yaw", "pitch", "shoulders_visible", "shoulders_level", "still"),
    }
)
"""The booth's rules that each excuses from. A headscarf covers hair, ears and brows alike."""
