"""The staff's screens: they lie over a visit, and are drawn by the same rules as its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kiosk.display.boxes import Column, Drawing, Element, Row
from kiosk.display.canvas import Box, Canvas
from kiosk.display.layout import Both, Datum, Sign, Words, compose
from kiosk.display.monitor import LEAST_TARGET_MM, TEXT_ARC
from kiosk.display.regions import Regions, find_regions
from kiosk.display.text import load_font
from kiosk.display.theme import Colour
from kiosk.display.typesetting import LEADING, Setting, cut_line
from kiosk.staff import CHARACTERS, GRANTS, Around, CodeKind, Key, Page, StaffMenu, keys

LARGEST_KEY_MM = 24.0
"""Of the keypad: a thumb goes over it without the arm."""

GAP = 0.5
"""Between keys, in units."""

STATUS_NAME = 8.0
"""The width of what a line of the status is about, in units."""

MOST_LINES = 7
"""Into which a fault's words may go, before they are cut; the log has them whole."""

KEY_ICONS: Mapping[Key, str] = {
    "staff_status": "info",
    "staff_lamps": "lamp",
    "staff_reader": "reader",
    "staff_code": "mobile",
    "staff_grant": "check",
    "staff_close": "cross",
    "staff_back": "arrow_left",
    "staff_previous": "arrow_left",
    "staff_next": "onward",
    "staff_erase": "arrow_left",
    "staff_enter": "check",
}


@dataclass(frozen=True, slots=True)
class StaffView:
    """What a staff's screen shows."""

    menu: StaffMenu
    around: Around


def draw_staff(canvas: Canvas, view: StaffView, at: float) -> None:
    """Draw the open menu's page; `at` is monotonic seconds. Raises TextOverflow."""
    page = view.menu.page
    if page is None:
        return
    canvas.clear(canvas.theme.paper)
    regions = find_regions(canvas, low_reach=False)
    _PAGES[page](canvas, view, regions, at)
    leave: Key = "staff_close" if "staff_close" in keys(page) else "staff_back"
    _put_key(canvas, leave, _foot(canvas, regions), _label(leave))


def _foot(canvas: Canvas, regions: Regions, *, right: bool = False) -> Box:
    """Where the key that leads back stands, as the way out does; or the one that turns on."""
    row = regions.header._replace(y=regions.way_out.y, height=regions.way_out.height)
    width = min(0.48 * row.width, 14 * canvas.unit)
    return row._replace(x=row.right - width if right else row.x, width=width)


# ---- keys ----


def _put_key(canvas: Canvas, key: Key, box: Box, element: Element, *, filled: bool = False) -> None:
    """Put a key with what stands on it."""
    theme = canvas.theme
    ground = theme.accent if filled else theme.card
    canvas.panel(box, ground, border=theme.edge, line=0.12 * canvas.unit)
    canvas.target(key, box)
    side, edge = 0.5 * canvas.unit, 0.2 * canvas.unit
    inner = Box(box.x + side, box.y + edge, box.width - 2 * side, box.height - 2 * edge)
    compose(canvas, element, inner, ground)


def _label(key: Key, name: str = "") -> Element:
    """A key's words in both languages, beside its icon if it has one."""
    words = Both(name or f"staff.key.{key.removeprefix('staff_')}", weight="bold")
    icon = KEY_ICONS.get(key)
    return words if icon is None else Row((Sign(icon, 1.8), 1.8), (words, None), gap=0.3)


def _put_keys(
    canvas: Canvas, box: Box, columns: int, labels: Sequence[tuple[Key, Element, bool]]
) -> None:
    """Put keys in rows; each with its label, and whether it is filled."""
    gap, rows = GAP * canvas.unit, -(-len(labels) // columns)
    width = (box.width - (columns - 1) * gap) / columns
    height = min((box.height - (rows - 1) * gap) / rows, 7 * canvas.unit)
    top = box.y + (box.height - rows * height - (rows - 1) * gap) / 2
    for place, (key, label, filled) in enumerate(labels):
        row, column = divmod(place, columns)
        x, y = box.x + column * (width + gap), top + row * (height + gap)
        _put_key(canvas, key, Box(x, y, width, height), label, filled=filled)


class _Mark:
    """One sign that is no word: a digit, + or −."""

    grows: float = 0

    def __init__(self, mark: str) -> None:
        self._mark = mark

    def measure(self, canvas: Canvas, width: float) -> float:
        return 1.6 * canvas.unit

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        canvas.setting = Setting(1.3)
        em = canvas.em(self._mark, TEXT_ARC, "bold")
        canvas.line(self._mark, box, em, ink=canvas.theme.ink, paper=paper, weight="bold")


class _Told:
    """What the status says of the booth. It is of no student, so its lines may be kept."""

    grows: float = 0

    def __init__(self, text: str) -> None:
        self._text = text

    def measure(self, canvas: Canvas, width: float) -> float:
        em = canvas.em(self._text, TEXT_ARC, "bold")
        return max(len(_wrap_told(self._text, em, width)), 1) * em * LEADING

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        em = canvas.em(self._text, TEXT_ARC, "bold")
        lines = _wrap_told(self._text, em, box.width)
        ink = canvas.theme.ink
        canvas.lines(lines, box, em, ink=ink, paper=paper, weight="bold", align="left")


@lru_cache(maxsize=128)
def _wrap_told(text: str, em: int, width: float) -> tuple[str, ...]:
    font = load_font("bold")
    lines = font.wrap(text, em, width)
    if len(lines) > MOST_LINES:
        lines = (*lines[: MOST_LINES - 1], lines[MOST_LINES - 1] + "…")
    return tuple(cut_line(line, width, em, font) for line in lines)


# ---- the pages ----


def _draw_refused(canvas: Canvas, view: StaffView, regions: Regions, at: float) -> None:
    told = Column(
        Sign("lock", 4, disc="tint"),
        Both("staff.refused", weight="bold"),
        Both("staff.how_to_set"),
    )
    compose(canvas, told, regions.whole_body)


def _draw_pin(canvas: Canvas, view: StaffView, regions: Regions, at: float) -> None:
    """The keypad in the lower right, what is said beside or above it."""
    gap, body = GAP * canvas.unit, regions.whole_body
    landscape = canvas.monitor.is_landscape
    if landscape:
        pad = Box(canvas.width / 2, gap, canvas.width / 2 - body.x, canvas.height - 2 * gap)
    else:
        pad = Box(body.x, canvas.height * 0.4, body.width, body.bottom - canvas.height * 0.4)
    most = canvas.mm(LARGEST_KEY_MM)
    width = min((pad.width - 2 * gap) / 3, 1.4 * most)
    height = min((pad.height - 3 * gap) / 4, most)
    left, top = pad.right - 3 * width - 2 * gap, pad.bottom - 4 * height - 3 * gap
    if not landscape:
        left = pad.x + (pad.width - 3 * width - 2 * gap) / 2
    shown = (*(f"staff_{digit}" for digit in range(1, 10)), "staff_erase", "staff_0", "staff_enter")
    for place, key in enumerate(shown):
        row, column = divmod(place, 3)
        box = Box(left + column * (width + gap), top + row * (height + gap), width, height)
        if key in KEY_ICONS:
            label: Element = Sign(KEY_ICONS[key], 1.8)
        else:
            label = _Mark(key.removeprefix("staff_"))
        _put_key(canvas, key, box, label, filled=key == "staff_enter")
    beside = body._replace(width=left - gap - body.x)
    above = body._replace(height=top - gap - body.y)
    compose(canvas, _say_pin(canvas, view.menu, at), beside if landscape else above)


def _say_pin(canvas: Canvas, menu: StaffMenu, at: float) -> Element:
    """What was typed, as dots; and why no more can be."""
    lines: list[Element] = [
        Sign("lock", 3, disc="tint"),
        Both("staff.pin", weight="bold"),
        Drawing(lambda on, box, paper: _draw_dots(on, box, len(menu.digits)), 1.2, grows=0),
    ]
    wait = menu.locked_for(at)
    if wait > 0:
        minutes, seconds = divmod(int(wait) + 1, 60)
        lines += [
            Both("staff.locked", role="alert"),
            Datum(f"{minutes}:{seconds:02}", align="centre"),
        ]
    elif menu.checking:
        lines.append(Both("staff.checking"))
    elif menu.wrong and not menu.digits:
        lines.append(Both("staff.wrong", role="alert"))
    return Column(*lines, gap=0.4)


def _draw_dots(canvas: Canvas, box: Box, count: int) -> None:
    pitch = min(1.2 * canvas.unit, box.width / max(count, 1))
    x, y = box.centre
    canvas.block(
        Box(x - 3 * canvas.unit, box.bottom, 6 * canvas.unit, 0.1 * canvas.unit), canvas.theme.edge
    )
    for place in range(count):
        middle = x + (place - (count - 1) / 2) * pitch
        canvas.disc(middle, y, 0.35 * pitch, canvas.theme.ink)


def _draw_home(canvas: Canvas, view: StaffView, regions: Regions, at: float) -> None:
    closed = view.around.maintenance
    box = _put_title(canvas, regions, "staff.menu")
    maintenance = Row(
        (Sign("lock", 1.8), 1.8),
        (_label("staff_maintenance", "staff.key.in_service" if closed else ""), None),
        gap=0.3,
    )
    shown = [(key, _label(key), False) for key in keys("home")[:5]]
    labels = [*shown, ("staff_maintenance", maintenance, closed)]
    _put_keys(canvas, box, 3 if canvas.monitor.is_landscape else 2, labels)


def _put_title(canvas: Canvas, regions: Regions, name: str) -> Box:
    """Write a page's title; what is left of the body below it."""
    top = regions.header.y
    body = regions.header._replace(height=regions.whole_body.bottom - top)
    return _put_note(canvas, body, Both(name, weight="bold"))


def _put_note(canvas: Canvas, box: Box, words: Both) -> Box:
    """Write a phrase at the top of a box; what is left below it."""
    canvas.setting = Setting(1.0)
    high = words.measure(canvas, box.width)
    compose(canvas, words, box._replace(height=high))
    below = high + GAP * canvas.unit
    return box._replace(y=box.y + below, height=box.height - below)


def _draw_status(canvas: Canvas, view: StaffView, regions: Regions, at: float) -> None:
    """As many lines as there is room for; the key turns to the next ones."""
    box = _put_title(canvas, regions, "staff.key.status")
    canvas.setting, gap = Setting(1.0), 0.3 * canvas.unit
    pages: list[list[Element]] = [[]]
    room = box.height
    for name, value in view.around.status.items():
        line = Row((Words(name, weight="bold", align="left"), STATUS_NAME), (_Told(value), None))
        high = line.measure(canvas, box.width) + gap
        if pages[-1] and room < high:
            pages.append([])
            room = box.height
        pages[-1].append(line)
        room -= high
    shown = pages[view.menu.status_page % len(pages)]
    lines = Column(*shown, gap=0.3)
    lines.draw(canvas, box._replace(height=lines.measure(canvas, box.width)), canvas.theme.paper)
    if len(pages) > 1:
        _put_key(canvas, "staff_next", _foot(canvas, regions, right=True), _label("staff_next"))


def _draw_lamps(canvas: Canvas, view: StaffView, regions: Regions, at: float) -> None:
    box = _put_title(canvas, regions, "staff.key.lamps")
    name = view.menu.lamp_name(view.around)
    if name is None:
        compose(canvas, Both("staff.no_lamps"), box)
        return
    gap, unit = GAP * canvas.unit, canvas.unit
    high = min((box.height - gap) / 2, 7 * unit)
    side = max(canvas.mm(LEAST_TARGET_MM + 0.5), 4 * unit)
    top = box._replace(y=box.y + box.height / 2 - gap / 2 - high, height=high)
    previous, following = top._replace(width=side), top._replace(x=top.right - side, width=side)
    _put_key(canvas, "staff_previous", previous, Sign("arrow_left", 1.8))
    _put_key(canvas, "staff_next", following, Sign("onward", 1.8))
    level = view.menu.lamp_level(view.around)
    told = Column(Datum(name, align="centre"), Datum(f"{level:.0%}", align="centre"), gap=0.2)
    between = Box(previous.right + gap, top.y, following.x - previous.right - 2 * gap, high)
    compose(canvas, told, between)
    labels: list[tuple[Key, Element, bool]] = [
        ("staff_off", _label("staff_off"), False),
        ("staff_less", _Mark("−"), False),
        ("staff_more", _Mark("+"), False),
        ("staff_full", _label("staff_full"), False),
    ]
    _put_keys(canvas, top._replace(y=top.bottom + gap), 4, labels)


READ_ICONS: Mapping[CodeKind, str] = {
    "capture_code": "check",
    "code_payment": "cross",
    "code_contact": "cross",
    "code_wifi": "cross",
    "code_own_link": "cross",
    "code_link": "cross",
    "code_unreadable": "cross",
}


def _draw_reader(canvas: Canvas, view: StaffView, regions: Regions, at: float) -> None:
    box = _put_title(canvas, regions, "staff.key.reader")
    lines: list[Element] = [Both("staff.scan")]
    heard = view.menu.heard
    if heard is not None:
        good = heard == "capture_code"
        lines += [
            Sign(READ_ICONS[heard], 4, role="good" if good else "alert", disc="fill"),
            Both(f"staff.read.{heard}", weight="bold"),
        ]
    compose(canvas, Column(*lines), box)


SHOWN_OF_CODE = 24
"""Characters of a code at its end that are shown while it is typed."""


def _draw_code(canvas: Canvas, view: StaffView, regions: Regions, at: float) -> None:
    """Keys with as many characters as there is room for, and one that brings others."""
    box = _put_title(canvas, regions, "staff.key.code")
    if view.around.student_at_hand:
        compose(canvas, Both("staff.at_hand"), box)
        return
    typed = Datum(view.menu.typed[-SHOWN_OF_CODE:] or "–", align="centre")
    canvas.setting = Setting(1.0)
    high = typed.measure(canvas, box.width)
    compose(canvas, typed, box._replace(height=high))
    box = box._replace(y=box.y + high, height=box.height - high)
    landscape = canvas.monitor.is_landscape
    columns, rows, gap = (8, 3, 0.15 * canvas.unit) if landscape else (5, 5, 0.3 * canvas.unit)
    width, height = (box.width + gap) / columns, min((box.height + gap) / rows, 7 * canvas.unit)
    for place, key in enumerate(keys("code")[:-1]):
        row, column = divmod(place, columns)
        where = Box(box.x + column * width, box.y + row * height, width - gap, height - gap)
        label: Element
        if key == "staff_layer":
            label = _Mark(CHARACTERS[(view.menu.layer + 1) % len(CHARACTERS)][:3])
        elif key in KEY_ICONS:
            label = Sign(KEY_ICONS[key], 1.6)
        else:
            label = _Mark(CHARACTERS[view.menu.layer][place])
        _put_key(canvas, key, where, label, filled=key == "staff_enter")


def _draw_grant(canvas: Canvas, view: StaffView, regions: Regions, at: float) -> None:
    box = _put_title(canvas, regions, "staff.key.grant")
    if not view.around.student_at_hand:
        compose(canvas, Both("staff.nobody"), box)
        return
    left = _put_note(canvas, box, Both("staff.for_student"))
    labels: list[tuple[Key, Element, bool]] = []
    for group, rules in GRANTS.items():
        granted = view.around.granted.issuperset(rules)
        words: Element = Both(f"staff.group.{group}", weight="bold")
        if granted:
            said = Column(words, Words("staff.granted"), gap=0.1)
            words = Row((Sign("check", 1.8, role="on_fill"), 1.8), (said, None), gap=0.3)
        labels.append((f"staff_grant_{group}", words, granted))
    _put_keys(canvas, left, 3 if canvas.monitor.is_landscape else 2, labels)


_PAGES: Mapping[Page, Callable[[Canvas, StaffView, Regions, float], None]] = {
    "refused": _draw_refused,
    "pin": _draw_pin,
    "home": _draw_home,
    "status": _draw_status,
    "lamps": _draw_lamps,
    "reader": _draw_reader,
    "code": _draw_code,
    "grant": _draw_grant,
}
