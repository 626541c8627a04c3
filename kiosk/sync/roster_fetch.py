"""The roster brought to what the registrar has: deltas where one is held, else its base first."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from nacl.signing import VerifyKey

from kiosk.errors import SyncError
from kiosk.sync.client import RegistrarClient
from kiosk.sync.errors import Forged, Unreachable
from kiosk.sync.roster import read_roster
from kiosk.sync.roster_index import ComingBase, RosterIndex, apply_delta, remove, take_place
from protocol.request import CLOCK_WINDOW
from protocol.roster_edition import Head, check_base

PIECE = 1 << 20
"""Bytes of a base that are asked for at once, and kept before the next: 20 s at 50 kB/s."""

BASE_SECONDS = 600.0
"""After which the rest of a base is left to the next run; kiosk-sync.service has 15 minutes."""

MOST_ANSWERS = 1000
"""That one run takes: a gigabyte of deltas is no roster's."""


def fetch_roster(
    client: RegistrarClient,
    path: Path,
    institution_code: str,
    clock: Callable[[], float] = time.monotonic,
) -> RosterIndex:
    """Bring the index at `path` to what the registrar has, and open it. `clock` is in seconds.

    A base comes a piece at a time, into a file beside: who is cut off goes on there at the next
    run. It takes its place once it is as new as what was held: an older roster does not replace a
    newer one (somebody may play back what names students who are on the roster no more), unless
    the one held is of a time still to come, by this clock and by the registrar's; then that one was
    ahead when it was made.
    Raises SyncError.
    """
    key = client.registrar_verify_key
    head, issued_at = _look_at_held(path, key, institution_code)
    at, until = path, clock() + BASE_SECONDS
    for _ in range(MOST_ANSWERS):
        news = client.roster(institution_code, head)
        if news is None:
            break
        for head, entries in news.parts:
            if not head.is_base:
                apply_delta(at, head, entries, key)
                continue
            try:
                check_base(head, institution_code, key)
            except ValueError as error:
                raise Forged(f"registrar: its roster {error}") from error
            coming = ComingBase(path.with_name(f"{path.name}.coming"), head)
            _bring(client, coming, clock, until)
            at = coming.path
        if not news.has_more:
            break
    if at != path:
        is_past = issued_at is not None and issued_at.timestamp() <= _latest(client) + CLOCK_WINDOW
        if issued_at is not None and is_past and head is not None and head.issued_at < issued_at:
            remove(at)
            raise Forged("registrar: its roster is older than the one held here; check its clock")
        take_place(path, at)
    return RosterIndex(path, key, institution_code)


def _latest(client: RegistrarClient) -> float:
    """The time at the latest, s since 1970: a clock here that was set back brings nothing back."""
    return max(client.now(), client.told_time or 0.0)


def _look_at_held(
    path: Path, key: VerifyKey, institution_code: str
) -> tuple[Head | None, datetime | None]:
    """The head of what is held, if it is whole, and when what is held was made, if that is told."""
    try:
        held = read_roster(path, key, institution_code)
    except SyncError:
        return None, None  # damaged, another registrar's or user's: a new one takes its place
    if not isinstance(held, RosterIndex):
        return None, None if held is None else held.issued_at
    try:
        held.check()
    except SyncError:
        return None, held.issued_at
    return held.head, held.issued_at


def _bring(
    client: RegistrarClient, coming: ComingBase, clock: Callable[[], float], until: float
) -> None:
    """Fetch what a base still lacks, and check it."""
    if coming.is_whole:
        return
    head = coming.head
    whole = head.count * head.entry_bytes
    piece = max(PIECE // head.entry_bytes, 1) * head.entry_bytes
    while (at := coming.have) < whole:
        if clock() > until:
            raise Unreachable(
                f"registrar: of the roster {at / whole:.0%} has come in {BASE_SECONDS / 60:.0f}"
                " minutes; the next sync goes on there"
            )
        coming.append(at, client.roster_base(head, at, min(piece, whole - at)))
    coming.finish()
