"""Bring a backup back, into an empty data folder: all that it holds, checked by its digests."""

import hashlib
import json
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, cast

from sqlalchemy import select

from durable import make_private_folder, write_new
from registrar.backup import (
    DATABASE,
    END,
    FORMAT,
    KEYS,
    OBJECTS,
    SETTINGS,
    START,
    End,
    Start,
    Tally,
)
from registrar.backup_keys import KeyBox, write_keys
from registrar.errors import RegistrarError, StoreError, UsageError
from registrar.objects import NoSuchObject, ObjectStore, open_objects
from registrar.settings import FILE, Settings
from registrar.storage.copies import bring_back, check_is_empty
from registrar.storage.tables import HEAD, PHOTO
from registrar.store import Store

IN_MEMORY = 1 << 20
"""Bytes of an object from which it goes through a file on its way."""

_SETTINGS_BEFORE = f"{FILE}.before"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has brought back."""

    start: Start
    photos: int
    missing: int
    """Photos whose rows are there without their objects: erased while the backup was made."""
    keys: tuple[str, ...]
    """The key files; empty where the backup has none."""
    settings: Path | None
    """Where the settings lie that the backup came from, which were not taken."""


def restore(file: Path, folder: Path, passphrase: Callable[[], str]) -> Restored:
    """Bring a backup back into a folder that is empty, or has no more than its settings.

    These say where its database and objects go, which must be empty too. `passphrase` is asked for
    where the backup has keys. The database is named last: a folder that a kill has left half
    restored is served by no registrar. Raises UsageError, StoreError.
    """
    settings = Settings.read(folder)
    if folder.exists() and any(path.name != FILE for path in folder.iterdir()):
        raise UsageError(f"{folder}: is not empty; name an empty folder with --data")
    check_is_empty(folder, settings.database)
    objects = open_objects(folder, settings.objects)
    if next(objects.names(), None) is not None:
        raise UsageError("the configured object store: is not empty; name an empty bucket")
    make_private_folder(folder)
    try:
        with (
            file.open("rb") as held,
            tempfile.TemporaryDirectory(dir=folder, prefix=".restoring.") as aside,
        ):
            reader = _Reader(held, folder, Path(aside), objects, passphrase)
            end = reader.read()
            kind = "sqlite" if settings.database is None else "postgresql"
            if reader.start.kind != kind:
                raise UsageError(
                    f"{file}: its database is {reader.start.kind}'s, and {folder / FILE} names"
                    f" {kind}; name one of the same"
                )
            write_keys(folder, reader.keys)
            bring_back(Path(aside) / DATABASE, folder, settings.database)
    except RegistrarError:
        raise
    except OSError as error:
        raise StoreError(f"{file}: cannot be brought back ({error.strerror or error})") from error
    except (tarfile.TarError, ValueError, TypeError, EOFError) as error:
        raise StoreError(f"{file}: is no whole backup ({error}); take another") from error
    missing = sum(1 for _ in _missing(Store(folder)))
    return Restored(reader.start, end.photos, missing, tuple(reader.keys), reader.settings)


class _Reader:
    """Reads a backup's parts, and puts its objects where they belong."""

    def __init__(
        self,
        file: BinaryIO,
        folder: Path,
        aside: Path,
        objects: ObjectStore,
        passphrase: Callable[[], str],
    ) -> None:
        self._file, self._folder, self._aside = file, folder, aside
        self._objects, self._passphrase = objects, passphrase
        self._tally = Tally()
        self.start = Start("", "", "", "")
        self.keys: dict[str, bytes] = {}
        self.settings: Path | None = None

    def read(self) -> End:
        """Read all; raises StoreError where the backup is damaged or cut off."""
        with tarfile.open(fileobj=self._file, mode="r|") as tar:
            for part in tar:
                content = tar.extractfile(part)
                if content is None:
                    raise StoreError(f"{part.name}: is no part of a backup")
                with tempfile.SpooledTemporaryFile(
                    max_size=IN_MEMORY, dir=str(self._aside)
                ) as whole:
                    copyfileobj(content, whole)
                    whole.seek(0)
                    digest = hashlib.file_digest(whole, "sha256").digest()
                    whole.seek(0)
                    if part.name == END:
                        return self._check_end(End(**json.loads(whole.read())))
                    self._take(part.name, cast("BinaryIO", whole), digest)
                    self._tally.add(part.name, digest)
        raise StoreError("the backup: was cut off; take another")

    def _take(self, name: str, file: BinaryIO, digest: bytes) -> None:
        if name == START:
            self._check_start(json.loads(file.read()))
        elif not self.start.format:
            raise StoreError("the file: is no backup of a registrar's")
        elif name == DATABASE:
            with (self._aside / DATABASE).open("wb") as out:
                copyfileobj(file, out)
        elif name == KEYS:
            self.keys = KeyBox.read(file.read()).unseal(self._passphrase())
        elif name == SETTINGS:
            self._keep_settings(file.read())
        elif name.startswith(f"{OBJECTS}photos/") and not name.endswith(digest.hex()):
            raise StoreError(f"{name}: was damaged in the backup; take another")
        elif name.startswith(OBJECTS):
            self._objects.put_file(name.removeprefix(OBJECTS), file)
        else:
            raise StoreError(f"{name}: is no part of a backup that this registrar knows")

    def _check_start(self, said: dict[str, str]) -> None:
        if said.get("format") != FORMAT or said.get("version", "") > HEAD:
            raise UsageError("the backup: is of a newer registrar; bring this one up to date")
        self.start = Start(**said)

    def _check_end(self, end: End) -> End:
        if (end.parts, end.sha256) != (self._tally.parts, self._tally.sha256):
            raise StoreError("the backup: is not as it was written; take another")
        return end

    def _keep_settings(self, data: bytes) -> None:
        """Keep the settings of before beside: what they name is another registrar's still."""
        if (self._folder / FILE).exists() and (self._folder / FILE).read_bytes() == data:
            return
        self.settings = self._folder / _SETTINGS_BEFORE
        write_new(self.settings, data)


def _missing(store: Store) -> Iterator[str]:
    """The photos' objects that are not there."""
    with store.database.connection() as db:
        for name in db.execute(select(PHOTO.c.object).execution_options(yield_per=500)).scalars():
            try:
                store.objects.size(name)
            except NoSuchObject:
                yield name
    store.database.close()


def made_at(start: Start) -> datetime:
    """When a backup was made."""
    return datetime.fromisoformat(start.made_at).astimezone(UTC)
