"""A backup: one tar file with the database, every object that it names, and the keys, sealed.

The database is copied first and the objects after it. They never change, and each was there before
a row named it: so the copy is whole although booths are served meanwhile.
"""

import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import func, select

from durable import make_nameless, name_new
from registrar.backup_keys import KeyBox
from registrar.errors import StoreError, UsageError
from registrar.objects import NoSuchObject
from registrar.settings import FILE
from registrar.storage.copies import copy_database
from registrar.storage.tables import HEAD, PHOTO
from registrar.store import Store

FORMAT = "registrar backup 1"

START, DATABASE, KEYS, SETTINGS, END = (
    "start.json",
    "database",
    "keys.json",
    FILE,
    "end.json",
)
"""The names of a backup's parts; objects lie under `OBJECTS`."""

OBJECTS = "objects/"

ROSTER = "roster/"
"""Under this the rosters' bases lie, which a registrar could make anew, and booths fetch again."""

_AT_ONCE = 500
"""Photos' rows that are in memory at once."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a backup says of itself at its beginning."""

    format: str
    made_at: str
    """In UTC by ISO 8601."""
    kind: str
    """`sqlite` or `postgresql`: only the same takes its database."""
    version: str
    """The migration that its database is at."""


@dataclass(frozen=True, slots=True)
class End:
    """What a backup says of itself at its end: without it, it was cut off."""

    photos: int
    parts: int
    sha256: str
    """Of every part's name and SHA-256, in their order (`Tally`)."""


class Tally:
    """Counts a backup's parts, and hashes their names and digests."""

    def __init__(self) -> None:
        self.parts = 0
        self._digest = hashlib.sha256()

    def add(self, name: str, digest: bytes) -> None:
        """Count one part; `digest` is the SHA-256 of its content."""
        self.parts += 1
        self._digest.update(name.encode() + b"\0" + digest)

    @property
    def sha256(self) -> str:
        """The digest of all parts so far."""
        return self._digest.hexdigest()


def back_up(store: Store, file: Path, keys: KeyBox | None, at: datetime) -> int:
    """Write a backup to a file that is not there yet; how many photos it has.

    `keys` are the sealed keys; None leaves them out. Raises StoreError, also for a photo that is
    damaged or gone; UsageError where the file is there. It appears whole or not at all.
    """
    try:
        with make_nameless(file.parent) as made:
            with tarfile.open(fileobj=made, mode="w") as tar:
                photos = _Writer(store, tar, file.parent).write(keys, at)
            name_new(file, made)
    except FileExistsError as error:
        raise UsageError(f"{file}: is there already; name another file") from error
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(f"{file}: cannot be written ({error.strerror}); check the disk") from error
    return photos


class _Writer:
    def __init__(self, store: Store, tar: tarfile.TarFile, folder: Path) -> None:
        self._store, self._tar, self._folder = store, tar, folder
        self._tally = Tally()

    def write(self, keys: KeyBox | None, at: datetime) -> int:
        database = self._store.database
        kind = database.engine.dialect.name
        self._add(START, json.dumps(asdict(Start(FORMAT, at.isoformat(), kind, HEAD))).encode())
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=".registrar-backup.") as folder:
            copy = Path(folder) / DATABASE
            copy_database(database, copy)
            with copy.open("rb") as file:
                self._add_file(DATABASE, file)
        if keys is not None:
            self._add(KEYS, keys.write())
        settings = self._store.folder / FILE
        if settings.exists():
            self._add(SETTINGS, settings.read_bytes())
        photos = 0
        for name in self._photos():
            self._add_photo(name)
            photos += 1
        for name, _ in self._store.objects.names(ROSTER):
            try:
                self._add(OBJECTS + name, self._store.objects.get(name))
            except NoSuchObject:  # replaced meanwhile by a base that is there too, or made anew
                continue
        end = End(photos, self._tally.parts, self._tally.sha256)
        self._add(END, json.dumps(asdict(end)).encode())
        return photos

    def _photos(self) -> Iterator[str]:
        """The names of all photos' objects, those too that came after the database was copied."""
        with self._store.database.connection() as db:
            newest = db.execute(select(func.max(PHOTO.c.number))).scalar() or 0
        after = 0
        while after < newest:
            with self._store.database.connection() as db:
                rows = db.execute(
                    select(PHOTO.c.number, PHOTO.c.object)
                    .where(PHOTO.c.number > after, PHOTO.c.number <= newest)
                    .order_by(PHOTO.c.number)
                    .limit(_AT_ONCE)
                ).all()
            if not rows:
                return
            yield from (row.object for row in rows)
            after = rows[-1].number

    def _add_photo(self, name: str) -> None:
        """Add a photo's object, whole; one whose row went meanwhile is left out."""
        try:
            self._add(OBJECTS + name, self._store.photos.read(name))
        except NoSuchObject:
            with self._store.database.connection() as db:
                held = db.execute(select(PHOTO.c.number).where(PHOTO.c.object == name)).first()
            if held is not None:
                raise

    def _add(self, name: str, data: bytes) -> None:
        self._add_file(name, BytesIO(data))

    def _add_file(self, name: str, file: BinaryIO) -> None:
        digest = hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type]
        part = tarfile.TarInfo(name)
        part.size, part.mode = file.seek(0, os.SEEK_END), 0o600
        file.seek(0)
        self._tar.addfile(part, file)
        self._tally.add(name, digest)
