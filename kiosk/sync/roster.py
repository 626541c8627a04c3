"""The roster at the booth, for scans without network: the index, or what was kept before it."""

from pathlib import Path

from nacl.signing import VerifyKey

from kiosk.errors import SyncError
from kiosk.sync.former_extract import FormerExtract
from kiosk.sync.roster_index import MAGIC, RosterIndex

Roster = RosterIndex | FormerExtract


def read_roster(path: Path, verify_key: VerifyKey, institution_code: str) -> Roster | None:
    """Open the roster that the last sync kept; None where there is none yet.

    Raises Forged where it is damaged or of another registrar or institution, SyncError where it
    cannot be read.
    """
    try:
        with path.open("rb") as file:
            is_index = file.read(len(MAGIC)) == MAGIC
        if is_index:
            return RosterIndex(path, verify_key, institution_code)
        return FormerExtract(path, verify_key)
    except FileNotFoundError:
        return None
    except SyncError:
        raise
    except OSError as error:
        raise SyncError(f"{path}: the roster cannot be read ({error.strerror})") from error
