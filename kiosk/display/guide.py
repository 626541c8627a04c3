"""The guide's screens: a mirror, one thing to do with its gesture, and how far it is; the shutter.

What is said is what the visit decided (`visit.saying`), and nothing else.
"""

from dataclasses import dataclass

from kiosk.display.boxes import Column, Drawing, Element
from kiosk.display.buttons import put_button, put_onward, put_view_buttons, put_way_out
from kiosk.display.canvas import Box, Canvas
from kiosk.display.chips import Chips
from kiosk.display.drawings import draw_before_and_after, draw_done, draw_motion
from kiosk.display.guide_places import Places, find_places, say
from kiosk.display.header import draw_header
from kiosk.display.layout import Words, compose
from kiosk.display.lens_arrow import draw_lens_sign
from kiosk.display.mirror import draw_mirror
from kiosk.display.monitor import LEAST_TARGET_MM, TEXT_ARC
from kiosk.display.regions import Regions, find_regions
from kiosk.display.state import ScreenState
from kiosk.display.text import load_font
from kiosk.display.theme import Colour
from kiosk.display.typesetting import Setting, cut_line
from kiosk.visit import Button, Stage
from kiosk.visit.instruction import told

NAME = 2.0
"""The height of the student's name on the mirror, in units."""

OTHERWISE = 0.38
"""How much of the mirror's height the drawing takes that shows an instruction another way, in place
of the name: the face stays free."""

LOOK = "look"
"""The gesture whose drawing depends on where the lens is."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said now, and shown."""

    phrase: str
    gesture: str
    spoken: tuple[str, ...] = ()
    """Where that is not the phrase itself."""
    before: str = ""
    """A smaller phrase above it."""
    done: bool = False
    """Whether it was followed."""


def guide(canvas: Canvas, state: ScreenState) -> None:
    """Draw the guide's screen."""
    visit = state.visit
    said = _find_said(state)
    canvas.speak(*(said.spoken or (said.phrase,)))
    level = 0 if visit.guidance.praising else visit.help_level(state.at)
    helping = level == 2
    regions = find_regions(canvas, low_reach=state.low_reach)
    waive = helping and visit.may_waive
    in_row = waive and not canvas.monitor.is_landscape
    help_panel = None
    if helping:
        help_panel = _help_panel(said, regions, waive=waive, button=waive and not in_row)
    canvas.setting = Setting(1.0, second="none")
    high = None if help_panel is None else help_panel.measure(canvas, regions.body.width) + 1
    places = find_places(canvas, regions, state.lens, onward=helping, words=high)
    _draw_page(canvas, state, regions, places)
    _draw_gesture(canvas, state, said, places.gesture)
    if help_panel is None:
        _write(canvas, said, places, otherwise=level == 1 and visit.saying.name == "mend")
        put_way_out(canvas, "cancel", regions)
    else:
        canvas.speak("help.title")
        compose(canvas, help_panel, places.words)
        put_way_out(canvas, "staffed", regions)
        onward: tuple[Button, ...] = ("as_it_is", "go_on") if in_row else ("go_on",)
        put_onward(canvas, regions, *onward)
    if level and visit.saying.name == "mend":
        box = _other_way(canvas, places.mirror)
        draw_before_and_after(canvas, said.gesture, box, _since_said(state))
    else:
        _write_name(canvas, state, places.mirror)
    if visit.saying.name == "count" or said.gesture.startswith(LOOK):
        draw_lens_sign(canvas, state.lens, places.mirror, visit.count(state.at))


def shutter(canvas: Canvas, state: ScreenState) -> None:
    """Draw the moment of the shot: the same screen, for whoever looks into the lens."""
    regions = find_regions(canvas, low_reach=state.low_reach)
    places = find_places(canvas, regions, state.lens, onward=False)
    canvas.speak("shutter.title")
    _draw_page(canvas, state, regions, places)
    draw_motion(canvas, f"{LOOK}_{state.lens.side}", places.gesture, state.at)
    canvas.setting = places.setting
    words = Column(say("shutter.title"), Words("shutter.note"), gap=0.3)
    words.draw(canvas, places.words, canvas.theme.paper)
    _write_name(canvas, state, places.mirror)
    draw_lens_sign(canvas, state.lens, places.mirror, None)


def _write(canvas: Canvas, said: _Said, places: Places, *, otherwise: bool) -> None:
    """Write what is said; that a drawing shows it another way only where there is room for that."""
    canvas.setting = places.setting
    words, paper = places.words, canvas.theme.paper
    if said.before:
        first = Words(said.before, role="quiet")
        compose(canvas, Column(first, say(said.phrase), gap=0.3), words)
        return
    content: Element = say(said.phrase)
    if otherwise:
        more = Column(content, Words("guide.another_way", role="accent", weight="bold"), gap=0.3)
        content = more if more.measure(canvas, words.width) <= words.height else content
    content.draw(canvas, words, paper)


def _draw_page(canvas: Canvas, state: ScreenState, regions: Regions, places: Places) -> None:
    """Draw what both screens have: header, mirror with the student's name, chips, view."""
    visit = state.visit
    canvas.clear(canvas.theme.paper)
    draw_header(canvas, state, places.header)
    side = canvas.mm(LEAST_TARGET_MM)
    canvas.press_zone = Box(0, 0, side, side).rect
    put_view_buttons(canvas, state, regions)
    draw_mirror(
        canvas,
        places.mirror,
        state.preview,
        head=visit.guidance.head,
        assessment=visit.assessment,
        praising=visit.guidance.praising or visit.stage is Stage.SHUTTER,
        tick_left=state.lens.side == "right",
    )
    canvas.setting = Setting(1.0)
    Chips(visit).draw(canvas, places.chips, canvas.theme.paper)


def _find_said(state: ScreenState) -> _Said:
    visit, saying = state.visit, state.visit.saying
    look = f"{LOOK}_{state.lens.side}"
    phrase, gesture = f"guide.{saying.name}", str(saying.name)
    if saying.instruction is not None:
        phrase, gesture = told(saying.instruction)
        gesture = look if gesture == LOOK else gesture
    match saying.name:
        case "count":
            return _Said("count.look", look, (f"count.{visit.count(state.at) or 1}",))
        case "mended":
            return _Said("guide.mended", gesture, done=True)
        case "again" if saying.instruction is not None:
            return _Said(phrase, gesture, ("guide.again", phrase), before="guide.again")
        case _:
            return _Said(phrase, gesture)


def _since_said(state: ScreenState) -> float:
    """Seconds for which it has been said: each motion is seen from its beginning."""
    since = state.visit.guidance.saying_since
    return state.at if since is None else state.at - since


def _draw_gesture(canvas: Canvas, state: ScreenState, said: _Said, box: Box) -> None:
    if said.done:
        draw_done(canvas, said.gesture, box)
    elif state.visit.saying.name == "hold":
        _draw_hold(canvas, state.visit.guidance.progress(state.at), box)
    else:
        draw_motion(canvas, said.gesture, box, _since_said(state))


def _draw_hold(canvas: Canvas, progress: float, box: Box) -> None:
    """Draw how much of the hold is over, about a tick."""
    theme, (x, y) = canvas.theme, box.centre
    radius = 0.42 * min(box.width, box.height)
    canvas.badge("check", x, y, 0.72 * radius, theme.good)
    canvas.ring(x, y, radius, 1.0, theme.line, 0.14 * radius)
    canvas.ring(x, y, radius, progress, theme.good, 0.14 * radius)


def _write_name(canvas: Canvas, state: ScreenState, mirror: Box) -> None:
    """Say on the mirror whose turn it is, where the sign of the lens is never."""
    student = state.visit.student
    if student is None:
        return
    theme, unit = canvas.theme, canvas.unit
    wide = min(mirror.width - unit, 10 * unit)
    low = state.lens.side == "top"
    top = mirror.bottom - (NAME + 0.4) * unit if low else mirror.y + 0.4 * unit
    box = Box(mirror.centre[0] - wide / 2, top, wide, NAME * unit)
    canvas.panel(box, theme.card, border=theme.line)
    canvas.setting = Setting(1.0)
    name = student.name
    em = canvas.em(name, TEXT_ARC, "bold")
    name = cut_line(name, box.width - unit, em, load_font("bold"))
    canvas.line(name, box, em, ink=theme.ink, paper=theme.card, weight="bold", keep=False)


def _other_way(canvas: Canvas, mirror: Box) -> Box:
    """Where an instruction is shown another way: on the mirror, below the face."""
    inset = 0.4 * canvas.unit
    high = min(OTHERWISE * mirror.height, 0.55 * mirror.width)
    return Box(
        mirror.x + inset, mirror.bottom - inset - high, mirror.width - 2 * inset, high
    )  # fmt: skip


def _help_panel(said: _Said, regions: Regions, *, waive: bool, button: bool) -> Element:
    """That it is all right not to be able to, and what can be done then."""
    parts: list[Element] = [
        Words(said.phrase, weight="bold", role="accent"),
        Words("help.title", weight="bold"),
        Words("help.as_it_is" if waive else "help.staffed"),
    ]
    if button:
        parts.append(_button_row(regions))
    return Column(*parts, gap=0.4)


def _button_row(regions: Regions) -> Element:
    def draw(canvas: Canvas, box: Box, paper: Colour) -> None:
        put_button(canvas, "as_it_is", box, leads_on=False)

    return _Fixed(draw, regions.way_out.height)


class _Fixed(Drawing):
    """A drawing whose height is in pixels."""

    def measure(self, canvas: Canvas, width: float) -> float:
        """Its height."""
        return self.least
