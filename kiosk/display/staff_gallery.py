"""One made-up state for every screen of the staff's menu."""

from collections.abc import Iterator
from dataclasses import replace

from kiosk.display.staff_screens import StaffView
from kiosk.staff import GRANTS, Around, StaffMenu

WELL = {
    "staff.status.faults": "–",
    "staff.status.waiting": "3",
    "staff.status.set_aside": "0",
    "staff.status.camera": "✓",
    "staff.status.reader": "✓",
    "staff.status.lamps": "✓",
    "staff.status.models": "✓",
    "staff.status.disk": "✓",
    "staff.status.clock": "✓",
    "staff.status.version": "0.1.0",
}

ILL = WELL | {
    "staff.status.faults": "camera, clock, disk, lamps, models, reader",
    "staff.status.camera": "no frame came for 5 s: the camera's cable is loose, or another process"
    " has the camera; the camera process is started again",
    "staff.status.reader": "the scanner /dev/kiosk-scanner cannot be read (No such file or"
    " directory): plug the scanner in, or name another device (`kiosk reader probe` tells which)",
    "staff.status.lamps": "the lamps' pins cannot be driven (GPIO busy): end what else drives them,"
    " and start the booth again",
    "staff.status.models": "face_landmarker.task is not the file that the manifest names: fetch it"
    " anew with `kiosk models --fetch`",
    "staff.status.disk": "the outbox cannot be written (Read-only file system): exchange the card,"
    " and send what is kept with `kiosk sync`",
    "staff.status.clock": "the clock is a day behind the registrar's: set it, and put in a battery",
}

AROUND = Around(
    pin_set=True,
    student_at_hand=True,
    granted=frozenset(GRANTS["headwear"]),
    maintenance=False,
    lamps={"key_left": 0.4, "key_right": 0.4, "backdrop": 0.95, "fill": 0.6},
    status=WELL,
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
        "lamps": StaffMenu(page="lamps"),
        "reader": StaffMenu(page="reader"),
        "reader-capture_code": StaffMenu(page="reader", heard="capture_code"),
        "reader-code_payment": StaffMenu(page="reader", heard="code_payment"),
        "reader-code_contact": StaffMenu(page="reader", heard="code_contact"),
        "reader-code_wifi": StaffMenu(page="reader", heard="code_wifi"),
        "reader-code_own_link": StaffMenu(page="reader", heard="code_own_link"),
        "reader-code_link": StaffMenu(page="reader", heard="code_link"),
        "reader-code_unreadable": StaffMenu(page="reader", heard="code_unreadable"),
        "grant": StaffMenu(page="grant"),
    }
    for name, menu in menus.items():
        yield name, StaffView(menu, AROUND)
    yield "status", StaffView(StaffMenu(page="status"), AROUND)
    for number in range(4):
        menu = StaffMenu(page="status", status_page=number)
        yield f"status-ill-{number + 1}", StaffView(menu, replace(AROUND, status=ILL))
    yield "lamps-none", StaffView(StaffMenu(page="lamps"), replace(AROUND, lamps={}))
    resting = replace(AROUND, maintenance=True)
    yield "home-maintenance", StaffView(StaffMenu(page="home"), resting)
    alone = replace(AROUND, student_at_hand=False, granted=frozenset())
    for layer, typed in enumerate(("2026-", "2026-AB", "2026-ABk/", "x" * 40)):
        menu = StaffMenu(page="code", typed=typed, layer=layer)
        yield f"code-{layer + 1}", StaffView(menu, alone)
    yield "code-at-hand", StaffView(StaffMenu(page="code"), AROUND)
    yield "grant-nobody", StaffView(StaffMenu(page="grant"), alone)
