"""The staff's menu as a pure state machine: (menu, event, time, what is around) → (menu, effects).

It lies over a visit, which stands still meanwhile. Times are monotonic seconds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from kiosk.staff.events import (
    CheckPin,
    Close,
    CodeKind,
    Effect,
    EnterCode,
    Event,
    Grant,
    Key,
    LongPressed,
    PinChecked,
    ReaderHeard,
    RestoreLamps,
    SetLamp,
    SetMaintenance,
    StaffTapped,
    StartReaderTest,
    TimePassed,
)
from kiosk.staff.grants import GRANTS, GrantGroup
from protocol.capture_code import LONGEST_CODE

Page = Literal["refused", "pin", "home", "status", "lamps", "reader", "code", "grant"]
"""`refused` stands where no PIN is set: it says how to set one, and nothing else is to be had."""

IDLE_END = 60.0
"""Seconds without a touch after which the menu closes by itself."""

FREE_TRIES = 3
FIRST_LOCK, LONGEST_LOCK = 30.0, 900.0
"""Seconds for which no PIN is taken after the FREE_TRIES-th wrong one; each further one doubles
them. 10,000 PINs at this pace take three months."""

MOST_DIGITS = 12

CHARACTERS = (
    "1234567890-_./:=+?&#",
    "ABCDEFGHIJKLMNOPQRST",
    "UVWXYZabcdefghijklmn",
    "opqrstuvwxyz%*@$!,;~",
)
"""What a code can be typed of, as many at once as a small screen has room for."""

SHORTEST_CODE = 4
"""Characters; fewer are no code."""

LEVEL_STEP = 0.1
"""By how much a lamp is dimmed or raised with one touch."""

_BACK: tuple[Key, ...] = ("staff_back",)

_KEYS: Mapping[Page, tuple[Key, ...]] = {
    "refused": ("staff_close",),
    "pin": (
        *(f"staff_{digit}" for digit in (*range(1, 10), 0)),
        *("staff_erase", "staff_enter", "staff_close"),
    ),
    "home": (
        *("staff_status", "staff_lamps", "staff_reader", "staff_code"),
        *("staff_grant", "staff_maintenance", "staff_close"),
    ),
    "status": ("staff_next", *_BACK),
    "lamps": (
        *("staff_previous", "staff_next"),
        *("staff_off", "staff_less", "staff_more", "staff_full", *_BACK),
    ),
    "reader": _BACK,
    "code": (
        *(f"staff_place_{place}" for place in range(len(CHARACTERS[0]))),
        *("staff_layer", "staff_erase", "staff_enter", *_BACK),
    ),
    "grant": (*(f"staff_grant_{group}" for group in GRANTS), *_BACK),
}


@dataclass(frozen=True, slots=True)
class Around:
    """What the menu is told of the booth; all of it may change while it is open."""

    pin_set: bool
    student_at_hand: bool
    granted: frozenset[str]
    """Rules that this student need not keep."""
    maintenance: bool
    """Whether the booth is out of service for it."""
    lamps: Mapping[str, float]
    """Each lamp's level, from 0 to 1, by its name."""
    status: Mapping[str, str] = field(default_factory=dict)
    """What the status page says: by a phrase's name what stands behind it."""


@dataclass(frozen=True, slots=True)
class StaffMenu:
    """The menu, open or not. What is kept when it closes: wrong tries."""

    page: Page | None = None
    """None: closed."""
    digits: str = field(default="", repr=False)
    """What was typed of a PIN."""
    check: int = 0
    """The number of the last CheckPin."""
    checking: bool = False
    """Whether its answer is awaited."""
    wrong: int = 0
    """Wrong PINs since the last right one, or the booth's start."""
    locked_until: float = float("-inf")
    touched_at: float = 0.0
    lamp: int = 0
    """The place of the lamp that is tried."""
    tried: Mapping[str, float] = field(default_factory=dict)
    """Levels that were tried, by the lamp's name."""
    status_page: int = 0
    """How often the status was turned on; how many lines one page has, the screen knows."""
    heard: CodeKind | None = None
    """What the reader read last while it is tested."""
    typed: str = field(default="", repr=False)
    """What was typed of a code."""
    layer: int = 0
    """Which of `CHARACTERS` are on the keys."""

    @property
    def is_open(self) -> bool:
        """Whether it lies over the visit."""
        return self.page is not None

    @property
    def tests_reader(self) -> bool:
        """Whether what is read goes to the menu."""
        return self.page == "reader"

    def locked_for(self, at: float) -> float:
        """Seconds for which no PIN is taken yet."""
        return max(self.locked_until - at, 0.0)

    def lamp_name(self, around: Around) -> str | None:
        """The lamp that is tried; None where there is none."""
        names = sorted(around.lamps)
        return names[self.lamp % len(names)] if names else None

    def lamp_level(self, around: Around) -> float:
        """Its level."""
        name = self.lamp_name(around)
        return 0.0 if name is None else self.tried.get(name, around.lamps[name])


Step = tuple[StaffMenu, tuple[Effect, ...]]


def keys(page: Page) -> tuple[Key, ...]:
    """The keys of a page, in their order."""
    return _KEYS[page]


def step(menu: StaffMenu, event: Event, at: float, around: Around) -> Step:
    """The menu after an event, and what the booth shall do.

    An event that means nothing on this page changes nothing.
    """
    match event:
        case LongPressed() if menu.page is None:
            page: Page = "pin" if around.pin_set else "refused"
            return replace(menu, page=page, touched_at=at), ()
        case PinChecked(number, ok):
            return _take_answer(menu, number, ok=ok, at=at)
        case ReaderHeard(kind) if menu.tests_reader:
            return replace(menu, heard=kind, touched_at=at), ()
        case TimePassed() if menu.page is not None and at - menu.touched_at >= IDLE_END:
            return _close(menu)
        case StaffTapped(key) if menu.page is not None and key in _KEYS[menu.page]:
            if key == "staff_close":
                return _close(menu)
            return _PAGES[menu.page](replace(menu, touched_at=at), key, at, around)
        case _:
            return menu, ()


def _close(menu: StaffMenu) -> Step:
    closed = StaffMenu(check=menu.check, wrong=menu.wrong, locked_until=menu.locked_until)
    return closed, (*_restore(menu), Close())


def _restore(menu: StaffMenu) -> tuple[Effect, ...]:
    return (RestoreLamps(),) if menu.tried else ()


def _refused(menu: StaffMenu, key: Key, at: float, around: Around) -> Step:
    return menu, ()


def _pin(menu: StaffMenu, key: Key, at: float, around: Around) -> Step:
    if menu.checking or menu.locked_for(at) > 0:
        return menu, ()
    if key == "staff_erase":
        return replace(menu, digits=menu.digits[:-1]), ()
    if key != "staff_enter":
        return replace(menu, digits=(menu.digits + key.removeprefix("staff_"))[:MOST_DIGITS]), ()
    if not menu.digits:
        return menu, ()
    asked = replace(menu, digits="", check=menu.check + 1, checking=True)
    return asked, (CheckPin(asked.check, menu.digits),)


def _take_answer(menu: StaffMenu, number: int, *, ok: bool, at: float) -> Step:
    """Let in, or count the wrong try: also one whose answer comes after the menu was closed."""
    awaited = menu.checking and number == menu.check
    menu = replace(menu, checking=menu.checking and not awaited)
    if not ok:
        wrong = menu.wrong + 1
        lock = min(FIRST_LOCK * 2.0 ** (wrong - FREE_TRIES), LONGEST_LOCK)
        locked_until = at + lock if wrong >= FREE_TRIES else menu.locked_until
        return replace(menu, wrong=wrong, locked_until=locked_until), ()
    if not awaited or menu.page != "pin":
        return menu, ()
    return replace(menu, page="home", wrong=0, digits="", touched_at=at), ()


def _home(menu: StaffMenu, key: Key, at: float, around: Around) -> Step:
    match key:
        case "staff_status":
            return replace(menu, page="status", status_page=0), ()
        case "staff_lamps":
            return replace(menu, page="lamps", lamp=0), ()
        case "staff_reader":
            return replace(menu, page="reader", heard=None), (StartReaderTest(),)
        case "staff_code":
            return replace(menu, page="code", typed="", layer=0), ()
        case "staff_grant":
            return replace(menu, page="grant"), ()
        case _:
            return menu, (SetMaintenance(not around.maintenance),)


def _status(menu: StaffMenu, key: Key, at: float, around: Around) -> Step:
    if key == "staff_next":
        return replace(menu, status_page=menu.status_page + 1), ()
    return replace(menu, page="home"), ()


def _lamps(menu: StaffMenu, key: Key, at: float, around: Around) -> Step:
    if key == "staff_back":
        return replace(menu, page="home", tried={}), _restore(menu)
    name, level = menu.lamp_name(around), menu.lamp_level(around)
    if name is None:
        return menu, ()
    match key:
        case "staff_previous" | "staff_next":
            turn = 1 if key == "staff_next" else -1
            return replace(menu, lamp=(menu.lamp + turn) % len(around.lamps)), ()
        case "staff_off":
            level = 0.0
        case "staff_full":
            level = 1.0
        case _:
            by = LEVEL_STEP if key == "staff_more" else -LEVEL_STEP
            level = round(min(max(level + by, 0.0), 1.0), 2)
    return replace(menu, tried={**menu.tried, name: level}), (SetLamp(name, level),)


def _reader(menu: StaffMenu, key: Key, at: float, around: Around) -> Step:
    return replace(menu, page="home"), ()


def _code(menu: StaffMenu, key: Key, at: float, around: Around) -> Step:
    """Type a code, as from paper where a telephone is broken; it is then the visit's."""
    match key:
        case "staff_back":
            return replace(menu, page="home", typed=""), ()
        case _ if around.student_at_hand:
            return menu, ()
        case "staff_layer":
            return replace(menu, layer=(menu.layer + 1) % len(CHARACTERS)), ()
        case "staff_erase":
            return replace(menu, typed=menu.typed[:-1]), ()
        case "staff_enter":
            if len(menu.typed) < SHORTEST_CODE:
                return menu, ()
            closed, effects = _close(menu)
            return closed, (*effects, EnterCode(menu.typed))
        case _:
            char = CHARACTERS[menu.layer][int(key.removeprefix("staff_place_"))]
            return replace(menu, typed=(menu.typed + char)[:LONGEST_CODE]), ()


def _grant(menu: StaffMenu, key: Key, at: float, around: Around) -> Step:
    if key == "staff_back":
        return replace(menu, page="home"), ()
    group: GrantGroup
    for group, rules in GRANTS.items():
        if key == f"staff_grant_{group}" and around.student_at_hand:
            return menu, tuple(Grant(rule) for rule in rules if rule not in around.granted)
    return menu, ()


_PAGES: Mapping[Page, Callable[[StaffMenu, Key, float, Around], Step]] = {
    "refused": _refused,
    "pin": _pin,
    "home": _home,
    "status": _status,
    "lamps": _lamps,
    "reader": _reader,
    "code": _code,
    "grant": _grant,
}
