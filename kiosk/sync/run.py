"""One run of the sync unit: what waits is handed over, and the roster's extract comes back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from kiosk.sync.client import RegistrarClient
from kiosk.sync.errors import Forged
from kiosk.sync.outbox import Outbox
from kiosk.sync.roster import RosterExtract, keep_extract, read_extract
from protocol.receipt import PhotoRefusal

REFUSAL_WORDS: Mapping[PhotoRefusal, str] = MappingProxyType(
    {
        "already_photographed": "the student has a photo; to take another: registrar roster grant"
        " RECORD_ID, then kiosk sync --retry-refused",
        "record_unknown": "the student is not on the roster; after registrar roster import:"
        " kiosk sync --retry-refused",
        "unreadable": "it was damaged, or sealed to another registrar; take the photo again",
        "provenance": "the record of what was done to the picture is missing, or was not signed"
        " with this booth's key; take the photo again",
        "conflict": "another photo was sent under its id; take the photo again",
    }
)
"""Why the registrar refused a photo and what staff can do, in words."""


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What one run has done, in photos, and the extract that the booth holds after it."""

    sent: int
    refused: int
    pending: int
    extract: RosterExtract


def sync_once(
    outbox: Outbox,
    client: RegistrarClient,
    roster: Path,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> SyncResult:
    """Hand over every photo that waits, then fetch the roster's extract into the file `roster`.

    `on_progress` is told after each photo how many of how many are done. A photo is marked only
    with the registrar's signed receipt, so a run cut short at any moment is mended by the next.
    Raises a SyncError (Unreachable, ClockWrong, NotEnrolled, Forged, OutboxFault) where the
    registrar or the disk does not let it finish; what was handed over before stays so.
    """
    waiting = outbox.pending()
    sent = refused = 0
    for done, submission_id in enumerate(waiting, start=1):
        envelope = outbox.envelope(submission_id)
        if envelope is not None:  # else another run has sent it meanwhile
            receipt = client.send(envelope)
            if receipt.refused is None:
                outbox.mark_sent(receipt)
                sent += 1
            else:
                outbox.mark_refused(receipt)
                refused += 1
        on_progress(done, len(waiting))
    extract = _fetch_extract(client, roster)
    return SyncResult(sent, refused, outbox.counts().pending, extract)


def _fetch_extract(client: RegistrarClient, roster: Path) -> RosterExtract:
    try:
        held = read_extract(roster, client.registrar_verify_key)
    except Forged:
        held = None  # damaged, or another registrar's: a new one takes its place
    extract = client.roster(held)
    if extract is not held:
        keep_extract(roster, extract)
    return extract
