"""The claim on an edition in the making: who makes it renews it, so that it ends with them."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from registrar.errors import StoreError
from registrar.roster_rows import change_edition
from registrar.storage.database import Database

CLAIM = timedelta(seconds=30)
"""After which an edition that nobody has finished is begun anew: more than a renewal may wait for
others that write."""

RENEWED_EACH = 5.0
"""Seconds."""

_log = logging.getLogger("uvicorn.error")


@contextmanager
def claimed(
    database: Database, institution_code: str, salt: bytes, clock: Callable[[], datetime]
) -> Iterator[None]:
    """Renew the claim on the edition of a salt, in a thread, while the context lasts.

    An edition of a million records takes two minutes; whoever is killed meanwhile renews no more.
    """
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(RENEWED_EACH):
            try:
                with database.transaction() as db:
                    now = {"made_at": clock().timestamp()}
                    db.execute(change_edition(institution_code, salt).values(now))
            except StoreError as error:
                _log.warning("registrar: %s", error)

    thread = threading.Thread(target=renew, name="roster claim", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
