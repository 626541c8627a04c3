"""Admission: whether a student may be photographed now, by what is known of them. Pure.

The numbers are the collecting service's (the notice of 2024 with its guide, 青聪拍): three
standardisations a day, then a wait of 24 hours; a refused photo may be replaced twice. Booth and
registrar ask the same functions, each of what it knows.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Literal
from uuid import UUID

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The zone in which a day is a day, whatever the machine's own; without summer time since 1991."""

Refusal = Literal[
    "wait",
    "already_photographed",
    "photo_approved",
    "comparison_failed",
    "resubmissions_used",
]
"""Why a student is not photographed now. wait: their standardisations are used up for a while.
comparison_failed: a person let the photo pass and the national comparison did not; that is the
registry's to settle. resubmissions_used: it was replaced as often as it may be."""

PhotoState = Literal["unreviewed", "approved", "refused", "comparison_failed"]
"""How a photo stands that the registrar holds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How often a student may come, as an institution has it."""

    standardisations_a_day: int = 3
    wait: timedelta = timedelta(hours=24)
    """From the last standardisation that a day had."""
    resubmissions: int = 2
    """How often a photo that was refused may be replaced."""


@dataclass(frozen=True, slots=True)
class Standardisation:
    """One visit in which a photo was made and shown. Retakes within it are none of their own.

    What a booth did not bring to an end is none: nobody pays for a booth's fault.
    """

    id: UUID
    """Drawn by the booth that made it, so that it counts once however often it is told."""
    at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a student: by the registrar all of it, by a booth what it has been told."""

    photos: tuple[PhotoState, ...] = ()
    """The photos that were held, oldest first."""
    standardised: frozenset[Standardisation] = frozenset()
    is_permitted: bool = False
    """Whether staff have let them be photographed once more, and that was not used yet."""

    def merged(self, others: Iterable[Standardisation]) -> "History":
        """The history with standardisations that somebody else has counted: each counts once.

        Of one that is told twice the earlier time counts, so that nobody waits longer for it.
        """
        known: dict[UUID, Standardisation] = {}
        for each in (*self.standardised, *others):
            before = known.setdefault(each.id, each)
            if each.at < before.at:
                known[each.id] = each
        return History(self.photos, frozenset(known.values()), self.is_permitted)


def find_refusal(history: History, now: datetime, limits: Limits) -> Refusal | None:
    """Find why a student is not photographed at `now`; None where they are.

    A permit lets somebody come who has a photo; no permit shortens the wait.
    """
    until = waits_until(history.standardised, now, limits)
    if until is not None:
        return "wait"
    if not history.photos or history.is_permitted:
        return None
    newest = history.photos[-1]
    if newest == "unreviewed":
        return "already_photographed"
    if newest == "approved":
        return "photo_approved"
    if newest == "comparison_failed":
        return "comparison_failed"
    refused = history.photos.count("refused")
    return "resubmissions_used" if refused > limits.resubmissions else None


def waits_until(
    standardised: Iterable[Standardisation], now: datetime, limits: Limits
) -> datetime | None:
    """Until when a student waits; None where they need not at `now`.

    A clock that was set back opens nothing: `now` is never before what was counted last.
    """
    days: dict[date, list[datetime]] = defaultdict(list)
    for each in standardised:
        days[each.at.astimezone(SHANGHAI).date()].append(each.at)
    if not days:
        return None
    full = [max(times) for times in days.values() if len(times) >= limits.standardisations_a_day]
    until = max(full, default=None)
    if until is None:
        return None
    until += limits.wait
    latest = max(max(times) for times in days.values())
    return until if max(now, latest) < until else None


def bound_times(
    standardised: Iterable[Standardisation], received: datetime
) -> frozenset[Standardisation]:
    """What a booth has counted, none later than it was heard of.

    A booth whose clock was fast would else keep a student waiting for years.
    """
    return frozenset(Standardisation(each.id, min(each.at, received)) for each in standardised)
