"""What staff may grant a student, in a few groups of plain words."""

from collections.abc import Mapping
from typing import Literal

from protocol.grants import GRANTED_RULES

GrantGroup = Literal["headwear", "eyes", "mouth", "posture", "identity"]

GRANTS: Mapping[GrantGroup, tuple[str, ...]] = {
    "headwear": GRANTED_RULES["headwear"],
    "eyes": GRANTED_RULES["eyes"],
    "mouth": GRANTED_RULES["mouth"],
    "identity": ("identity",),
    "posture": GRANTED_RULES["posture"],
}
"""The rules of each group; together all that say `staff_may_grant`, each once."""
