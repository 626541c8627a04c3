"""The top of every screen: whose booth this is, how far the visit is, and when its time is over."""

from kiosk.display.boxes import Column, Element, Row
from kiosk.display.canvas import Box, Canvas
from kiosk.display.fonts import Weight
from kiosk.display.layout import Words, compose
from kiosk.display.monitor import LEAST_TARGET_MM, TEXT_ARC
from kiosk.display.state import ScreenState
from kiosk.display.text import load_font
from kiosk.display.typesetting import Setting, cut_line, measure_phrase
from kiosk.visit import PROGRESS, Stage
from kiosk.visit.stages import OWN_WORK

LAST_SECONDS = 10.0
"""Before a stage's time is over the student is asked whether they are still there."""

ENDS = frozenset({Stage.DONE, Stage.TURNED_AWAY})

_BOLD: Weight = "bold"

EMBLEM = 2.1
"""Its height, in units."""

BESIDE = 2.7
"""Where the institution's name begins, in units."""

CHIP = 2.0
"""The diameter of a step's disc, in units."""


def draw_header(canvas: Canvas, state: ScreenState, box: Box) -> None:
    """Say whose booth this is, and which step of the visit; or ask whether anybody is there."""
    canvas.setting = Setting(1.0)
    side = canvas.mm(LEAST_TARGET_MM)
    canvas.press_zone = Box(0, 0, side, max(side, box.bottom)).rect
    if _is_ending(state):
        _ask_still_there(canvas, state, box)
        return
    two_lines = box.height > 4 * canvas.unit
    line = Box(box.x, box.y, box.width, 2.3 * canvas.unit)
    across = line.width
    if not two_lines and find_step(state.visit.stage) is not None:
        across = min(_measure_booth(canvas, state), 0.4 * line.width)
    _name_booth(canvas, state, Box(line.x, line.y, across, line.height))
    if two_lines:
        steps = Box(box.x, line.bottom, box.width, box.height - line.height)
        _draw_progress(canvas, state, steps)
    else:
        x = line.x + across + canvas.unit
        _draw_progress(canvas, state, Box(x, line.y, line.right - x, line.height), right=True)


def _name_booth(canvas: Canvas, state: ScreenState, box: Box) -> None:
    theme, size = canvas.theme, EMBLEM * canvas.unit
    canvas.icon("degree", box.x + size / 2, box.centre[1], size, theme.accent, theme.paper)
    name, weight = state.booth.institution, _BOLD
    em = canvas.em(name, TEXT_ARC, weight)
    beside = BESIDE * canvas.unit
    room = Box(box.x + beside, box.y, box.width - beside, box.height)
    name = cut_line(name, room.width, em, load_font(weight))
    canvas.line(
        name, room, em,
        ink=theme.ink, paper=theme.paper, weight=weight, align="left",
    )  # fmt: skip


def _measure_booth(canvas: Canvas, state: ScreenState) -> float:
    name = state.booth.institution
    wide = load_font(_BOLD).width(name, canvas.em(name, TEXT_ARC, _BOLD))
    return wide + BESIDE * canvas.unit + 2


def _is_ending(state: ScreenState) -> bool:
    waits = state.visit.stage not in OWN_WORK | ENDS
    return waits and state.remaining is not None and state.remaining <= LAST_SECONDS


def _ask_still_there(canvas: Canvas, state: ScreenState, box: Box) -> None:
    """Lay a band over the header whose bar shrinks with the time that is left."""
    theme = canvas.theme
    canvas.panel(box, theme.accent)
    inner = box.inset(0.18 * canvas.unit)
    bar = 0.25 * canvas.unit
    words = inner._replace(height=inner.height - bar)
    go_on = "away.touch" if state.in_reach else "away.keys"
    title, touch = Words("away.title", weight="bold"), Words(go_on)
    both: Element = Column(title, touch, gap=0)
    if canvas.monitor.is_landscape:
        both = Row((title, None), (touch, None), gap=0)
    compose(canvas, both, words, theme.accent)
    part = min(max((state.remaining or 0) / LAST_SECONDS, 0), 1)
    canvas.block(Box(inner.x, inner.bottom - bar, inner.width * part, bar), theme.on_fill)
    canvas.speak("away.title", go_on)


# ---- the steps ----


def find_step(stage: Stage) -> int | None:
    """The step of the visit that a stage belongs to, from 0; None: to none."""
    return next((n for n, (_, stages) in enumerate(PROGRESS) if stage in stages), None)


def _draw_progress(canvas: Canvas, state: ScreenState, box: Box, *, right: bool = False) -> None:
    """Number the steps, tick off those that are done, and name as many as there is room for."""
    stage = state.visit.stage
    if (now := find_step(stage)) is None:
        return
    finished = stage is Stage.DONE
    names = _choose_names(canvas, now, box.width)
    theme, unit = canvas.theme, canvas.unit
    x = box.right - _measure_steps(canvas, names) if right else box.x
    y = box.centre[1]
    for number, (step, _) in enumerate(PROGRESS):
        middle, radius = x + CHIP * unit / 2, CHIP * unit / 2
        done, current = number < now or finished, number == now and not finished
        if done:
            canvas.badge("check", middle, y, radius, theme.good)
        else:
            ground = theme.accent if current else theme.paper
            canvas.panel(
                Box(middle - radius, y - radius, 2 * radius, 2 * radius),
                ground, radius=radius, border=theme.accent if current else theme.edge,
            )  # fmt: skip
            ink = theme.on_fill if current else theme.quiet
            place = Box(x, y - radius, CHIP * unit, CHIP * unit)
            digit = str(number + 1)
            canvas.line(
                digit, place, canvas.em(digit, TEXT_ARC, "bold"),
                ink=ink, paper=ground, weight="bold",
            )  # fmt: skip
        x += CHIP * unit
        if name := names[number]:
            canvas.phrases.append(f"step.{step}")
            wide = _measure_name(canvas, name)
            canvas.line(
                name, Box(x + 0.3 * unit, y - unit, wide, 2 * unit),
                canvas.em(name, TEXT_ARC, "bold"),
                ink=theme.ink if current else theme.quiet, paper=theme.paper, weight="bold",
                align="left",
            )  # fmt: skip
            x += 0.3 * unit + wide
        if number < len(PROGRESS) - 1:
            ahead = Box(x + 0.1 * unit, y - 0.06 * unit, 0.4 * unit, 0.12 * unit)
            canvas.block(ahead, theme.good if number < now or finished else theme.edge)
        x += 0.6 * unit


def _choose_names(canvas: Canvas, now: int, width: float) -> tuple[str, ...]:
    """All names, or the present one's in both languages, or in the one chosen; "" for the rest."""
    texts = [canvas.texts(f"step.{step}") for step, _ in PROGRESS]
    both = "  ".join(texts[now])
    only = [("",) * len(texts)] * 2
    tries = (
        tuple(first for first, _ in texts),
        tuple(both if n == now else "" for n in range(len(texts))),
        tuple(first if n == now else "" for n, (first, _) in enumerate(texts)),
    )
    return next((names for names in tries if _measure_steps(canvas, names) <= width), only[0])


def _measure_steps(canvas: Canvas, names: tuple[str, ...]) -> float:
    named = sum(0.3 * canvas.unit + _measure_name(canvas, name) for name in names if name)
    return (len(names) * (CHIP + 0.6) - 0.6) * canvas.unit + named


def _measure_name(canvas: Canvas, name: str) -> float:
    return measure_phrase(name, canvas.em(name, TEXT_ARC, "bold"), "bold") + 2
