"""Which releases a source has, and which of them this booth is to take."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from nacl.signing import VerifyKey

from kiosk.errors import UsageError
from kiosk.release.errors import ReleaseError
from kiosk.release.installed import Installed, Places, write_line
from kiosk.release.manifest import INDEX_FILE, INDEX_KIND, Index, parse_version, read_told
from kiosk.release.signed import open_text
from kiosk.release.source import Source


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source has."""

    index: Index
    newest: str


def look(source: Source, keys: Sequence[VerifyKey], places: Places) -> Offer:
    """Read which releases a source has; raises ReleaseError.

    An index older than one that was seen is refused: who replays it would hold the booth back.
    """
    text = open_text(INDEX_KIND, source.read(INDEX_FILE), keys, INDEX_FILE)
    index = read_told(Index, text, INDEX_FILE)
    seen = 0
    with suppress(FileNotFoundError, ValueError):
        seen = int(places.seen.read_text())
    if index.serial < seen:
        raise ReleaseError(
            f"{INDEX_FILE}: number {index.serial} of {index.issued_at:%Y-%m-%d}, and this booth has"
            f" seen number {seen}: somebody offers an old one; copy the newest there"
        )
    if not index.releases:
        raise ReleaseError(f"{INDEX_FILE}: names no release")
    if index.serial > seen:
        with suppress(ReleaseError):  # who only looks may be no root
            write_line(places.seen, str(index.serial))
    return Offer(index, max(index.releases, key=parse_version))


def choose(offer: Offer, installed: Installed, current: str, wanted: str | None) -> str | None:
    """Which release to take: the one that is named, else the newest; None where there is nothing.

    Raises UsageError for one that there is not, or that failed and is not named.
    """
    if wanted is not None:
        if wanted not in offer.index.releases:
            there_are = ", ".join(sorted(offer.index.releases, key=parse_version))
            raise UsageError(f"there is no release {wanted}; there are {there_are}")
        return None if wanted == current else wanted
    newest = offer.newest
    if parse_version(newest) <= parse_version(current):
        return None
    if installed.failed is not None and installed.failed.version == newest:
        failed = installed.failed
        raise ReleaseError(
            f"{newest} was tried here at {failed.at} and given up: {failed.reason}; to try it once"
            f" more: kiosk update --to {newest}"
        )
    return newest


def describe_age(index: Index, now: datetime) -> str:
    """Since when nothing newer was published, for who wonders why there is nothing new."""
    return f"{max((now - index.issued_at).days, 0)} days ago ({index.issued_at:%Y-%m-%d})"
