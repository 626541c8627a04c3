"""Where photos are kept: a small protocol, so that another storage is a class and its choice."""

import sqlite3
from typing import Protocol
from uuid import UUID

from registrar.errors import StoreError


class PhotoStore(Protocol):
    """Keeps the JPEG files of photos by their submission.

    `registrar.store` decides which photos are held: it asks for no other, and it commits a photo's
    row only once `put` has returned and `get` gives the same bytes back. Any thread may call.
    """

    def put(self, db: sqlite3.Connection, submission_id: UUID, jpeg: bytes) -> None:
        """Keep a photo: on the disk at the latest when the transaction commits.

        `db` is the transaction in which the photo's row was added; a storage of its own leaves it
        alone. The same id comes again where the transaction was never committed: the newer bytes
        stay. Raises StoreError.
        """

    def get(self, db: sqlite3.Connection, submission_id: UUID) -> bytes:
        """Read a photo that was kept; raises StoreError where it cannot be read."""


class PhotosInDatabase:
    """Photos in the SQLite file, each in its own row: row and photo are committed as one."""

    def put(self, db: sqlite3.Connection, submission_id: UUID, jpeg: bytes) -> None:
        """Write the photo into its row."""
        db.execute("UPDATE photo SET jpeg = ? WHERE submission_id = ?", (jpeg, str(submission_id)))

    def get(self, db: sqlite3.Connection, submission_id: UUID) -> bytes:
        """Read the photo from its row."""
        row = db.execute(
            "SELECT jpeg FROM photo WHERE submission_id = ?", (str(submission_id),)
        ).fetchone()
        if row is None:
            raise StoreError(f"photo {submission_id}: is not held")
        return bytes(row["jpeg"])


PHOTO_STORE: PhotoStore = PhotosInDatabase()
"""The storage in force."""
