"""Who stands before the booth: the registrar is asked first, the roster here when it is silent."""

import logging
from typing import Literal, Protocol

from kiosk.errors import SyncError
from kiosk.sync.roster import Roster
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
    roster: Roster | None,
    institution_code: str,
) -> Student | Refusal:
    """Find the student of a capture code, or why there is none for this institution's booth.

    A code that is not even in the roster here is unknown; without one nobody can tell.
    """
    try:
        found = resolver.resolve(capture_code)
    except SyncError:
        if roster is None:
            return "registrar_unreachable"
        try:
            found = roster.find(capture_code) or "code_unknown"
        except SyncError as error:
            log.error("%s", error)
            return "registrar_unreachable"
    if isinstance(found, Student) and found.institution_code != institution_code:
        return "other_institution"
    return found
