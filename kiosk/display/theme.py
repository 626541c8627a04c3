"""The look: colours, and what stands on what."""

from dataclasses import dataclass

Colour = tuple[int, int, int]
"""8-bit sRGB: R, G, B."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a screen, by what they are for."""

    paper: Colour
    """What all stands on."""
    card: Colour
    tint: Colour
    ink: Colour
    quiet: Colour
    """Ink of what is said second."""
    line: Colour
    """Edges of cards; says nothing by itself."""
    edge: Colour
    """Edges of buttons: they must be seen."""
    accent: Colour
    good: Colour
    alert: Colour
    on_fill: Colour
    """Ink on accent, good and alert."""
    least_contrast: float
    """Of a text or an icon and what it stands on (WCAG 2.2: AA 4.5, AAA 7)."""


# Blue, green and vermilion are of the palette of Okabe and Ito, which the colour-blind tell apart,
# darkened until each can be read on `tint` and white can be read on each.
USUAL = Theme(
    paper=(246, 249, 252),
    card=(255, 255, 255),
    tint=(226, 239, 248),
    ink=(20, 32, 44),
    quiet=(72, 86, 100),
    line=(208, 218, 228),
    edge=(72, 86, 100),
    accent=(0, 98, 156),
    good=(0, 112, 82),
    alert=(172, 70, 0),
    on_fill=(255, 255, 255),
    least_contrast=4.5,
)

HIGH_CONTRAST = Theme(
    paper=(0, 0, 0),
    card=(0, 0, 0),
    tint=(0, 0, 0),
    ink=(255, 255, 255),
    quiet=(255, 255, 255),
    line=(255, 255, 255),
    edge=(255, 255, 255),
    accent=(255, 221, 0),
    good=(92, 240, 178),
    alert=(255, 176, 64),
    on_fill=(0, 0, 0),
    least_contrast=7.0,
)


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
