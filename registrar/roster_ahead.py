"""Rosters told ahead: after an import, so that no booth waits while an edition is made."""

import logging
import threading
from contextlib import suppress

from sqlalchemy import select

from registrar.errors import RegistrarError
from registrar.roster_publisher import NotReady, RosterPublisher
from registrar.storage.database import Database
from registrar.storage.tables import ROSTER_CHANGE

_log = logging.getLogger("uvicorn.error")


def publish_noted(database: Database, publisher: RosterPublisher) -> None:
    """Tell what is noted of every institution: the next deltas, or an edition where none serves.

    Half a minute of processor for 200,000 new records. Raises StoreError.
    """
    with database.connection() as db:
        codes = db.execute(select(ROSTER_CHANGE.c.institution_code).distinct()).scalars().all()
    for code in codes:
        with suppress(NotReady):  # another process makes it
            publisher.news(code, None)


def publish_aside(database: Database, publisher: RosterPublisher) -> threading.Thread:
    """Do the same in a thread; what goes wrong is logged, and whoever asks first does it then."""

    def publish() -> None:
        try:
            publish_noted(database, publisher)
        except (RegistrarError, OSError) as error:
            _log.error("registrar: the roster was not told ahead: %s", error)

    thread = threading.Thread(target=publish, name="roster ahead", daemon=True)
    thread.start()
    return thread
