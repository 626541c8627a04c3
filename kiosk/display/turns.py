"""What screens tell of the schedule: whose turn it is, and a student's own time and place."""

from datetime import date, datetime

from kiosk.display.boxes import Card, Column, Element, Spare
from kiosk.display.canvas import Align, Box, Canvas
from kiosk.display.fonts import Weight
from kiosk.display.layout import Datum, measure_words
from kiosk.display.monitor import TEXT_ARC
from kiosk.display.text import load_font
from kiosk.display.theme import Colour
from kiosk.display.typesetting import LEADING, cut_line
from protocol.schedule import SHANGHAI, Slot
from protocol.turn import Agenda, Turn

LONGEST_TEXT = 100
"""Characters of names that are looked at: no line has room for more."""

BOLD: Weight = "bold"


def tell_agenda(canvas: Canvas, agenda: Agenda) -> Card | None:
    """Whose turn it is here now, and who comes next; None where the schedule says neither."""
    following = agenda.coming[0].starts_at if agenda.coming else None
    coming = tuple(slot for slot in agenda.coming if slot.starts_at == following)
    lines: list[Element] = []
    for name, slots in (("turn.now", agenda.now), ("turn.next", coming)):
        if slots:
            times, colleges = say_times(slots[0], agenda.day), _name_colleges(canvas, slots)
            line = _Line(name, times, colleges, _say_moment(slots[0].starts_at, agenda.day))
            lines.append(Spare(line) if lines else line)
    return Card(Column(*lines, gap=0.15), padding=0.3) if lines else None


def tell_turn(canvas: Canvas, turn: Turn) -> Card:
    """When and where a student's college is photographed; and from when on they may begin here."""
    rows = [_Line("turn.when", say_times(turn.slot, turn.day), turn.slot.place)]
    if turn.begins_at is not None and turn.standing != "early":
        rows.append(_Line("turn.from", _say_moment(turn.begins_at, turn.day)))
    return Card(Column(*rows, gap=0.1), ground="tint", padding=0.35)


class _Line:
    """When, and who or where, after a word: in two lines at most; what is longer is cut."""

    grows = 0.0

    def __init__(self, name: str, times: str, text: str = "", begins: str = "") -> None:
        """`begins` stands for the times where there is little room; "": they are needed whole."""
        self.name, self.times, self.begins = name, times, begins
        self.text = text[:LONGEST_TEXT]

    def measure(self, canvas: Canvas, width: float) -> float:
        """One line, or two where there is room."""
        em, lines = self._set(canvas, width - self._across(canvas))
        return len(lines) * em * LEADING

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Write the word, and as much of the text as there is room for."""
        canvas.phrases.append(self.name)
        theme, across = canvas.theme, self._across(canvas)
        em, lines = self._set(canvas, box.width - across)
        word = canvas.texts(self.name)[0]
        first = box._replace(height=em * LEADING)
        small = canvas.em(word, TEXT_ARC, "regular")
        canvas.line(word, first, small, ink=theme.quiet, paper=paper, align="left")
        rest = box._replace(x=box.x + across, width=box.width - across)
        canvas.lines(lines, rest, em, ink=theme.ink, paper=paper, weight=BOLD, align="left")

    def _across(self, canvas: Canvas) -> float:
        return measure_words(canvas, canvas.texts(self.name)[0]) + 0.6 * canvas.unit

    def _set(self, canvas: Canvas, width: float) -> tuple[int, tuple[str, ...]]:
        whole = f"{self.times} {self.text}".strip()
        em, font = canvas.em(whole, TEXT_ARC, BOLD), load_font(BOLD)
        lines = [whole]
        if font.width(whole, em) > width:
            narrow = not canvas.monitor.is_landscape and not self.begins
            lines = [self.times, self.text]
            if canvas.setting.brief and not narrow:
                lines = [f"{self.begins or self.times} {self.text}"]
        return em, tuple(cut_line(line, width, em, font) for line in lines)


class Welcome:
    """A college's students greeted; nothing of it is kept."""

    grows = 0.0

    def __init__(self, college: str, align: Align = "centre") -> None:
        self.college, self.align = college, align

    def measure(self, canvas: Canvas, width: float) -> float:
        """One line, or more."""
        return self._datum(canvas).measure(canvas, width)

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Write it."""
        canvas.phrases.append("confirm.welcome")
        self._datum(canvas).draw(canvas, box, paper)

    def _datum(self, canvas: Canvas) -> Datum:
        text = canvas.texts("confirm.welcome")[0].format(college=self.college)
        return Datum(text, TEXT_ARC, role="accent", align=self.align)


def say_times(slot: Slot, day: date | None) -> str:
    """From when to when, in China's time; with the date where that is not `day`."""
    ends = slot.ends_at.astimezone(SHANGHAI)
    return f"{_say_moment(slot.starts_at, day)}–{ends.hour}:{ends:%M}"


def _say_moment(at: datetime, day: date | None) -> str:
    there = at.astimezone(SHANGHAI)
    clock = f"{there.hour}:{there:%M}"
    return clock if there.date() == day else f"{there:%m-%d} {clock}"


def _name_colleges(canvas: Canvas, slots: tuple[Slot, ...]) -> str:
    """All colleges of slots at one time."""
    colleges = [college for slot in slots for college in slot.colleges]
    if any(not slot.colleges for slot in slots):
        canvas.phrases.append("turn.everybody")
        colleges = [canvas.texts("turn.everybody")[0]]
    return "、".join(colleges)
