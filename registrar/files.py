"""Files that are there whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def _beside(path: Path, data: bytes) -> Iterator[Path]:
    """Write a temporary file beside `path`, readable by its owner only, that is on the disk."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def write_new(path: Path, data: bytes) -> None:
    """Write a file that must not be there yet; raises FileExistsError where it is."""
    with _beside(path, data) as temporary:
        path.hardlink_to(temporary)


def replace(path: Path, data: bytes) -> None:
    """Write a file in the place of the one before."""
    with _beside(path, data) as temporary:
        temporary.replace(path)
