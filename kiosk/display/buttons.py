"""The buttons: what leads on, the way out, and how the screens look."""

from kiosk.display.canvas import Align, Box, Canvas
from kiosk.display.monitor import TEXT_ARC
from kiosk.display.regions import Regions
from kiosk.display.state import ScreenState
from kiosk.display.theme import Colour
from kiosk.display.typesetting import LEADING, Setting, TextOverflow, measure_phrase
from kiosk.visit import Button

BUTTON_ICONS: dict[Button, str] = {
    "start": "camera",
    "yes": "check",
    "no": "cross",
    "agree": "check",
    "decline": "cross",
    "ready": "check",
    "approve": "check",
    "retake": "retake",
    "close": "check",
    "cancel": "cross",
    "leave": "cross",
    "stay": "check",
    "as_it_is": "check",
    "go_on": "retake",
    "staffed": "people",
}
"""Of the buttons that have words; the others show what they are about."""

PADDING = 0.3
"""Beside a button's words, in units."""

_SETTINGS = (
    Setting(1.25),
    Setting(1.1),
    Setting(1.0),
    Setting(1.0, even=False),
    Setting(1.0, brief=True),
    Setting(1.0, even=False, brief=True),
)


def put_way_out(canvas: Canvas, button: Button, regions: Regions) -> None:
    """Put the button that leads away where it always stands."""
    put_button(canvas, button, regions.way_out, leads_on=False)


def put_onward(canvas: Canvas, regions: Regions, *buttons: Button) -> None:
    """Put the buttons that lead on beside each other, the most likely one last."""
    box, gap = regions.onward, 0.5 * canvas.unit
    room = box.width - gap * (len(buttons) - 1)
    for brief in (False, True):
        canvas.setting = Setting(1.0, brief=brief)
        needed = [_label_width(canvas, button) + 2 * PADDING * canvas.unit for button in buttons]
        if sum(needed) <= room:
            break
    # The last one takes two shares of what is left over.
    spare = (room - sum(needed)) / (len(buttons) + 1)
    needed[-1] += spare
    x = box.x
    for button, width in zip(buttons, needed, strict=True):
        place = Box(x, box.y, width + spare, box.height)
        put_button(canvas, button, place, leads_on=button == buttons[-1])
        x = place.right + gap


def _label_width(canvas: Canvas, button: Button) -> float:
    """How wide a button's words are as set now."""
    first, second = canvas.texts(f"button.{button}")
    wide = measure_phrase(first, canvas.em(first, TEXT_ARC, "bold"), "bold")
    return 4 + max(wide, measure_phrase(second, canvas.em(second, TEXT_ARC, "regular"), "regular"))


def put_button(canvas: Canvas, button: Button, box: Box, *, leads_on: bool) -> None:
    """Put a button with its words in both languages; raises TextOverflow."""
    theme = canvas.theme
    if leads_on:
        canvas.panel(box, theme.accent)
        ink, quiet, ground = theme.on_fill, theme.on_fill, theme.accent
    else:
        canvas.panel(box, theme.card, border=theme.edge, line=0.12 * canvas.unit)
        ink, quiet, ground = theme.ink, theme.quiet, theme.card
    canvas.target(button, box)
    canvas.phrases.append(f"button.{button}")
    _label(canvas, button, box, ink, quiet, ground)


def _label(
    canvas: Canvas, button: Button, box: Box, ink: Colour, quiet: Colour, paper: Colour
) -> None:
    """Write both texts beside the icon, the three centred together; the icon where it has room."""
    room = box.inset(PADDING * canvas.unit)
    for setting in _SETTINGS:
        canvas.setting = setting
        first, second = canvas.texts(f"button.{button}")
        large = canvas.em(first, TEXT_ARC, "bold")
        canvas.setting = setting._replace(scale=1.0)
        small = canvas.em(second, TEXT_ARC, "regular")
        high = (large + small) * LEADING
        if high > box.height:
            continue
        wide = 4 + max(
            measure_phrase(first, large, "bold"), measure_phrase(second, small, "regular")
        )
        for icon in (min(2.2 * canvas.unit, 0.5 * box.height), 0.0):
            gap = 0.5 * canvas.unit if icon else 0.0
            if icon + gap + wide > room.width:
                continue
            x = box.x + (box.width - icon - gap - wide) / 2
            if icon:
                middle = x + icon / 2, box.centre[1]
                canvas.icon(BUTTON_ICONS[button], *middle, icon, ink, paper)
            x += icon + gap
            y = box.y + (box.height - high) / 2
            align: Align = "left" if icon else "centre"
            canvas.lines(
                (first,), Box(x, y, wide, high), large,
                ink=ink, paper=paper, weight="bold", align=align,
            )  # fmt: skip
            y += large * LEADING
            canvas.lines(
                (second,), Box(x, y, wide, high), small, ink=quiet, paper=paper, align=align
            )
            return
    first, second = canvas.texts(f"button.{button}")
    raise TextOverflow(f'button "{first}" / "{second}": no room in {box.width:.0f} pixels')


def put_view_buttons(canvas: Canvas, state: ScreenState, regions: Regions) -> None:
    """Put what changes how the screens look: language, contrast, larger."""
    view = state.visit.view
    language, contrast, larger = regions.view
    theme = canvas.theme
    canvas.setting = Setting(1.0)
    canvas.panel(language, theme.card, border=theme.edge)
    canvas.target("language", language)
    canvas.phrases.append("button.language")
    # In the language that it leads to: who cannot read this one finds it.
    other = canvas.texts("button.language")[0]
    em = canvas.em(other, TEXT_ARC, "bold")
    canvas.line(other, language, em, ink=theme.ink, paper=theme.card, weight="bold")
    for button, box, on in (
        ("contrast", contrast, view.high_contrast),
        ("larger", larger, view.larger),
    ):
        ground = theme.accent if on else theme.card
        canvas.panel(box, ground, border=theme.edge, line=(0.25 if on else 0.09) * canvas.unit)
        canvas.target(button, box)
        size = 0.62 * min(box.width, box.height)
        ink = theme.on_fill if on else theme.ink
        canvas.icon(button, *box.centre, size, ink, ground)
