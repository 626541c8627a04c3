"""What happens to the staff's menu (events), and what the booth shall do about it (effects)."""

from dataclasses import dataclass, field
from typing import Literal

from kiosk.reader.wrong_code import WrongCode

CodeKind = Literal["capture_code"] | WrongCode
"""What the reader test says of a code; its text is not shown."""

Key = str
"""A key of the staff's screens; each begins with `staff_`."""


# ---- events ----


@dataclass(frozen=True, slots=True)
class LongPressed:
    """Somebody held a finger where that opens this menu."""


@dataclass(frozen=True, slots=True)
class StaffTapped:
    """A key of this menu was tapped."""

    key: Key = field(repr=False)  # it may be a PIN's digit


@dataclass(frozen=True, slots=True)
class PinChecked:
    """The answer to `CheckPin` of that number."""

    number: int
    ok: bool


@dataclass(frozen=True, slots=True)
class ReaderHeard:
    """The reader read something while it is tested."""

    kind: CodeKind


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Some time passed; sent now and then while the menu is open."""


Event = LongPressed | StaffTapped | PinChecked | ReaderHeard | TimePassed


# ---- effects ----


@dataclass(frozen=True, slots=True)
class CheckPin:
    """Check these digits, which is slow; answered by PinChecked with this number."""

    number: int
    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SetLamp:
    """Set one lamp to a level from 0 to 1."""

    lamp: str
    level: float


@dataclass(frozen=True, slots=True)
class RestoreLamps:
    """Set the lamps as the visit's stage wants them."""


@dataclass(frozen=True, slots=True)
class StartReaderTest:
    """Tell the menu of what is read (ReaderHeard), and nobody else, while `tests_reader`."""


@dataclass(frozen=True, slots=True)
class EnterCode:
    """The visit is to hear of this code, as of one that was scanned."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SetMaintenance:
    """Take the booth out of service, or put it back; a restart changes nothing about it."""

    on: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """The student at hand need not keep a rule; to be logged by the rule and the visit's number."""

    rule: str


@dataclass(frozen=True, slots=True)
class Close:
    """The menu is closed: the visit goes on."""


Effect = (
    CheckPin | SetLamp | RestoreLamps | StartReaderTest | EnterCode | SetMaintenance | Grant | Close
)
