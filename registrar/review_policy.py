"""Which institution has its photos reviewed how, as staff have said it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from registrar.audit import append
from registrar.errors import UsageError
from registrar.photo_state import EVERY_PHOTO, Policy
from registrar.storage.database import Database
from registrar.storage.tables import RECORD, REVIEW_POLICY

ALL_OTHERS = ""
"""In the place of an institution's code: all that have said nothing themselves."""


class Policies:
    """The policies. Each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> Mapping[str, Policy]:
        """The policies that were set, by the institution's code."""
        with self._database.connection() as db:
            rows = db.execute(select(REVIEW_POLICY).order_by(REVIEW_POLICY.c.institution_code))
            return {row.institution_code: Policy(row.persons, row.share) for row in rows}

    def set(self, institution_code: str, policy: Policy, by: str, at: datetime) -> None:
        """Have an institution's photos reviewed so from now on; audited.

        Photos that wait already go on waiting. Raises UsageError for a policy that there is none.
        """
        if policy.persons not in (1, 2):
            raise UsageError(f"{policy.persons} persons: one or two review a photo")
        if not 0 <= policy.share <= 1:
            raise UsageError(f"a share of {policy.share}: give one from 0 to 1")
        values = {"persons": policy.persons, "share": policy.share}
        with self._database.transaction() as db:
            of_code = REVIEW_POLICY.c.institution_code == institution_code
            db.execute(delete(REVIEW_POLICY).where(of_code))
            db.execute(insert(REVIEW_POLICY).values(institution_code=institution_code, **values))
            share = f"{policy.share:g}"
            append(
                db,
                at,
                by,
                "review.policy",
                institution_code,
                persons=policy.persons,
                share=share,
            )


def policy_of(db: Connection, record_id: str) -> Policy:
    """How a record's photos are reviewed."""
    row = db.execute(_OWN_FIRST, {"record": record_id}).first()
    return EVERY_PHOTO if row is None else Policy(row.persons, row.share)


_OWN = select(RECORD.c.institution_code).where(RECORD.c.record_id == bindparam("record"))
_OWN_FIRST = (
    select(REVIEW_POLICY)
    .where(REVIEW_POLICY.c.institution_code.in_((_OWN.scalar_subquery(), ALL_OTHERS)))
    .order_by(REVIEW_POLICY.c.institution_code.desc())
    .limit(1)
)

SHARE = _OWN_FIRST.with_only_columns(REVIEW_POLICY.c.share)
"""As a part of a statement about the record `record`: which share of its photos is reviewed."""
