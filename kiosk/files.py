"""Writing files whole or not at all."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kiosk.errors import UsageError


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


def write_whole(path: Path, data: bytes) -> None:
    """Write a file, in the place of one before, so that it appears whole or not at all.

    Raises UsageError where its folder is missing, read-only or full.
    """
    write_together({path: data})


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write files that belong together, each as `write_whole` does: all appear, or none.

    They appear in the order given, once every one of them is on the disk.
    """
    path = Path()
    appeared: list[Path] = []
    try:
        with ExitStack() as stack:
            temporaries = {}
            for path, data in files.items():
                temporaries[path] = stack.enter_context(_beside(path, data))
                temporaries[path].chmod(0o644)
            for path, temporary in temporaries.items():
                temporary.replace(path)
                appeared.append(path)
    except OSError as error:
        for whole in appeared:
            whole.unlink(missing_ok=True)
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error


def write_secret(path: Path, data: bytes) -> None:
    """Write a new file that only its owner reads; raises UsageError where one is there already."""
    try:
        with _beside(path, data) as temporary:
            path.hardlink_to(temporary)
    except FileExistsError as error:
        raise UsageError(f"{path}: is there already") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error
