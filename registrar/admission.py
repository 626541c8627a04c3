"""Admission by a student's photos: whether they may be photographed once more. Pure.

How often a day is `protocol.admission`'s.
"""

from dataclasses import dataclass
from typing import Literal

from protocol.review import COMPARISON_FAILED
from registrar.photo_state import State

RESUBMISSIONS = 2
"""How many refused photos are replaced without asking, where an institution says nothing else: the
collecting service's notice of 2024."""

PhotoBar = Literal[
    "already_photographed", "photo_approved", "comparison_failed", "resubmissions_used"
]
"""Why a student's photos keep them from another."""


@dataclass(frozen=True, slots=True)
class PhotoHistory:
    """How a student's photos stand."""

    standing: State | None = None
    """Of the newest photo that is not refused; None where there is none."""
    refusal: str | None = None
    """Why the newest photo was refused, by the reason's name; None where it was not."""
    refused: int = 0
    """How many photos whoever reviewed them refused; the comparison's are none of these."""
    is_permitted: bool = False
    """Whether staff have permitted one more, and no photo has used that up."""


def find_bar(history: PhotoHistory, resubmissions: int = RESUBMISSIONS) -> PhotoBar | None:
    """Find what keeps a student from another photo; None where nothing does.

    A permit lets them come whatever became of their photos. What the national comparison refused
    had passed review: another photo of the same kind would fare no better, so the registry settles
    it.
    """
    if history.is_permitted:
        return None
    if history.standing is not None:
        return "photo_approved" if history.standing == "approved" else "already_photographed"
    if history.refusal == COMPARISON_FAILED:
        return "comparison_failed"
    return "resubmissions_used" if history.refused > resubmissions else None
