"""Whose is what a request names: the one table by which staff of one institution see their own."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Select, bindparam, exists, select, union_all

from registrar.storage.database import Database
from registrar.storage.tables import BOOTH, FORMER_KEY, PHOTO, RECORD

_ID: BindParameter[str] = bindparam("id")

WHOSE: Mapping[str, Select[Any] | Any] = MappingProxyType(
    {
        "submission_id": select(RECORD.c.institution_code)
        .join(PHOTO, PHOTO.c.record_id == RECORD.c.record_id)
        .where(PHOTO.c.submission_id == _ID),
        "record_id": select(RECORD.c.institution_code).where(RECORD.c.record_id == _ID),
        "booth_id": union_all(
            select(BOOTH.c.institution_code).where(BOOTH.c.booth_id == _ID),
            select(FORMER_KEY.c.institution_code).where(
                FORMER_KEY.c.booth_id == _ID, ~exists().where(BOOTH.c.booth_id == _ID)
            ),
        ),
    }
)
"""Under which name a route's path or form names what, and how its institution is found."""

CODES = frozenset({"institution", "institution_code"})
"""Under these names a query or form names an institution itself; empty: none."""


class Belongings:
    """Says what belongs to an institution."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def are_of(self, institution_code: str, named: Mapping[str, str]) -> bool:
        """Say whether all that a request names is there, and an institution's own.

        `named` are a path's, query's or form's fields by their names.
        """
        if any(named[name] not in ("", institution_code) for name in CODES & named.keys()):
            return False
        with self._database.connection() as db:
            for name in WHOSE.keys() & named.keys():
                key = _KEYS.get(name, str)
                try:
                    found = db.execute(WHOSE[name], {"id": key(named[name])}).scalars().all()
                except ValueError:
                    return False
                if set(found) != {institution_code}:
                    return False
        return True


def _read_submission(text: str) -> str:
    return str(UUID(text))


_KEYS: Mapping[str, Callable[[str], str]] = {"submission_id": _read_submission}
"""How what a request names is written where it is looked up; ValueError where it is none."""
