"""One made-up state for every screen there is: of every stage, reason, fault and rule told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, get_args

from kiosk.camera.frame import Picture
from kiosk.display.guide_gallery import guided
from kiosk.display.monitor import Monitor, usual_distance
from kiosk.display.staff_gallery import staff_views
from kiosk.display.state import BoothLabels, ScreenState
from kiosk.visit import BLOCKED, Presence, Reason, Stage, UnreadCode, Visit
from kiosk.words import USUAL_LANGUAGES, Languages
from protocol.review import COMPARISON_FAILED, REASONS
from protocol.schedule import SHANGHAI, Slot
from protocol.student import Student
from protocol.turn import Agenda, Turn

STUDENT = Student("r-0001", "张小雨", "202012345678", "10000", "示范大学", "计算机科学与技术学院")

DAY = date(2026, 6, 1)


def _slot(hour: int, *colleges: str, place: str = "图书馆一层", day: date = DAY) -> Slot:
    begins = datetime(day.year, day.month, day.day, hour, 30, tzinfo=SHANGHAI)
    return Slot(
        place=place, starts_at=begins, ends_at=begins + timedelta(hours=1), colleges=colleges
    )


SLOT = _slot(9, "计算机科学与技术学院", "信息管理系")
OPEN_SLOT = _slot(9)

AGENDA = Agenda(
    (SLOT,),
    (_slot(10, "外国语学院", "历史学院", "马克思主义学院", "社会学系"), _slot(14, "法学院")),
    DAY,
)

EARLY = Turn("early", SLOT, "wait", SLOT.starts_at, 245.0, DAY)

TURNS: dict[Reason, Turn] = {
    "too_early": Turn("early", _slot(9, day=date(2026, 6, 3)), "turn_away", day=DAY),
    "too_late": Turn("late", _slot(8), "turn_away", day=DAY),
    "wrong_place": Turn("elsewhere", _slot(9, place="邱德拔体育馆东侧大厅"), "turn_away", day=DAY),
}
"""Of the reasons that are a turn's."""

SHOWN_AT = 100.0
"""The moment shown, in seconds."""

SERVED: dict[tuple[int, int], float] = {
    (720, 1280): 7.0,
    (800, 480): 7.0,
    (1024, 600): 7.0,
    (1280, 800): 10.1,
    (800, 1280): 10.1,
    (1920, 1080): 15.6,
    (1080, 1920): 15.6,
}
"""The screens that a booth may have: pixels, and the diagonal in inches."""

FULLEST = ("consent", "review-three")
"""Where these have room, the others have."""

MONITOR = Monitor((720, 1280), 7.0, usual_distance(7.0))

Named = tuple[str, ScreenState]


def screen_states(
    picture: Picture, languages: Languages = USUAL_LANGUAGES, monitor: Monitor = MONITOR
) -> Iterator[Named]:
    """A name and a state for every screen; `picture` stands for preview and photos."""
    booth = BoothLabels(
        "示范大学", "010-0000-0000", "8:30–17:00", "1", languages, "https://photo.example.edu/s/"
    )
    empty = ScreenState(Visit(), SHOWN_AT, None, (), booth, monitor)
    visiting = replace(empty, preview=picture, photos=(picture,))
    yield from _before(empty)
    yield from _while(visiting)
    yield from _after(empty)
    yield from _faults(empty)
    for name, view in staff_views(SHOWN_AT):
        yield f"staff-{name}", replace(empty, staff=view)


def _before(empty: ScreenState) -> Iterator[Named]:
    yield "idle", empty
    yield "idle-keys", replace(empty, in_reach=False)
    yield "idle-turn", replace(empty, agenda=AGENDA)
    yield "idle-turn_of_all", replace(empty, agenda=Agenda((OPEN_SLOT,), (), DAY))
    yield "idle-turn_to_come", replace(empty, agenda=Agenda((), AGENDA.coming, None))
    yield "consent", replace(empty, visit=Visit(Stage.CONSENT))
    scanning = replace(empty, visit=Visit(Stage.SCAN))
    yield "scan", scanning
    yield "scan-reader_out", replace(scanning, reader_faces="out", camera_reads=True)
    for kind in get_args(UnreadCode):
        yield f"scan-{kind}", replace(scanning, visit=Visit(Stage.SCAN, unread=kind))
    lost = Visit(Stage.SCAN, unread="code_unreadable", unread_times=2)
    yield "scan-help", replace(scanning, visit=lost)
    yield "scan-ending", replace(scanning, remaining=6.0)
    yield "scan-ending_keys", replace(scanning, remaining=6.0, in_reach=False)
    yield "resolving", replace(empty, visit=Visit(Stage.RESOLVING))
    for standing in ("early", "late"):
        turn = replace(EARLY, standing=standing)
        waiting = Visit(Stage.WAITING, student=STUDENT, turn=turn)
        yield f"waiting-{standing}", replace(empty, visit=waiting, remaining=245.0)


def _while(visiting: ScreenState) -> Iterator[Named]:
    def show(stage: Stage, **fields: Any) -> ScreenState:
        return replace(visiting, visit=replace(Visit(stage, student=STUDENT), **fields))

    yield "confirm", show(Stage.CONFIRM)
    yield "confirm-turn", show(Stage.CONFIRM, turn=replace(EARLY, standing="now"))
    yield "confirm-again", show(Stage.CONFIRM, back_to=Stage.REVIEW)
    yield "confirm-plain", show(Stage.CONFIRM, proof="card")
    yield "confirm-plain_staff", show(Stage.CONFIRM, proof="staff")
    checked = frozenset({"identity"})
    yield "confirm-plain_checked", show(Stage.CONFIRM, proof="staff", granted=checked)
    for reason in (*REASONS, COMPARISON_FAILED):
        yield f"confirm-{reason}", show(Stage.CONFIRM, student=replace(STUDENT, refused=reason))
    yield "checklist", show(Stage.CHECKLIST)
    yield "checklist-standing", replace(show(Stage.CHECKLIST), seated=False)
    yield "checklist-keys", replace(show(Stage.CHECKLIST), in_reach=False)
    again = replace(STUDENT, refused="clothes")
    yield "checklist-refused", show(Stage.CHECKLIST, student=again)
    covered = frozenset({"bareheaded", "ears_visible"})
    yield "checklist-granted", show(Stage.CHECKLIST, granted=covered)
    yield "checklist-leave", show(Stage.CHECKLIST, asking_leave=True)
    gone = Presence().after(1, SHOWN_AT - 4).after(0, SHOWN_AT - 4)
    yield "checklist-away", show(Stage.CHECKLIST, presence=gone)
    for name, guidance in guided(SHOWN_AT):
        yield f"guide-{name}", show(Stage.GUIDE, guidance=guidance)
    yield "shutter", show(Stage.SHUTTER)
    yield "standardising", show(Stage.STANDARDISING)
    yield "review", show(Stage.REVIEW, photos=1)
    three = show(Stage.REVIEW, photos=3, chosen=1)
    three = replace(three, photos=visiting.photos * 3)
    yield "review-three", three
    yield "review-for_staff", show(Stage.REVIEW, photos=1, waived=frozenset({"bareheaded"}))
    yield "review-leave", show(Stage.REVIEW, photos=1, asking_leave=True)
    yield "saving", show(Stage.SAVING, photos=1)


def _after(empty: ScreenState) -> Iterator[Named]:
    yield "done", replace(empty, visit=Visit(Stage.DONE, submission="7K4M-2Q9T"))
    for reason in get_args(Reason):
        until = SLOT.ends_at if reason == "wait" else None
        turn = TURNS.get(reason)
        visit = Visit(Stage.TURNED_AWAY, reason=reason, turn=turn, until=until)
        yield f"turned_away-{reason}", replace(empty, visit=visit)
    free_later = replace(TURNS["wrong_place"], begins_at=SLOT.ends_at)
    visit = Visit(Stage.TURNED_AWAY, reason="wrong_place", turn=free_later)
    yield "turned_away-wrong_place_until", replace(empty, visit=visit)


def _faults(empty: ScreenState) -> Iterator[Named]:
    for fault, stages in BLOCKED.items():
        # All but these show a fault alike.
        for stage in sorted(
            stages & {Stage.IDLE, Stage.SCAN, Stage.GUIDE}, key=lambda stage: stage.value
        ):
            visit = Visit(stage, faults=frozenset({fault}))
            yield f"fault-{fault}-{stage.value}", replace(empty, visit=visit)
