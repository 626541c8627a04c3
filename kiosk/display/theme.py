"""The look: colours, and what stands on what."""

Colour = tuple[int, int, int]
"""8-bit sRGB: R, G, B."""

# Blue, green and vermilion are of the palette of Okabe and Ito, which the colour-blind tell apart.
PAPER: Colour = (246, 249, 252)
CARD: Colour = (255, 255, 255)
INK: Colour = (20, 32, 44)
QUIET: Colour = (78, 92, 106)
LINE: Colour = (208, 218, 228)
TINT: Colour = (226, 239, 248)
ACCENT: Colour = (0, 106, 166)
"""Blue, darkened until it can be read on TINT."""
GOOD: Colour = (0, 120, 88)
"""Bluish green, darkened until white can be read on it."""
ALERT: Colour = (184, 78, 0)
"""Vermilion, darkened likewise."""

TEXT_ON_GROUND: tuple[tuple[Colour, Colour], ...] = (
    (INK, PAPER),
    (INK, CARD),
    (INK, TINT),
    (QUIET, PAPER),
    (QUIET, CARD),
    (QUIET, TINT),
    (ACCENT, PAPER),
    (ACCENT, CARD),
    (ACCENT, TINT),
    (CARD, ACCENT),
    (CARD, GOOD),
    (CARD, ALERT),
)
"""Every pair of a text or an icon, and what it stands on."""


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
