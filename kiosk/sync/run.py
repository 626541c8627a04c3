"""One run of the sync unit: what waits is handed over, and the roster is brought up to date."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from kiosk.errors import SyncError
from kiosk.sync.backoff import try_again
from kiosk.sync.client import RegistrarClient
from kiosk.sync.errors import NotEnrolled, NotTaken, PhotoSpoiled
from kiosk.sync.outbox import Outbox
from kiosk.sync.roster_fetch import fetch_roster
from kiosk.sync.roster_index import RosterIndex
from protocol.receipt import PhotoRefusal, Receipt

log = logging.getLogger(__name__)

Done = TypeVar("Done")

OFFERED_AGAIN = timedelta(hours=6)
"""After which a photo is offered again that came while the student had another: once that one is
refused it is what they would have to come for otherwise. It costs four photos a day of the line."""

REFUSAL_WORDS: Mapping[PhotoRefusal, str] = MappingProxyType(
    {
        "already_photographed": "the student has a photo, or the registry must permit another; it"
        " goes again every six hours, and is taken once theirs is refused; to have it taken now:"
        " registrar student permit RECORD_ID REASON, then kiosk sync --retry-refused",
        "record_unknown": "the student is not on the roster; after registrar roster import:"
        " kiosk sync --retry-refused",
        "unreadable": "it was damaged, or signed with a key that the registrar never knew; take the"
        " photo again",
        "sealed_elsewhere": "it was sealed to another key than the registrar's: mend"
        " registrar_public_key here, or have the registrar's seal.key brought back from a copy;"
        " then kiosk sync --retry-refused",
        "former_key": "it was signed with a key by which this booth was enrolled once; at the"
        " registrar: registrar booth accept NAME, then kiosk sync --retry-refused",
        "no_photo": "the file is of another size than photos are, or has something beside the"
        " picture in it; take the photo again",
        "time": "it was taken before 2020, or later than it is; set the booth's clock and take the"
        " photo again",
        "provenance": "the record of what was done to the picture is missing, or was not signed"
        " with this booth's key; take the photo again",
        "conflict": "another photo was sent under its id; take the photo again",
    }
)
"""Why the registrar refused a photo and what staff can do, in words."""


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What one run has done, in photos, and the roster that the booth holds after it."""

    sent: int
    refused: int
    pending: int
    roster: RosterIndex


def sync_once(
    outbox: Outbox,
    client: RegistrarClient,
    roster: Path,
    institution_code: str,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    *,
    former_names: bool = False,
    cut: int | None = None,
    pauses: Callable[[], Iterator[float]] = lambda: iter(()),
    sleep: Callable[[float], None] = time.sleep,
) -> SyncResult:
    """Hand over every photo that waits, then bring the institution's roster at the path `roster`.

    `on_progress` is told after each photo how many of how many are done. A photo is marked only
    with the registrar's signed receipt, so a run cut short at any moment is mended by the next.
    One that is spoiled, or that the registrar cannot take, is set aside, and the others go; so is
    one that was sealed under another name of this booth, unless `former_names` says to try those.
    Of the photo with the number `cut`, at which the run before ended, and of one that is tried
    again, it is asked how much has come, and the rest is sent.
    What something on the way spoiled is tried again after `pauses`, in seconds. Raises a SyncError
    (Unreachable, ClockWrong, NotEnrolled, Forged, OutboxFault) where the registrar or the disk does
    not let it finish; what was handed over before stays so.
    """

    def patiently(work: Callable[[], Done]) -> Done:
        return try_again(work, pauses(), sleep, lambda: client.told_time is not None)

    outbox.offer_again(datetime.fromtimestamp(client.now(), UTC) - OFFERED_AGAIN)
    with _remembered_time(client, roster):
        waiting, begun = outbox.waiting(), {cut}
        sent = refused = 0
        for done, number in enumerate(waiting, start=1):
            send = partial(_send, outbox, client, number, begun, former_names=former_names)
            receipt = patiently(send)
            if receipt is None:
                pass
            elif receipt.refused is None:
                outbox.mark_sent(receipt)
                sent += 1
            else:
                outbox.mark_refused(receipt)
                refused += 1
            on_progress(done, len(waiting))
        held = patiently(partial(bring_roster, client, roster, institution_code))
    return SyncResult(sent, refused, outbox.counts().pending, held)


def bring_roster(client: RegistrarClient, roster: Path, institution_code: str) -> RosterIndex:
    """Bring the roster at a path up to date, and note when it was confirmed. Raises SyncError."""
    held = fetch_roster(client, roster, institution_code)
    client.remember_time(roster, confirmed=True)
    return held


def _send(
    outbox: Outbox,
    client: RegistrarClient,
    number: int,
    begun: set[int | None],
    *,
    former_names: bool,
) -> Receipt | None:
    """Send a photo; None where another run has sent it meanwhile, or it was set aside.

    `begun` are the numbers of those that were on their way before.
    """
    was_cut = number in begun
    begun.add(number)
    try:
        envelope = outbox.waiting_envelope(number)
        if envelope is None:
            return None
        own = envelope.booth_id == client.booth_id
        if not own and not former_names:
            raise PhotoSpoiled(  # noqa: TRY301 (it is set aside as any other)
                f"it was sealed as booth {envelope.booth_id}, and this is {client.booth_id}; where"
                " the registrar still knows that name, it goes by kiosk sync --retry-set-aside"
            )
        try:
            return client.send(envelope, was_cut=was_cut)
        except NotEnrolled:
            if own:
                raise
            raise PhotoSpoiled(
                f"it was sealed as booth {envelope.booth_id}, which the registrar does not know"
                f" with this booth's key; enrol it: registrar booth add {envelope.booth_id}, then"
                " kiosk sync --retry-set-aside"
            ) from None
    except (PhotoSpoiled, NotTaken) as reason:
        outbox.set_aside(number, str(reason))
        return None


@contextmanager
def _remembered_time(client: RegistrarClient, roster: Path) -> Iterator[None]:
    """Remember the registrar's time, however the work ends: it says so where clocks differ."""
    try:
        yield
    except SyncError:
        client.remember_time(roster)
        raise
