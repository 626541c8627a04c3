"""How often a student may be photographed: at most three standardisations a day, everywhere. Pure.

The collecting service counts so (the notice of 2024 with its guide): after three on one day a
student waits for 24 hours. A *standardisation* is a visit in which a photo was made and shown,
however often it was retaken within the visit; one that the booth did not bring so far is none.

Booth and registrar ask the same functions (docs/decisions/0016-counted-across-booths.md). A booth
that reaches its registrar asks there. One that does not has a *share* of each student's day, which
it may use without asking; all shares together are never more than the day.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from protocol.schedule import SHANGHAI

EVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The latest that a moment can have been of which only the earliest is known."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """How often a student may come, as an institution has it."""

    standardisations_a_day: int = 3
    wait: timedelta = DAY
    """From the last standardisation of a day that had so many."""


USUAL_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was, as far as is proven: a booth without network may not know the day."""

    earliest: datetime
    latest: datetime

    @property
    def is_sure(self) -> bool:
        """Whether the latest is known."""
        return self.latest < EVER

    def days_end(self) -> datetime:
        """The end of the day in Shanghai in which the moment is, at the earliest."""
        return datetime.combine(day_of(self.earliest) + DAY, time(), SHANGHAI)

    def shares_day(self, other: "Moment") -> bool:
        """Whether both may have been on one day."""
        return day_of(self.earliest) <= day_of(other.latest) and day_of(other.earliest) <= day_of(
            self.latest
        )


def surely(at: datetime) -> Moment:
    """A moment that is known."""
    return Moment(at, at)


@dataclass(frozen=True, slots=True)
class Standardisation:
    """One that counts, or is begun and may yet."""

    id: UUID
    """Drawn by the booth that made it, so that it counts once however often it is told."""
    booth_id: str
    at: Moment


def day_of(at: datetime) -> date:
    """The day that a moment is in, in Shanghai, whatever the machine's zone."""
    return at.astimezone(SHANGHAI).date()


def waits_until(
    standardised: Iterable[Standardisation], now: Moment, limits: Limits
) -> datetime | None:
    """Until when a student waits; None where they need not at `now`.

    Nobody waits longer because a booth did not know the day: what may have been on several counts
    on the first for this.
    """
    days: dict[date, list[datetime]] = defaultdict(list)
    for each in standardised:
        days[day_of(each.at.earliest)].append(each.at.earliest)
    full = [max(times) for times in days.values() if len(times) >= limits.standardisations_a_day]
    until = max(full, default=None)
    if until is None or now.earliest >= until + limits.wait:
        return None
    return until + limits.wait


def of_the_day(standardised: Iterable[Standardisation], now: Moment) -> tuple[Standardisation, ...]:
    """Those that may have been on the day that it is."""
    return tuple(each for each in standardised if each.at.shares_day(now))


def deal_shares(booths: Iterable[str], record_id: str, limits: Limits) -> Mapping[str, int]:
    """How many of a student's day each booth may have without asking; none is left out of few.

    Where there are more booths than standardisations a day, one of these is dealt to nobody: so
    that a booth which has none may ask for it. Who has them hangs on the student: else a few booths
    would serve everybody, and the others nobody.
    """
    ranked = sorted(
        set(booths),
        key=lambda booth: hashlib.blake2b(
            booth.encode(), key=hashlib.sha256(record_id.encode()).digest(), person=b"share"
        ).digest(),
    )
    most = limits.standardisations_a_day
    if not ranked:
        return {}
    dealt = most if len(ranked) <= most else most - 1
    return Counter(ranked[place % len(ranked)] for place in range(dealt))


def share_of(
    booth_id: str, sharers: Sequence[Sequence[str]], record_id: str, limits: Limits
) -> int:
    """A booth's share of a student's day, among the booths that `sharers` names.

    While that changes there are two lists, the former and the coming one: until all have heard of
    it nobody has more than by either. Where none is told, nobody else counts: all is this booth's.
    """
    return min(
        (deal_shares(booths, record_id, limits).get(booth_id, 0) for booths in sharers),
        default=limits.standardisations_a_day,
    )


def may_unasked(
    own: Iterable[Standardisation], share: int, offline_from: datetime | None, now: Moment
) -> bool:
    """Whether a booth without network may make one more of a student's standardisations.

    `own` are those that it made itself; `offline_from` is until when the registrar, as last heard,
    keeps the student's shares back. A clock that nobody vouches for opens nothing.
    """
    if offline_from is not None and now.earliest < offline_from:
        return False
    return len(of_the_day(own, now)) < share


def may_ask(
    booth_id: str,
    standardised: Iterable[Standardisation],
    shares: Mapping[str, int],
    now: Moment,
    limits: Limits,
) -> bool:
    """Whether the registrar may let a booth make one more of a student's standardisations today.

    `shares` are those of the booths that have not heard that the day's are kept back: they may yet
    be used up without asking.
    """
    today = of_the_day(standardised, now)
    by = Counter(each.booth_id for each in today)
    left = {booth: max(share - by[booth], 0) for booth, share in shares.items()}
    anew = 0 if left.get(booth_id, 0) else 1
    return len(today) + sum(left.values()) + anew <= limits.standardisations_a_day
