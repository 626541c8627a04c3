"""How booths stand, for people: what they last told, and what of it wants somebody's hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from protocol.report import BoothReport
from registrar.booths import FormerKey
from registrar.desk.words import Words
from registrar.lookups import suspicious
from registrar.storage.tables import PHOTO
from registrar.store import Store

SILENT = timedelta(minutes=15)
"""After which a booth that reports every minute has lost its way to the registrar."""

LAMP = "lamp."
"""Begins the names of lamps among the supplies (`protocol.report`)."""

BROKEN = frozenset({"stopped", "stuck", "off"})
"""What a booth's process does when nobody can be served."""


@dataclass(frozen=True, slots=True)
class BoothView:
    """One booth."""

    booth_id: str
    received_at: datetime | None
    """When its last report came; None before the first."""
    report: BoothReport | None
    is_silent: bool
    photos: int
    """That the registrar holds of it."""
    institution: str | None
    """Whose it is: an institution's code, None of nobody's own."""
    unknown_codes: int = 0
    """Codes that nobody has and that it asked for in a day, where these are many."""

    @property
    def is_broken(self) -> bool:
        """Whether it serves nobody, or nothing is heard of it."""
        return self.is_silent or (self.report is not None and self.report.doing in BROKEN)

    @property
    def needs_hand(self) -> bool:
        """Whether somebody should go there."""
        report = self.report
        told = report is not None and (report.faults or report.low or report.set_aside)
        return self.is_broken or bool(told) or self.unknown_codes > 0


def view_booths(store: Store, now: datetime, institution: str | None = None) -> list[BoothView]:
    """The booths that are served, those that need a hand first; all, or an institution's."""
    reports = store.booths.reports()
    with store.database.connection() as db:
        photos = count_by_booth(db)
        unknown = suspicious(db, now)
    views = []
    for booth_id, whose in store.booths.institutions().items():
        if institution is not None and whose != institution:
            continue
        received_at, report = reports.get(booth_id, (None, None))
        silent = received_at is not None and now - received_at > SILENT
        count = photos.get(booth_id, 0)
        asked = unknown.get(booth_id, 0)
        views.append(BoothView(booth_id, received_at, report, silent, count, whose, asked))
    return sorted(views, key=lambda view: (not view.needs_hand, view.booth_id))


def count_by_booth(db: Connection) -> dict[str, int]:
    """How many photos are held of each booth."""
    counted = select(PHOTO.c.booth_id, func.count().label("photos")).group_by(PHOTO.c.booth_id)
    return {row.booth_id: row.photos for row in db.execute(counted)}


def name_supply(words: Words, name: str) -> str:
    """What a supply is called; its own name where there are no words for it."""
    if name.startswith(LAMP):
        return words("booths.lamp", name=name.removeprefix(LAMP))
    return words.any(f"booths.supply_{name}", name)


def former_names(keys: list[FormerKey], served: set[str]) -> list[str]:
    """The names under which booths were served once and no more."""
    return sorted({key.booth_id for key in keys} - served)
