"""What staff may grant a student, in a few groups of plain words."""

from collections.abc import Mapping
from typing import Literal

GrantGroup = Literal["headwear", "eyes", "mouth", "posture", "identity"]

GRANTS: Mapping[GrantGroup, tuple[str, ...]] = {
    "headwear": ("bareheaded", "ears_visible", "brows_clear"),
    "eyes": ("eyes_open", "gaze", "glasses_tint"),
    "mouth": ("mouth_closed", "neutral"),
    "identity": ("identity",),
    "posture": ("yaw", "pitch", "shoulders_visible", "shoulders_level", "still"),
}
"""The rules of each group; together all that say `staff_may_grant`, each once. A headscarf covers
hair, ears and brows alike, so it is granted with one tap."""
