"""How a record's photos stand, as columns of a statement, and read back from its rows."""

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Label, Row, exists, func, select

from protocol.review import COMPARISON_FAILED
from registrar.admission import RESUBMISSIONS, PhotoBar, PhotoHistory, find_bar
from registrar.storage.tables import BOOTH_SETTING, PERMIT, PHOTO

SETTING = "resubmissions"
"""Under this name an institution says how many refused photos are replaced without asking."""


def history_columns(
    record_id: ColumnElement[str] | BindParameter[str], institution_code: ColumnElement[Any]
) -> list[Label[Any]]:
    """What `bar_of` reads of a record, each by one index."""
    of_record = PHOTO.c.record_id == record_id
    newest = PHOTO.c.number.desc()
    standing = select(PHOTO.c.state).where(of_record, PHOTO.c.state != "refused")
    refusal = select(PHOTO.c.refusal).where(of_record)
    refused = select(func.count()).where(
        of_record,
        PHOTO.c.state == "refused",
        func.coalesce(PHOTO.c.refusal, "") != COMPARISON_FAILED,
    )
    permit = exists().where(PERMIT.c.record_id == record_id, PERMIT.c.photo_number.is_(None))
    said = select(BOOTH_SETTING.c.value).where(
        BOOTH_SETTING.c.institution_code == institution_code, BOOTH_SETTING.c.name == SETTING
    )
    return [
        standing.order_by(newest).limit(1).scalar_subquery().label("standing"),
        refusal.order_by(newest).limit(1).scalar_subquery().label("refusal"),
        refused.scalar_subquery().label("refused"),
        permit.label("is_permitted"),
        said.scalar_subquery().label("resubmissions"),
    ]


def history_of_row(row: Row[Any]) -> PhotoHistory:
    """The history in a row that has these columns."""
    return PhotoHistory(row.standing, row.refusal, row.refused, row.is_permitted)


def resubmissions_of_row(row: Row[Any]) -> int:
    """How many refused photos of a row's record are replaced without asking."""
    return RESUBMISSIONS if row.resubmissions is None else int(row.resubmissions)


def bar_of(row: Row[Any]) -> PhotoBar | None:
    """What keeps a row's record from another photo; None where nothing does."""
    return find_bar(history_of_row(row), resubmissions_of_row(row))
