"""Objects in a folder: each a file whose path is its name, written without one and then named."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from durable import make_nameless, make_private_folder, name_new, sync_folder
from registrar.errors import StoreError
from registrar.objects import PIECE, NoSuchObject, check_name


class FolderObjects:
    """An `ObjectStore` in a folder of its owner's alone.

    No lock is held while the disk syncs: writers in threads share its syncs. A killed process
    leaves nothing, since a file has no name before it is whole (where the file system has no such
    files, a hidden one).
    """

    at_once = 3
    """On two cores: between two syncs a put is work for the interpreter, which one thread has."""

    def __init__(self, folder: Path) -> None:
        """Open the folder, which is made when the first object is put."""
        self._folder = folder

    def put(self, name: str, data: bytes) -> None:
        """Keep an object; StoreError says if the disk is full."""
        self.put_file(name, BytesIO(data))

    def put_file(self, name: str, file: BinaryIO) -> None:
        """Keep what a file holds from its beginning."""
        path = self._path(name)
        with self._told(path, "cannot be written"):
            try:
                made = make_nameless(path.parent, buffering=0)
            except FileNotFoundError:
                self._make_folder(path.parent)
                made = make_nameless(path.parent, buffering=0)
            with made:
                for piece in _pieces(file):
                    made.write(piece)
                if not _are_equal(made, file):
                    raise StoreError(f"{path}: was not kept as it came; check the disk")
                try:
                    name_new(path, made)
                except FileExistsError:
                    self._take_for_kept(path, file)

    def get(self, name: str) -> bytes:
        """Read an object."""
        path = self._path(name)
        with self._told(path, "cannot be read"):
            return path.read_bytes()

    def get_range(self, name: str, start: int, length: int) -> bytes:
        """Read a part of an object."""
        path = self._path(name)
        with self._told(path, "cannot be read"), path.open("rb") as file:
            file.seek(start)
            return file.read(length)

    def size(self, name: str) -> int:
        """Count an object's bytes."""
        path = self._path(name)
        with self._told(path, "cannot be read"):
            return path.stat().st_size

    def delete(self, name: str) -> None:
        """Remove an object; it is off the disk when this returns."""
        path = self._path(name)
        with self._told(path, "cannot be removed"), suppress(FileNotFoundError):
            path.unlink()
            sync_folder(path.parent)

    def names(self, prefix: str = "") -> Iterator[tuple[str, float]]:
        """Each object whose name begins with a prefix, with the time of its file."""
        with self._told(self._folder, "cannot be read"):
            for folder, below, files in os.walk(self._folder, onerror=_raise):
                at = Path(folder).relative_to(self._folder)
                below[:] = [part for part in below if _may_lead(f"{at / part}/", prefix)]
                for file in files:
                    name = str(at / file)
                    if file.startswith(".") or not name.startswith(prefix):
                        continue
                    with suppress(FileNotFoundError):  # removed meanwhile
                        yield name, (self._folder / name).stat().st_mtime

    def _path(self, name: str) -> Path:
        return self._folder / check_name(name)

    def _make_folder(self, folder: Path) -> None:
        """Make a folder within the store's, so that a power cut does not take it away."""
        make_private_folder(folder)
        while folder != self._folder.parent:
            folder = folder.parent
            sync_folder(folder)

    def _take_for_kept(self, path: Path, file: BinaryIO) -> None:
        """See that a file which has the name already holds the same, and is on the disk."""
        with path.open("rb") as kept:
            if not _are_equal(kept, file):
                raise StoreError(f"{path}: is there already, with other bytes; nothing was changed")
        sync_folder(path.parent)

    @contextmanager
    def _told(self, path: Path, what: str) -> Iterator[None]:
        """Raise what the file system says as StoreError with the file's name."""
        try:
            yield
        except StoreError:
            raise
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise NoSuchObject(f"{path}: {what}: it is not there") from error
        except OSError as error:
            raise StoreError(f"{path}: {what} ({error.strerror}); check the disk") from error


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def _are_equal(one: BinaryIO, other: BinaryIO) -> bool:
    """Compare two files from their beginnings."""
    one.seek(0)
    return all(one.read(len(piece)) == piece for piece in _pieces(other)) and not one.read(1)


def _may_lead(folder: str, prefix: str) -> bool:
    """Say whether names that begin with a prefix may lie in a folder."""
    return folder.startswith(prefix) or prefix.startswith(folder)


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):  # a folder that is made later, or gone
        raise error
