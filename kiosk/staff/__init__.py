"""The staff's menu as a pure state machine, and the PIN that it is behind."""

from kiosk.staff.events import (
    CheckPin,
    Close,
    CodeKind,
    Effect,
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
from kiosk.staff.menu import Around, Page, StaffMenu, keys, step

__all__ = [
    "GRANTS",
    "Around",
    "CheckPin",
    "Close",
    "CodeKind",
    "Effect",
    "Event",
    "Grant",
    "GrantGroup",
    "Key",
    "LongPressed",
    "Page",
    "PinChecked",
    "ReaderHeard",
    "RestoreLamps",
    "SetLamp",
    "SetMaintenance",
    "StaffMenu",
    "StaffTapped",
    "StartReaderTest",
    "TimePassed",
    "keys",
    "step",
]
