"""What the guide insists on: the rules by which the photo before might have been refused.

Pure.
"""

from collections.abc import Mapping
from types import MappingProxyType

CONCERNED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "somebody_else": ("attendance",),
        "eyes_closed": ("eyes_open", "eye_covered"),
        "gaze": ("gaze",),
        "expression": ("mouth_closed", "neutral"),
        "head_pose": ("yaw", "pitch", "roll", "shoulders_level"),
        "hair": ("brows_clear", "ears_visible", "eye_covered"),
        "glasses": ("glasses_tint", "glasses_frame", "glare"),
        "head_covered": ("bareheaded", "mouth_covered"),
        "clothes": ("clothes_colour", "clothes_pattern"),
        "blurred": ("still", "sharp"),
        "light": ("exposure", "even_light", "shadow", "highlight", "red_eye"),
        "colour": ("skin_green", "skin_blue", "skin_green_blue", "full_colour", "even_colour"),
        "outline": ("clothes_colour", "background"),
        "framing": ("face_size", "centred", "shoulders_visible"),
        "other": (),
        "comparison_failed": (),
    }
)
"""The rules, of those that the booth measures, that each reason to refuse a photo concerns
(`protocol.review`)."""

ON_CHECKLIST: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "hair": ("checklist.hair",),
        "glasses": ("checklist.glasses",),
        "head_covered": ("checklist.bare",),
        "clothes": ("checklist.shirt", "checklist.shirt_not"),
        "outline": ("checklist.shirt_not", "checklist.hair"),
        "comparison_failed": ("checklist.make_up",),
    }
)
"""The lines of the checklist that a reason concerns."""


def insisted(refused: str | None) -> frozenset[str]:
    """The rules that are held to their goal, and not only to their limit, for this whole visit.

    `refused` is why the photo before was refused; a word that nobody here knows concerns none.
    """
    return frozenset(CONCERNED.get(refused or "", ()))
