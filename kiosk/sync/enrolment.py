"""The booth as the registrar knows it: its name, its keys, and the way there, as configured."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nacl.public import PublicKey
from nacl.signing import SigningKey, VerifyKey

from kiosk.config import SyncSettings
from kiosk.errors import UsageError
from kiosk.sync.keys import parse_registrar_key, parse_registrar_verify_key, read_signing_key

if TYPE_CHECKING:
    from kiosk.sync.client import RegistrarClient

SYNC_PATIENCE = (3.0, 40.0)
"""Seconds for a connection and for an answer's next byte, while photos and roster are synced: more
than the 30 in which a registrar wants the whole of a photo, since what was sent over a slow line
is at first in this machine's buffers. Then it says that it was too slow, and keeps what came."""

SYNC_DEADLINE = 120.0
"""Seconds for one request as a whole: a photo, or a million bytes of roster over a slow line."""

RUN_SECONDS = 780.0
"""For all requests of one run together; kiosk-sync.service has 15 minutes."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The keys by which booth and registrar know each other."""

    signing_key: SigningKey
    """The booth's own."""
    registrar_key: PublicKey
    """Photos are sealed to it."""
    registrar_verify_key: VerifyKey
    """Receipts and rosters are signed with its other half."""


def read_enrolment(settings: SyncSettings) -> Enrolment:
    """Read the booth's enrolment; raises UsageError where there is none."""
    if settings.registrar_public_key is None or settings.registrar_verify_key is None:
        raise UsageError(
            "no registrar is configured: enrol this booth with `kiosk enrol URL CODE`, by a code"
            " from the registrar's page, or with `registrar booth add`, and put what that prints"
            " under [sync] in the configuration; to try the booth without: kiosk demo"
        )
    return Enrolment(
        read_signing_key(settings.signing_key_file),
        parse_registrar_key(settings.registrar_public_key),
        parse_registrar_verify_key(settings.registrar_verify_key),
    )


def open_client(
    settings: SyncSettings,
    timeout: tuple[float, float] = SYNC_PATIENCE,
    deadline: float | None = SYNC_DEADLINE,
) -> "RegistrarClient":
    """Open the way to the registrar that is configured; raises UsageError where none is."""
    from kiosk.sync.client import RegistrarClient  # and with it the network: the booth has none
    from kiosk.sync.pace import Pace

    most = settings.most_bytes_a_second
    enrolled = read_enrolment(settings)
    return RegistrarClient(
        str(settings.registrar),
        settings.booth_id,
        enrolled.signing_key,
        enrolled.registrar_verify_key,
        timeout=timeout,
        deadline=deadline,
        run_seconds=RUN_SECONDS,
        pace=None if most is None else Pace(most),
    )
