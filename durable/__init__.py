"""Files that are on the disk whole or not at all, for booth and registrar alike."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

__all__ = ["write_new", "write_together", "write_whole"]

OWNER_ONLY, READABLE = 0o600, 0o644


def write_whole(path: Path, data: bytes, mode: int = OWNER_ONLY) -> None:
    """Write a file, in the place of one before, so that it appears whole or not at all.

    Raises OSError with the file's name.
    """
    write_together({path: data}, mode)


def write_together(files: Mapping[Path, bytes], mode: int = OWNER_ONLY) -> None:
    """Write files that belong together, each as `write_whole` does: all appear, or none.

    They appear in the order given, once every one of them is on the disk. Raises OSError with the
    name of the file that could not be written.
    """
    appeared: list[Path] = []
    path = Path()
    try:
        with ExitStack() as stack:
            temporaries = {}
            for path, data in files.items():
                temporaries[path] = stack.enter_context(_temporary(path, data, mode))
            for path, temporary in temporaries.items():
                temporary.replace(path)
                appeared.append(path)
    except OSError as error:
        for whole in appeared:
            whole.unlink(missing_ok=True)
        error.filename, error.filename2 = str(path), None
        raise


def write_new(path: Path, data: bytes, mode: int = OWNER_ONLY) -> None:
    """Write a file that must not be there yet; raises FileExistsError where it is, or OSError."""
    try:
        with _temporary(path, data, mode) as temporary:
            path.hardlink_to(temporary)
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


@contextmanager
def _temporary(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """Write a temporary file beside `path` that is on the disk, and remove it afterwards."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
