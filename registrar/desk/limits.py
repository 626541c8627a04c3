"""Attempts that are counted: who has failed too often, by account or address, waits."""

from sqlalchemy import delete, func, insert, select

from registrar.errors import RegistrarError
from registrar.storage.database import Database
from registrar.storage.tables import ATTEMPT

WINDOW = 15 * 60.0
"""Seconds for which an attempt counts."""

BY_ACCOUNT = 10
"""Attempts for one account in that time: with a password of twelve letters, and a code of six
digits that is another every 30 s, nobody guesses (NIST SP 800-63B allows 100 in a row)."""

BY_ADDRESS = 60
"""Attempts from one address in that time: a whole office may be behind one."""


class TooManyAttempts(RegistrarError):
    """Whoever asks must wait; `seconds` until an attempt counts no more."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many attempts; wait {seconds:.0f} s")
        self.seconds = seconds


class Limits:
    """Counts attempts in the database, so that all workers count together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, most: dict[str, int], now: float) -> None:
        """Count an attempt under each key; raises TooManyAttempts where `most` are made already.

        It is counted before it is judged: many at once do not slip through.
        """
        with self._database.transaction() as db:
            db.execute(delete(ATTEMPT).where(ATTEMPT.c.at < now - WINDOW))
            for key, bound in most.items():
                made = select(func.count(), func.min(ATTEMPT.c.at)).where(ATTEMPT.c.key == key)
                count, first = db.execute(made).one()
                if count >= bound:
                    raise TooManyAttempts(first + WINDOW - now)
            db.execute(insert(ATTEMPT), [{"key": key, "at": now} for key in most])

    def forget(self, key: str) -> None:
        """Forget the attempts under a key: whoever made them has got in."""
        with self._database.transaction() as db:
            db.execute(delete(ATTEMPT).where(ATTEMPT.c.key == key))
