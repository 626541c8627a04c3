"""The booth's files: written whole or not at all, with errors in words, and none left in /tmp."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import durable
from kiosk.errors import UsageError

PRIVATE_PREFIX = "kiosk-private-"
"""What the folders of `private_folder` are called."""


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all (`durable.write_whole`).

    Raises UsageError where its folder is missing, read-only or full.
    """
    write_together({path: data})


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write files that belong together: all appear, or none. Raises UsageError."""
    try:
        durable.write_together(files, durable.READABLE)
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written ({error.strerror})") from error


def write_secret(path: Path, data: bytes) -> None:
    """Write a new file that only its owner reads; raises UsageError where one is there already."""
    try:
        durable.write_new(path, data)
    except FileExistsError as error:
        raise UsageError(f"{path}: is there already") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error


@contextmanager
def private_folder() -> Iterator[Path]:
    """A temporary folder that only its owner enters, for what shows a person.

    It goes with the block; what a killed process left is removed by the next one to come here.
    Raises UsageError.
    """
    base = Path(tempfile.gettempdir())
    try:
        _remove_left_folders(base)
        folder, lock = _make_locked_folder(base)
    except OSError as error:
        raise UsageError(
            f"{base}: no temporary folder can be made here ({error.strerror});"
            " set TMPDIR to another"
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _make_locked_folder(base: Path) -> tuple[Path, int]:
    """Make a folder, and lock it: while its process lives, nobody else may remove it."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PRIVATE_PREFIX, dir=base))
        with suppress(FileNotFoundError):  # another took it for one that was left
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _remove_left_folders(base: Path) -> None:
    """Remove our folders that no living process has locked."""
    for folder in base.glob(f"{PRIVATE_PREFIX}*"):
        with suppress(OSError):  # another's, or gone meanwhile
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(lock).st_uid == os.geteuid():
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder)
            finally:
                os.close(lock)
