"""Where releases come from: a folder, such as a stick's, or a web address. Neither is trusted."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from kiosk.errors import UsageError
from kiosk.release.errors import ReleaseError
from kiosk.release.manifest import LARGEST_TEXT, File

if TYPE_CHECKING:
    import requests

CHUNK_BYTES = 1 << 18

PATIENCE = (10, 30)
"""Seconds until a connection stands, and between two pieces."""

Say = Callable[[str], None]


class Source(Protocol):
    """A place with releases."""

    wheels: Path | None
    """A folder with the packages that releases need, for a booth without network."""

    def read(self, name: str) -> bytes:
        """Read a small file whole; raises ReleaseError."""
        ...

    def bring(self, name: str, file: File, to: Path, say: Say) -> None:
        """Bring a file here, and verify it; what came before an interruption is gone on from.

        Raises ReleaseError.
        """
        ...


def open_source(address: str) -> Source:
    """The source at an address: https://…, or a folder; raises UsageError."""
    if not address:
        raise UsageError(
            "nothing says where releases come from: set [update] source in kiosk.toml, or"
            " name a folder or an address: kiosk update --from /media/stick"
        )
    if "://" not in address:
        return Folder(Path(address).absolute())
    parts = urlsplit(address)
    # Within the machine nobody listens in, and nobody has a certificate.
    if parts.scheme != "https" and (parts.scheme, parts.hostname) != ("http", "127.0.0.1"):
        raise UsageError(f"{address}: releases come by https:// or from a folder; correct it")
    return Web(address.rstrip("/"))


class Folder:
    """A folder with releases."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ReleaseError(f"{folder}: is no folder; is the stick mounted? lsblk lists disks")
        self._folder = folder
        wheels = folder / "wheels"
        self.wheels: Path | None = wheels if wheels.is_dir() else None

    def read(self, name: str) -> bytes:
        """Read a small file whole; raises ReleaseError."""
        path = self._folder / name
        try:
            with path.open("rb") as file:
                return _within(file.read(LARGEST_TEXT + 1), str(path))
        except FileNotFoundError:
            raise ReleaseError(
                f"{path}: is not there: this is no folder with releases; `make release` makes one"
            ) from None
        except OSError as error:
            raise ReleaseError(f"{path}: cannot be read ({error.strerror})") from error

    def bring(self, name: str, file: File, to: Path, say: Say) -> None:
        """Copy a file here, and verify it."""
        path = self._folder / name
        say(f"copying {path}")
        try:
            with path.open("rb") as there, to.open("wb") as here:
                # What is longer than it is to be is not copied to its end.
                while here.tell() <= file.bytes and (chunk := there.read(CHUNK_BYTES)):
                    here.write(chunk)
                here.flush()
                os.fsync(here.fileno())
        except OSError as error:
            raise ReleaseError(f"{path}: cannot be copied to {to} ({error.strerror})") from error
        verify(to, file, name)


class Web:
    """A web address with releases."""

    wheels: Path | None = None

    def __init__(self, address: str) -> None:
        self._address = address

    def read(self, name: str) -> bytes:
        """Fetch a small file whole; raises ReleaseError."""
        import requests

        try:
            with requests.get(
                f"{self._address}/{name}", stream=True, timeout=PATIENCE, allow_redirects=False
            ) as answer:
                _require(answer, 200)
                # A server's own compression is unpacked on the way.
                got = b""
                for chunk in answer.iter_content(CHUNK_BYTES):
                    got = _within(got + chunk, f"{self._address}/{name}")
                return got
        except requests.RequestException as error:
            raise self._unreachable(name, error) from error

    def bring(self, name: str, file: File, to: Path, say: Say) -> None:
        """Download a file, going on where an earlier download broke off, and verify it."""
        import requests

        part = to.with_name(f"{to.name}.part")
        have = part.stat().st_size if part.exists() else 0
        if have > file.bytes:
            part.unlink()
            have = 0
        try:
            if have < file.bytes:
                self._download(name, file, part, have, say)
        except requests.RequestException as error:
            raise self._unreachable(name, error) from error
        except OSError as error:
            raise ReleaseError(f"{part}: cannot be written ({error.strerror})") from error
        try:
            verify(part, file, name)
        except ReleaseError:
            part.unlink()  # nothing of it is worth going on from
            raise
        part.replace(to)

    def _download(self, name: str, file: File, part: Path, have: int, say: Say) -> None:
        import requests

        say(f"downloading {self._address}/{name}: {have:,} of {file.bytes:,} bytes are here")
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        with requests.get(
            f"{self._address}/{name}",
            stream=True,
            timeout=PATIENCE,
            headers=headers,
            allow_redirects=False,
        ) as answer:
            _require(answer, 200, 206)
            # 200: this server begins anew.
            with part.open("ab" if answer.status_code == 206 else "wb") as here:
                for chunk in answer.iter_content(CHUNK_BYTES):
                    here.write(chunk)
                    if here.tell() > file.bytes:
                        raise ReleaseError(
                            f"{self._address}/{name}: more than the {file.bytes:,} bytes came that"
                            " it is to have: it is not used; have it published anew"
                        )
                here.flush()
                os.fsync(here.fileno())

    def _unreachable(self, name: str, error: Exception) -> ReleaseError:
        return ReleaseError(
            f"{self._address}/{name}: did not come ({type(error).__name__}: {error}); try again,"
            " what has come is kept; or bring the release on a stick: kiosk update --from FOLDER"
        )


def verify(path: Path, file: File, name: str) -> None:
    """Hold a file that came against what is signed of it; raises ReleaseError."""
    with path.open("rb") as came:
        digest = hashlib.file_digest(came, "sha256").digest()
    _require_same(path.stat().st_size, digest, file, name)


def verify_bytes(came: bytes, file: File, name: str) -> None:
    """Hold bytes that came against what is signed of them; raises ReleaseError."""
    _require_same(len(came), hashlib.sha256(came).digest(), file, name)


def _require_same(length: int, digest: bytes, file: File, name: str) -> None:
    if (length, digest) != (file.bytes, file.sha256):
        raise ReleaseError(
            f"{name}: is not what was signed: damaged on its way, or exchanged; try again, or have"
            " it published anew"
        )


def _within(data: bytes, name: str) -> bytes:
    if len(data) > LARGEST_TEXT:
        raise ReleaseError(f"{name}: is longer than {LARGEST_TEXT:,} bytes: this is none of ours")
    return data


def _require(answer: "requests.Response", *statuses: int) -> None:
    import requests

    if answer.status_code not in statuses:
        raise requests.HTTPError(f"status {answer.status_code}")
