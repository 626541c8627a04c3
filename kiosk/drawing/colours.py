"""Colours of the pictures that explain, sRGB.

Blue and orange differ for colour-blind eyes too (Okabe and Ito's palette); each has a word or a
sign of its own beside it.
"""

Colour = tuple[int, int, int]

GOOD: Colour = (0, 114, 178)
"""What holds."""
WRONG: Colour = (213, 94, 0)
"""What does not hold."""
MUTED: Colour = (120, 120, 120)
"""What was not judged, and what is said beside."""
INK: Colour = (20, 20, 20)
PAPER: Colour = (255, 255, 255)


def colour_of(ok: bool | None) -> Colour:
    """The colour of a result: held, did not, or (None) was not judged."""
    if ok is None:
        return MUTED
    return GOOD if ok else WRONG
