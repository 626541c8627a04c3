"""Objects: bytes under names, kept once and never changed, in a folder or by the S3 protocol."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from registrar.errors import StoreError
from registrar.settings import ObjectSettings

PIECE = 1 << 20
"""Bytes of a large object that are in memory at once."""

_NAME = re.compile(r"[a-z0-9_-][a-z0-9_.-]*(/[a-z0-9_-][a-z0-9_.-]*)*")
_LONGEST_NAME = 255


class NoSuchObject(StoreError):
    """No object has this name."""


class ObjectStore(Protocol):
    """Keeps objects by name. Any thread and any process may call; StoreError says what failed.

    A name has parts of small letters, digits, `_`, `.` and `-`, with `/` between them; no part
    begins with a dot. StoreError for any other.
    """

    at_once: int
    """How many puts of one process are under way at once with profit; more only take turns."""

    def put(self, name: str, data: bytes) -> None:
        """Keep an object: when this returns it is durable, and has been compared with `data`.

        The same bytes may come again under the same name. Raises StoreError where the name has
        others: what is kept never changes.
        """

    def put_file(self, name: str, file: BinaryIO) -> None:
        """Keep what a file holds from its beginning, as `put` does, in little memory."""

    def get(self, name: str) -> bytes:
        """Read an object; raises NoSuchObject, StoreError."""

    def get_range(self, name: str, start: int, length: int) -> bytes:
        """Read `length` bytes from byte `start`, or fewer where the object ends before.

        Raises NoSuchObject, StoreError.
        """

    def size(self, name: str) -> int:
        """Count an object's bytes; raises NoSuchObject, StoreError."""

    def delete(self, name: str) -> None:
        """Remove an object for good, if there is one."""

    def names(self, prefix: str = "") -> Iterator[tuple[str, float]]:
        """Each object whose name begins with a prefix, and when it was made (s since 1970).

        In no order, in little memory. What is put meanwhile may be among them, or not.
        """


def open_objects(folder: Path, settings: ObjectSettings | None) -> ObjectStore:
    """Open the store that is configured: the folder `objects` in a data folder, or an S3 bucket.

    Raises UsageError, StoreError.
    """
    if settings is None:
        from registrar.objects.folder import FolderObjects

        return FolderObjects(folder / "objects")
    from registrar.objects.s3 import open_bucket

    return open_bucket(settings)


def check_name(name: str) -> str:
    """Return a name that an object may have. Raises StoreError for any other."""
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise StoreError(f"{name[:_LONGEST_NAME]!r}: no object has such a name")
    return name
