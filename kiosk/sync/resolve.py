"""Who stands before the booth: the registrar is asked first, its extract when it is silent."""

from typing import Literal

from kiosk.errors import SyncError
from kiosk.sync.client import RegistrarClient
from kiosk.sync.roster import RosterExtract
from protocol.roster import CodeRefusal
from protocol.student import Student

Refusal = CodeRefusal | Literal["other_institution", "registrar_unreachable"]
"""Why a code's student is not admitted, in the visit's words."""


def resolve(
    capture_code: str,
    client: RegistrarClient,
    extract: RosterExtract | None,
    institution_code: str,
) -> Student | Refusal:
    """Find the student of a capture code, or why there is none for this institution's booth.

    A code that is not even in the extract is unknown; without an extract nobody can tell.
    """
    try:
        found = client.resolve(capture_code)
    except SyncError:
        if extract is None:
            return "registrar_unreachable"
        found = extract.find(capture_code) or "code_unknown"
    if isinstance(found, Student) and found.institution_code != institution_code:
        return "other_institution"
    return found
