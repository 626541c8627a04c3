"""One made-up state for every screen of the staff's menu."""

from collections.abc import Iterator
from dataclasses import replace

from kiosk.display.staff_screens import StaffView
from kiosk.staff import GRANTS, Around, StaffMenu

STATUS = {
    "staff.status.faults": "lamps",
    "staff.status.waiting": "3",
    "staff.status.set_aside": "0",
    "staff.status.camera": "✓",
    "staff.status.reader": "✓",
    "staff.status.lamps": "✗",
    "staff.status.models": "✓",
    "staff.status.disk": "✓",
    "staff.status.clock": "✓",
    "staff.status.version": "0.1.0",
}

AROUND = Around(
    pin_set=True,
    student_at_hand=True,
    granted=frozenset(GRANTS["headwear"]),
    lamps={"key_left": 0.4, "key_right": 0.4, "backdrop": 0.95, "fill": 0.6},
    status=STATUS,
)


def staff_views(at: float) -> Iterator[tuple[str, StaffView]]:
    """A name and a view for every screen of the menu, as at monotonic seconds."""
    pin = StaffMenu(page="pin")
    menus = {
        "refused": StaffMenu(page="refused"),
        "pin": replace(pin, digits="4711"),
        "pin-checking": replace(pin, checking=True),
        "pin-wrong": replace(pin, wrong=1),
        "pin-locked": replace(pin, wrong=4, locked_until=at + 95),
        "home": StaffMenu(page="home"),
        "home-maintenance": StaffMenu(page="home", maintenance=True),
        "lamps": StaffMenu(page="lamps"),
        "reader": StaffMenu(page="reader"),
        "reader-capture_code": StaffMenu(page="reader", heard="capture_code"),
        "reader-code_payment": StaffMenu(page="reader", heard="code_payment"),
        "reader-code_link": StaffMenu(page="reader", heard="code_link"),
        "reader-code_unreadable": StaffMenu(page="reader", heard="code_unreadable"),
        "grant": StaffMenu(page="grant"),
    }
    for name, menu in menus.items():
        yield name, StaffView(menu, AROUND)
    for number in range(len(STATUS)):  # a small screen shows a line or two at once
        yield f"status-{number}", StaffView(StaffMenu(page="status", status_page=number), AROUND)
    yield "lamps-none", StaffView(StaffMenu(page="lamps"), replace(AROUND, lamps={}))
    alone = replace(AROUND, student_at_hand=False, granted=frozenset())
    yield "grant-nobody", StaffView(StaffMenu(page="grant"), alone)
