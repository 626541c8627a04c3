"""The roster at the booth: asked of the registrar, else found in its signed extract."""

from datetime import datetime
from pathlib import Path

from nacl.exceptions import BadSignatureError, CryptoError
from nacl.signing import VerifyKey
from pydantic import ValidationError

import durable
from kiosk.errors import SyncError
from kiosk.sync.errors import Forged
from protocol.roster import Extract, Resolution, extract_tag, open_extract


class RosterExtract:
    """The registrar's roster as of one moment; only a capture code opens the entry it is for."""

    def __init__(self, signed: bytes, extract: Extract) -> None:
        """Take what `open` has verified."""
        self.signed = signed
        """The registrar's signature and the JSON, as they came and as they are kept."""
        self._extract = extract

    @classmethod
    def open(cls, signed: bytes, verify_key: VerifyKey) -> "RosterExtract":
        """Open an extract; raises Forged where the registrar has not signed it."""
        try:
            return cls(signed, open_extract(signed, verify_key))
        except (BadSignatureError, ValueError) as error:
            raise Forged("roster extract: is not signed by the registrar; fetch it anew") from error

    @property
    def issued_at(self) -> datetime:
        """When the registrar made it."""
        return self._extract.issued_at

    @property
    def tag(self) -> str:
        """What tells this extract from every other, for the registrar to compare."""
        return extract_tag(self._extract.salt)

    def __len__(self) -> int:
        return len(self._extract.entries)

    def find(self, capture_code: str) -> Resolution | None:
        """Find what the registrar would have answered then; None where it knew no such code."""
        try:
            return self._extract.find(capture_code)
        except (CryptoError, ValidationError) as error:
            raise Forged("roster extract: an entry does not open; fetch it anew") from error


def read_extract(path: Path, verify_key: VerifyKey) -> RosterExtract | None:
    """Read the extract that the last sync kept; None where there is none yet.

    Raises Forged where it is damaged or of another registrar, SyncError where it cannot be read.
    """
    try:
        return RosterExtract.open(path.read_bytes(), verify_key)
    except FileNotFoundError:
        return None
    except Forged as error:
        raise Forged(f"{path}: {error}") from error
    except OSError as error:
        raise SyncError(f"{path}: the roster extract cannot be read ({error.strerror})") from error


def keep_extract(path: Path, extract: RosterExtract) -> None:
    """Put an extract in the place of the one before, whole or not at all."""
    try:
        durable.make_private_folder(path.parent)
        durable.write_whole(path, extract.signed)
    except OSError as error:
        raise SyncError(
            f"{path}: the roster extract cannot be kept ({error.strerror}); check the disk"
        ) from error
