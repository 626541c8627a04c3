"""What the last run of the sync unit came to, in a file beside the roster, for who asks later."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, FiniteFloat, NonNegativeInt, ValidationError

import durable


class LastSync(BaseModel):
    """One run, as it ended; times are this machine's clock's, in seconds since 1970."""

    model_config = ConfigDict(frozen=True)

    at: FiniteFloat
    fault: str | None = None
    """Why it did not come to its end, in words; None where it did."""
    succeeded: FiniteFloat | None = None
    """When one last did."""
    sent: NonNegativeInt = 0
    """Photos that this run handed over."""
    oldest: NonNegativeInt | None = None
    """The number of the photo that has waited longest, after it; None where none waits."""
    oldest_since: FiniteFloat | None = None
    """Since when it waits, as far as runs have seen."""


def last_sync_path(roster: Path) -> Path:
    """Where it is noted: beside the roster."""
    return roster.with_name(f"{roster.name}.last-sync")


def read_last_sync(roster: Path) -> LastSync | None:
    """Read it; None where nothing is noted, or it is damaged."""
    try:
        return LastSync.model_validate_json(last_sync_path(roster).read_bytes())
    except (OSError, ValidationError):
        return None


def note_sync(
    roster: Path, at: float, *, fault: str | None, sent: int, oldest: int | None
) -> LastSync:
    """Note a run that ended at a time, and which photo still waits longest; raises OSError."""
    before = read_last_sync(roster) or LastSync(at=at)
    since = before.oldest_since if oldest == before.oldest else at
    now = LastSync(
        at=at,
        fault=fault,
        succeeded=at if fault is None else before.succeeded,
        sent=sent,
        oldest=oldest,
        oldest_since=None if oldest is None else since,
    )
    durable.make_private_folder(roster.parent)
    durable.write_whole(last_sync_path(roster), now.model_dump_json().encode())
    return now
