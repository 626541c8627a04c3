"""Why a photo that the registrar held was refused: by whoever reviewed it, or by the comparison."""

REASONS = (
    "somebody_else",
    "eyes_closed",
    "gaze",
    "expression",
    "head_pose",
    "hair",
    "glasses",
    "head_covered",
    "clothes",
    "blurred",
    "light",
    "colour",
    "outline",
    "framing",
    "other",
)
"""Why a person refuses a photo, in the order of the list they choose from. The registrar's words
and the booth's have a phrase for each."""

COMPARISON_FAILED = "comparison_failed"
"""Why a photo is refused that the national comparison did not find to be the student's."""
