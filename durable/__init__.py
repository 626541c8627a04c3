"""Files that are on the disk whole or not at all, for booth and registrar alike.

On any file system: where one knows no hard links, permissions or syncing of folders (exFAT and
FAT, as on USB sticks, and some network shares), it is done without, as each function says.
"""

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from durable.ownership import hand_over, make_private_folder

__all__ = [
    "hand_over",
    "make_nameless",
    "make_private_folder",
    "name_new",
    "name_whole",
    "sync_folder",
    "write_new",
    "write_together",
    "write_whole",
]

Content = bytes | Iterable[bytes]
"""What a file is to hold, whole or piece by piece."""

OWNER_ONLY, READABLE = 0o600, 0o644
"""Permissions; a file system that keeps none leaves the file to whoever can mount it."""

_NOT_THERE = {
    errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL,
    errno.EMLINK, errno.EXDEV,
}  # fmt: skip
"""How file systems say that they have no hard links, permissions, or syncing: each otherwise."""

_LONGEST_ECHO = 40
"""Characters of a file's name in its temporary one's, which may not be longer than 255 bytes."""


def write_whole(path: Path, data: Content, mode: int = OWNER_ONLY) -> None:
    """Write a file, in the place of one before, so that it appears whole or not at all.

    Raises OSError with the file's name.
    """
    write_together({path: data}, mode)


def write_together(files: Mapping[Path, Content], mode: int = OWNER_ONLY) -> None:
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
            for folder in {path.parent: None for path in files}:
                sync_folder(folder)
    except OSError as error:
        for whole in appeared:
            whole.unlink(missing_ok=True)
        error.filename, error.filename2 = str(path), None
        raise


def write_new(path: Path, data: Content, mode: int = OWNER_ONLY) -> None:
    """Write a file that must not be there yet; raises FileExistsError where it is, or OSError.

    It appears whole or not at all. Where the file system has no hard links, the name is taken by
    an empty file first: so a process killed in that moment leaves an empty file, never half a one.
    """
    try:
        with _temporary(path, data, mode) as temporary:
            try:
                path.hardlink_to(temporary)
            except FileExistsError:
                raise
            except OSError as error:
                if error.errno not in _NOT_THERE:
                    raise
                _take_name(path, temporary)
            sync_folder(path.parent)
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def make_nameless(folder: Path, buffering: int = -1) -> BinaryIO:
    """Make a file in a folder that has no name until `name_new` or `name_whole` gives it one.

    Not by `tempfile.TemporaryFile`: it opens with O_EXCL, which with O_TMPFILE says that the file
    is never to be named (open(2)); that stands in only where the file system has no such files.
    Raises OSError.
    """
    try:
        handle = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, OWNER_ONLY)
    except OSError as error:
        if error.errno not in {*_NOT_THERE, errno.EISDIR}:
            raise
        return cast(BinaryIO, tempfile.TemporaryFile(dir=folder, buffering=buffering))
    return os.fdopen(handle, "w+b", buffering)


def name_whole(path: Path, file: BinaryIO, mode: int = OWNER_ONLY) -> None:
    """Give a file of `make_nameless` the name `path`, in the place of one before.

    So what comes slowly leaves nothing behind when its process is killed, and is written once. It
    must have been made in the folder of `path`; where the file system has no files without names,
    it is copied. Raises OSError with the file's name.
    """
    temporary = path.with_name(f".{path.name[:_LONGEST_ECHO]}.{os.getpid()}")
    try:
        file.flush()
        os.fsync(file.fileno())
        try:
            _link(file.fileno(), temporary)
        except OSError:
            write_whole(path, _pieces(file), mode)
            return
        try:
            with _if_there_is_such():
                temporary.chmod(mode)
            hand_over(temporary, path.parent, replaced=path)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def name_new(path: Path, file: BinaryIO) -> None:
    """Give a file of `make_nameless` the name `path`, which must not be taken yet.

    As `name_whole` does, and like `write_new` it raises FileExistsError where the name is taken.
    """
    try:
        file.flush()
        os.fsync(file.fileno())
        hand_over(file.fileno(), path.parent)
        try:
            _link(file.fileno(), path)
        except FileExistsError:
            raise
        except OSError:
            write_new(path, _pieces(file))
        else:
            sync_folder(path.parent)
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def move_whole(whole: Path, path: Path) -> None:
    """Put a file that is on the disk in the place of another in its folder; raises OSError."""
    hand_over(whole, path.parent, replaced=path)
    whole.replace(path)
    sync_folder(path.parent)


def _link(file: int, name: Path) -> None:
    """Give an open file without name a name (linkat(2), for O_TMPFILE)."""
    root = os.open("/", os.O_PATH)  # a folder must be named, or Python links the link in /proc
    try:
        os.link(f"/proc/self/fd/{file}", name, src_dir_fd=root, follow_symlinks=True)
    finally:
        os.close(root)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(1 << 20):
        yield piece


def _take_name(path: Path, temporary: Path) -> None:
    """Move a file to a name that is free, without hard links."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY))
    try:
        temporary.replace(path)
    except OSError:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def _temporary(path: Path, data: Content, mode: int) -> Iterator[Path]:
    """Write a temporary file beside `path` that is on the disk, and remove it afterwards."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:_LONGEST_ECHO]}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines([data] if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        with _if_there_is_such():
            temporary.chmod(mode)
        hand_over(temporary, path.parent, replaced=path)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk too, where the file system can be asked for it."""
    with _if_there_is_such():
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _if_there_is_such() -> Iterator[None]:
    """Pass over what the file system has no notion of."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NOT_THERE:
            raise
