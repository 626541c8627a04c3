"""What a damaged outbox still holds, row by row, carried over into a new one."""

import shutil
import sqlite3
import struct
from contextlib import closing, suppress
from pathlib import Path

from pydantic import ValidationError

from kiosk.sync.outbox_file import COLUMNS, UNREADABLE, make_tables, open_file
from protocol.envelope import Envelope
from protocol.receipt import Receipt

PAGE_BYTES = 4096

PAGE_COUNT = slice(28, 32)
"""Where the header says how many pages there are (sqlite.org, "Database File Format")."""

MOST_ROWS = 1_000_000
"""More photos than a booth takes in its life: a damaged count is not followed for ever."""


def salvage(damaged: Path, fresh: Path, at_least: int) -> int:
    """Carry over each row that is whole from a damaged outbox into a fresh one; how many.

    `at_least` is how many there were, if the damaged file cannot tell. The damaged one stays as
    it is. Raises sqlite3.Error or OSError where the fresh one cannot be written.
    """
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    with closing(open_file(fresh)) as new:
        make_tables(new)
        taken = _carry_over(damaged, new, at_least)
        mended = fresh.with_name(f"{fresh.name}.mended")
        try:
            new.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            _mend_first_page(damaged, fresh, mended)
            return taken + _carry_over(mended, new, at_least)
        finally:
            for suffix in ("", "-wal", "-shm"):
                mended.with_name(mended.name + suffix).unlink(missing_ok=True)


def _carry_over(damaged: Path, new: sqlite3.Connection, at_least: int) -> int:
    taken = 0
    with suppress(*UNREADABLE), closing(open_file(damaged)) as old:
        for number in range(1, min(max(at_least, _count_rows(old)), MOST_ROWS) + 1):
            if (row := _read_whole(old, number)) is not None:
                with suppress(sqlite3.IntegrityError):
                    new.execute(f"INSERT INTO outbox ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", row)
                    taken += 1
    return taken


def _mend_first_page(damaged: Path, fresh: Path, mended: Path) -> None:
    """Copy a damaged file with a fresh one's first page, on which header and tables are described.

    Every outbox makes its tables at once, so that they begin at the same pages.
    """
    mended.touch(mode=0o600)
    shutil.copyfile(damaged, mended)
    with fresh.open("rb") as file:
        page = bytearray(file.read(PAGE_BYTES))
    page[PAGE_COUNT] = struct.pack(">I", mended.stat().st_size // PAGE_BYTES)
    with mended.open("r+b") as file:
        file.write(page)


def _count_rows(db: sqlite3.Connection) -> int:
    """How many rows there were, by whatever can still tell."""
    most = 0
    for query in (
        "SELECT max(number) FROM outbox",
        "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'",
    ):
        with suppress(*UNREADABLE):
            found = db.execute(query).fetchone()
            if found is not None and isinstance(found[0], int):
                most = max(most, found[0])
    return most


def _read_whole(db: sqlite3.Connection, number: int) -> tuple[object, ...] | None:
    """A row whose photo and receipt are what they were; None for any other."""
    try:
        row = db.execute(f"SELECT {COLUMNS} FROM outbox WHERE number = ?", (number,)).fetchone()
        if row is None:
            return None
        _, submission_id, digest, envelope, receipt, state = row
        if receipt is not None:
            Receipt.model_validate_json(receipt)
        if envelope is not None:
            sealed = Envelope.model_validate_json(envelope)
            if sealed.sha256 != digest:
                return None
            submission_id = str(sealed.submission_id)  # the digest vouches for it
    except (*UNREADABLE, ValidationError):
        return None
    if envelope is None and receipt is None:
        return None
    if state not in ("pending", "sent", "refused"):
        state = "sent" if envelope is None else "pending"  # to send one twice does no harm
    return number, submission_id, digest, envelope, receipt, state
