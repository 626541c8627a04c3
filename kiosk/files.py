"""Writing the booth's files whole or not at all, with errors in words."""

from collections.abc import Mapping
from pathlib import Path

import durable
from kiosk.errors import UsageError


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
