"""The schedule asked: whose turn it is at a place, and how a student stands to it. Pure.

Times are compared as moments, and days are China's, whatever a machine's zone.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from protocol.configuration import ToldSettings
from protocol.schedule import SHANGHAI, Schedule, Slot
from protocol.turn import NO_AGENDA, Agenda, Ruling, Standing, Turn

MOST_SHOWN = 3
"""Slots to come that a screen tells of."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """An institution's slots, as one of its places sees them."""

    slots: Schedule = ()
    place: str = ""
    """The booth's."""
    rules: ToldSettings = field(default_factory=ToldSettings)

    @property
    def knows_place(self) -> bool:
        """Whether a slot names this place. If none does, places are not told apart."""
        return any(_fold(slot.place) == _fold(self.place) for slot in self.slots)

    def is_here(self, slot: Slot) -> bool:
        """Whether a slot is at this place."""
        return not self.knows_place or _fold(slot.place) == _fold(self.place)

    def agenda(self, at: datetime) -> Agenda:
        """Whose turn it is here at a moment, and who comes next."""
        here = [slot for slot in self.slots if self.is_here(slot)] if self.slots else []
        coming = [slot for slot in here if slot.starts_at > at]
        if not here:
            return NO_AGENDA
        return Agenda(tuple(_find_on(here, at)), tuple(coming[:MOST_SHOWN]), _day(at))

    def find_turn(self, college: str, at: datetime) -> Turn | None:
        """How a student of a college stands to the schedule; None where it says nothing of them."""
        theirs = [slot for slot in self.slots if _names(slot, college)]
        found = self._find_standing(theirs, at)
        if found is None:
            return None
        standing, slot = found
        ruling = self._rule(standing)
        begins_at = None
        if ruling == "wait":
            begins_at = slot.starts_at if standing == "early" else self._find_free(at)
            if begins_at == at:
                ruling, begins_at = "admit", None
        left = 0.0 if begins_at is None else (begins_at - at).total_seconds()
        return Turn(standing, slot, ruling, begins_at, left, _day(at), slot.starts_at > at)

    def _find_standing(self, theirs: list[Slot], at: datetime) -> tuple[Standing, Slot] | None:
        on = list(_find_on(theirs, at))
        for slot in on:
            if self.is_here(slot):
                return "now", slot
        if on:
            return "elsewhere", on[0]
        coming = [slot for slot in theirs if slot.starts_at > at]
        here = [slot for slot in coming if self.is_here(slot)]
        past = [slot for slot in theirs if slot.ends_at <= at]
        if here and (_day(here[0].starts_at) == _day(at) or not past):
            return "early", here[0]
        if past:
            return "late", (here or coming or past[-1:])[0]
        return ("elsewhere", coming[0]) if coming else None

    def _rule(self, standing: Standing) -> Ruling:
        """What the institution has said of who stands so; until it has, nobody is stopped."""
        match standing:
            case "now":
                return "admit"
            case "early":
                return self.rules.early or "admit"
            case "late":
                return self.rules.late or "admit"
            case "elsewhere":
                return self.rules.wrong_place or "admit"

    def _find_free(self, at: datetime) -> datetime:
        """From when on it is nobody's turn here."""
        for slot in sorted(self.slots, key=lambda slot: slot.starts_at):
            if self.is_here(slot) and slot.starts_at <= at < slot.ends_at:
                at = slot.ends_at
        return at


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _find_on(slots: Iterable[Slot], at: datetime) -> Iterable[Slot]:
    return (slot for slot in slots if slot.starts_at <= at < slot.ends_at)


def _names(slot: Slot, college: str) -> bool:
    return not slot.colleges or _fold(college) in map(_fold, slot.colleges)


def _fold(name: str) -> str:
    """A name as it is compared: one that was typed by another hand is still the same."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
