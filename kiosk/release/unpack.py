"""Unpacking a release: just the files that its manifest names, each verified, and nothing else."""

import hashlib
import shutil
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from kiosk.release.errors import ReleaseError
from kiosk.release.manifest import File, Manifest

PLAIN, EXECUTABLE = 0o644, 0o755


def unpack(archive: Path, manifest: Manifest, folder: Path) -> None:
    """Unpack an archive into a new folder.

    What is written, where to and how it may be used comes from the signed manifest alone: links,
    devices, foreign paths and set-user-id bits of an archive have no way in. Raises ReleaseError.
    """
    folder.mkdir()
    try:
        with tarfile.open(archive, "r:gz") as tar:
            _unpack_each(tar, manifest.files, folder)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ReleaseError(f"{archive.name}: cannot be unpacked ({error})") from error
    except ReleaseError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ReleaseError(
            f"{archive.name}: {error}: it is not used; have the release made anew"
        ) from error


def _unpack_each(tar: tarfile.TarFile, files: Mapping[str, File], folder: Path) -> None:
    left = dict(files)
    for member in tar:
        file = left.pop(member.name, None)
        if file is None or not member.isreg() or member.mode & ~0o777:
            raise ReleaseError(f"{member.name!r} is in it, and should not be")
        _write(tar, member, file, folder / member.name)
    if left:
        raise ReleaseError(f"{min(left)} is missing in it")


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, file: File, to: Path) -> None:
    content = tar.extractfile(member)
    data = content.read(file.bytes + 1) if content is not None else b""
    if len(data) != file.bytes or hashlib.sha256(data).digest() != file.sha256:
        raise ReleaseError(f"{member.name} in it is not what was signed")
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("xb") as here:
        here.write(data)
    to.chmod(EXECUTABLE if file.executable else PLAIN)
