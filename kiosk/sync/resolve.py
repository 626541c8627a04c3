"""Who stands before the booth: the registrar is asked first, its extract when it is silent."""

import logging
from typing import Literal, Protocol

from kiosk.errors import SyncError
from kiosk.sync.errors import Forged
from kiosk.sync.roster import RosterExtract
from protocol.roster import CodeRefusal, Resolution
from protocol.student import Student

log = logging.getLogger(__name__)

Refusal = CodeRefusal | Literal["other_institution", "registrar_unreachable"]
"""Why a code's student is not admitted, in the visit's words."""


class Resolver(Protocol):
    """Who knows whose a capture code is."""

    def resolve(self, capture_code: str) -> Resolution:
        """Ask whose a code is: the student, or why there is none. Raises SyncError."""
        ...


def resolve(
    capture_code: str,
    resolver: Resolver,
    extract: RosterExtract | None,
    institution_code: str,
) -> Student | Refusal:
    """Find the student of a capture code, or why there is none for this institution's booth.

    A code that is not even in the extract is unknown; without an extract nobody can tell.
    """
    try:
        found = resolver.resolve(capture_code)
    except SyncError:
        if extract is None:
            return "registrar_unreachable"
        try:
            found = extract.find(capture_code) or "code_unknown"
        except Forged as error:
            log.error("%s", error)
            return "registrar_unreachable"
    if isinstance(found, Student) and found.institution_code != institution_code:
        return "other_institution"
    return found
