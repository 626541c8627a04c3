"""The screens that ask: may we, is this you, are you ready."""

from collections.abc import Sequence

from kiosk.display.boxes import Card, Column, Element, Row, Spare
from kiosk.display.buttons import put_onward, put_way_out
from kiosk.display.canvas import Canvas
from kiosk.display.fonts import Weight
from kiosk.display.layout import compose
from kiosk.display.parts import Labelled, heading, open_page, point
from kiosk.display.state import ScreenState
from kiosk.display.turns import Welcome, say_times
from kiosk.visit.insistence import ON_CHECKLIST
from protocol.review import COMPARISON_FAILED, REASONS

CONSENT: tuple[tuple[str, str], ...] = (
    ("degree", "consent.purpose"),
    ("lock", "consent.kept"),
    ("disk", "consent.erased"),
    ("no_face", "consent.no_recognition"),
    ("person", "consent.presence"),
    ("school", "consent.sent"),
    ("people", "consent.staffed"),
)
"""What one consents to, and the way without the booth: icon and phrase."""


def consent(canvas: Canvas, state: ScreenState) -> None:
    """May the booth take a photo."""
    regions = open_page(canvas, state)
    canvas.speak("consent.title", *(name for _, name in CONSENT))
    points = _arrange(canvas, [point(icon, name, size=2.0) for icon, name in CONSENT])
    compose(canvas, Column(heading("consent.title"), points), regions.body)
    put_way_out(canvas, "decline", regions)
    put_onward(canvas, regions, "agree")


def confirm(canvas: Canvas, state: ScreenState) -> None:
    """Is this you; or, after somebody was away, is it still you."""
    regions = open_page(canvas, state)
    title = "confirm.title" if state.visit.back_to is None else "confirm.again"
    note = _note(None if state.visit.student is None else state.visit.student.refused)
    proof = _proof(state)
    canvas.speak(title, *([] if proof is None else [proof]), note)
    content: list[Element] = [heading(title)]
    if (student := state.visit.student) is not None:
        rows: list[Element] = [
            Labelled("confirm.name", student.name, 42),
            Labelled("confirm.student_no", student.student_no, 26),
            Labelled("confirm.institution", student.institution, 26),
            Labelled("confirm.college", student.college, 26),
        ]
        if (turn := state.visit.turn) is not None:
            content.append(Spare(Welcome(student.college)))
            times = f"{say_times(turn.slot, turn.day)} {turn.slot.place}"
            rows.append(Spare(Labelled("turn.when", times)))
        content.append(Card(_arrange(canvas, rows, gap=0.6), padding=0.6))
    if proof is not None:
        content.append(point("card", proof))
    content.append(Spare(point("info", note)) if note == "confirm.note" else point("info", note))
    compose(canvas, Column(*content, gap=0.8), regions.body)
    put_way_out(canvas, "no", regions)
    if not state.visit.waits_for_staff:
        put_onward(canvas, regions, "yes")


def _proof(state: ScreenState) -> str | None:
    """What is said of the proof that a plain code calls for; None: it is none."""
    proof = state.visit.proof
    if proof is None:
        return None
    return f"confirm.plain_{proof if proof == 'card' or state.visit.waits_for_staff else 'checked'}"


def _note(refused: str | None) -> str:
    """What is said below the student: why the photo before was refused, if it was."""
    if refused is None:
        return "confirm.note"
    known = (*REASONS, COMPARISON_FAILED)  # a newer registrar may have more
    return f"refused.{refused if refused in known else 'other'}"


CHECKLIST: tuple[tuple[str, str], ...] = (
    ("shirt", "checklist.shirt"),
    ("no_stripes", "checklist.shirt_not"),
    ("no_hat", "checklist.bare"),
    ("no_make_up", "checklist.make_up"),
    ("hair", "checklist.hair"),
    ("glasses", "checklist.glasses"),
)
"""What the student is asked before the photo: icon and phrase."""


def checklist(canvas: Canvas, state: ScreenState) -> None:
    """What the photo asks of the student; they tap, and take their time."""
    regions = open_page(canvas, state)
    ready = "checklist.sit" if state.seated else "checklist.stand"
    if not state.in_reach:
        ready = "checklist.keys"
    items = _choose_items(state)
    canvas.speak("checklist.title", *(name for _, name, _ in items), ready)
    points = [point(icon, name, weight=weight) for icon, name, weight in items]
    items_shown = _arrange(canvas, points)
    content = Column(heading("checklist.title"), items_shown, point("clock", ready), gap=0.5)
    compose(canvas, content, regions.body)
    put_way_out(canvas, "cancel", regions)
    put_onward(canvas, regions, "ready")


def _choose_items(state: ScreenState) -> list[tuple[str, str, Weight]]:
    """The checklist for this student: what the photo before was refused for first, and bold."""
    visit = state.visit
    refused = None if visit.student is None else visit.student.refused
    concerned = ON_CHECKLIST.get(refused or "", ())
    items: list[tuple[str, str, Weight]] = []
    for icon, name in sorted(CHECKLIST, key=lambda item: item[1] not in concerned):
        if name == "checklist.bare" and "bareheaded" in visit.excused:
            items.append(("person", "checklist.bare_granted", "regular"))
        else:
            items.append((icon, name, "bold" if name in concerned else "regular"))
    return items


def _arrange(canvas: Canvas, items: Sequence[Element], gap: float = 0.35) -> Element:
    """Below each other, in landscape in two columns."""
    if not canvas.monitor.is_landscape:
        return Column(*items, gap=gap)
    half = -(-len(items) // 2)
    left = Column(*items[:half], gap=gap, top=True)
    right = Column(*items[half:], gap=gap, top=True)
    return Row((left, None), (right, None), gap=1.2)
