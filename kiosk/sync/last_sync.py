"""What the last run of the sync unit came to, in a file beside the roster, for who asks later."""

from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, FiniteFloat, NonNegativeInt, ValidationError

import durable
from kiosk.sync.backoff import LONGEST_WAIT
from kiosk.sync.clock import Now


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
    failures: NonNegativeInt = 0
    """Runs in a row that did not reach the registrar, or were not served."""
    boot: str = ""
    """The machine's start in which the last of them was: the next one begins anew."""
    next_since_boot: FiniteFloat = 0.0
    """Seconds after that start before which the timer's runs end at once."""

    def seconds_left(self, now: Now) -> float:
        """For how long the timer's runs end at once; 0 where the next one tries."""
        left = self.next_since_boot - now.since_boot
        if not self.failures or now.boot != self.boot or left > LONGEST_WAIT:
            return 0.0  # the machine was started since, whatever the file says
        return max(left, 0.0)


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
    roster: Path,
    now: Now,
    *,
    fault: str | None,
    sent: int,
    oldest: int | None,
    wait: Callable[[int], float] | None = None,
) -> LastSync:
    """Note a run that ended now, and which photo still waits longest; raises OSError.

    `wait` says for how many seconds the timer's runs end at once, after so many failures in a row;
    None after a run whose end speaks against no next one.
    """
    at = now.wall
    before = read_last_sync(roster) or LastSync(at=at)
    failures = 0 if wait is None else before.failures + 1
    since = before.oldest_since if oldest == before.oldest else at
    noted = LastSync(
        at=at,
        fault=fault,
        succeeded=at if fault is None else before.succeeded,
        sent=sent,
        oldest=oldest,
        oldest_since=None if oldest is None else since,
        failures=failures,
        boot=now.boot,
        next_since_boot=now.since_boot + (0.0 if wait is None else wait(failures)),
    )
    durable.make_private_folder(roster.parent)
    durable.write_whole(last_sync_path(roster), noted.model_dump_json().encode())
    return noted
