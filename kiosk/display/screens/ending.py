"""The screens on which a visit ends, well or otherwise, and those of the booth's faults."""

from kiosk.display.boxes import Card, Column, Drawing, Element, Row, Spare
from kiosk.display.buttons import put_onward, put_way_out
from kiosk.display.canvas import Box, Canvas
from kiosk.display.layout import Both, Sign, compose
from kiosk.display.parts import Labelled, heading, open_page, point, support_panel
from kiosk.display.receipt import draw_receipt, receipt_text
from kiosk.display.state import ScreenState
from kiosk.display.theme import Colour
from kiosk.display.turns import tell_turn
from kiosk.visit import FaultName, Reason, Stage
from protocol.schedule import say_time

REASON_ICONS: dict[Reason, str] = {
    "code_unknown": "reader",
    "code_unreadable": "reader",
    "code_payment": "reader",
    "code_contact": "person",
    "code_wifi": "reader",
    "code_own_link": "mobile",
    "code_link": "reader",
    "already_photographed": "picture",
    "photo_approved": "picture",
    "comparison_failed": "school",
    "resubmissions_used": "picture",
    "not_admitted": "school",
    "record_abnormal": "card",
    "other_institution": "school",
    "not_me": "person",
    "no_consent": "shield",
    "no_answer": "clock",
    "needs_staff": "people",
    "registrar_unreachable": "school",
    "decryptor_failed": "lock",
    "wait": "clock",
    "network_needed": "school",
    "too_early": "clock",
    "too_late": "clock",
    "wrong_place": "school",
    "cannot_standardise": "picture",
    "cannot_save": "disk",
}
"""What each reason is about; one that is not named shows a person."""

FAULT_ICONS: dict[FaultName, str] = {
    "camera": "camera",
    "clock": "clock",
    "colour": "camera",
    "disk": "disk",
    "models": "chip",
    "reader": "reader",
}
"""What has failed, for the faults that stop the booth; one that is not named shows a chip."""

CAN_LEAVE = frozenset({Stage.SCAN, Stage.GUIDE})
"""The stages that a fault may stop for long, and a student may leave."""


def done(canvas: Canvas, state: ScreenState) -> None:
    """The photo is safe; what happens next, and where to look."""
    regions = open_page(canvas, state)
    canvas.speak("done.title", "done.review", "done.things")
    number, url = state.visit.submission, state.booth.receipt_url

    def show(canvas: Canvas, box: Box, paper: Colour) -> None:
        draw_receipt(canvas, box, receipt_text(number, url))

    told: list[Element] = [point("clock", "done.review"), Spare(point("bag", "done.things"))]
    if not number:
        content: Element = Column(
            Sign("check", 6, "good", "fill"), heading("done.title"), *told, gap=0.8
        )
        compose(canvas, content, regions.body)
        put_onward(canvas, regions, "close")
        return
    receipt: list[Element] = [Labelled("done.number", number, 26)]
    if url:
        receipt.append(Both("done.where", align="left"))
    code = Drawing(show, 7.5, 1)
    if canvas.monitor.is_landscape:
        texts = Column(*receipt, *told, gap=0.4)
        content = Column(heading("done.title"), Row((code, 10), (texts, None), grows=1), gap=0.4)
    else:
        content = Column(heading("done.title"), code, *receipt, *told, gap=0.6)
    compose(canvas, content, regions.body)
    put_onward(canvas, regions, "close")


def turned_away(canvas: Canvas, state: ScreenState) -> None:
    """No photo was taken: why, what to do about it, and who helps."""
    regions = open_page(canvas, state)
    told: list[Element] = []
    icon = "person"
    if (reason := state.visit.reason) is not None:
        icon = REASON_ICONS.get(reason, icon)
        title, remedy = f"reason.{reason}.title", f"reason.{reason}.remedy"
        canvas.speak(title, remedy)
        told = [heading(title), Both(remedy)]
        if (until := state.visit.until) is not None:
            when = Labelled("reason.wait.until", say_time(until))
            told.append(Card(when, ground="tint", padding=0.35))
        if state.visit.turn is not None:
            told.append(tell_turn(canvas, state.visit.turn))
    compose(canvas, _explain(canvas, state, icon, told), regions.body)
    put_onward(canvas, regions, "close")


def draw_fault(canvas: Canvas, state: ScreenState, fault: FaultName) -> None:
    """The booth lacks something: what, and who helps."""
    regions = open_page(canvas, state)
    told: list[Element] = [heading("fault.title"), Both(f"fault.{fault}", weight="bold")]
    canvas.speak("fault.title")
    if fault not in ("door", "maintenance"):  # these are the staff's own doing
        told.append(Both("fault.staff"))
        canvas.speak("fault.staff")
    icon = FAULT_ICONS.get(fault, "chip")
    compose(canvas, _explain(canvas, state, icon, told), regions.whole_body)
    if state.visit.stage in CAN_LEAVE:
        put_way_out(canvas, "cancel", regions)


def _explain(canvas: Canvas, state: ScreenState, icon: str, told: list[Element]) -> Element:
    """What is said, with the sign of what it is about above or beside it, and who helps."""
    support = support_panel(canvas, state.booth)

    def draw(canvas: Canvas, box: Box, paper: Colour) -> None:
        theme, (x, y) = canvas.theme, box.centre
        radius = 0.44 * min(box.width, box.height, 9 * canvas.unit)
        canvas.disc(x, y, radius, theme.tint)
        canvas.icon(icon, x, y, 1.1 * radius, theme.ink, theme.tint)
        x, y, small = x + 0.75 * radius, y + 0.66 * radius, 0.38 * radius
        canvas.disc(x, y, 1.2 * small, paper)
        canvas.badge("info", x, y, small, theme.alert)

    if canvas.monitor.is_landscape:
        said = Row((Spare(Drawing(draw, 4)), 5.5), (Column(*told, gap=0.4), None), grows=1)
        return Column(said, support, gap=0.4)
    return Column(Spare(Drawing(draw, 3.5)), *told, support)
