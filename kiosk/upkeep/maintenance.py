"""Maintenance: a file says that the booth is out of service, since when, by whom and why.

It is the one place where that stands: command and staff's menu write it, and the booth looks for it
once a second. So it outlasts a restart.
"""

from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

import durable

LOOK_EVERY = 1.0
"""Seconds between two looks of the booth at the file."""

SCREEN = "the staff's menu"
"""Who has begun it, where that was done at the booth's own screen."""


class Maintenance(BaseModel):
    """The booth is being looked after."""

    model_config = ConfigDict(frozen=True)

    since: AwareDatetime | None = None
    """By this machine's clock; None where the file does not say so."""
    by: str = ""
    why: str = ""


def maintenance_path(outbox: Path) -> Path:
    """Where the file lies: beside the outbox."""
    return outbox.with_name("maintenance")


def is_on(path: Path) -> bool | None:
    """Whether the booth is to be out of service; None where the disk does not say."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return None
    return True


def read_maintenance(path: Path) -> Maintenance | None:
    """Who has begun it, and why; None while the booth is in service. Raises OSError.

    A file that somebody made by `touch` counts.
    """
    try:
        return Maintenance.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        return Maintenance()


def begin(path: Path, by: str, why: str, now: datetime | None = None) -> None:
    """Take the booth out of service; raises OSError."""
    begun = Maintenance(since=now or datetime.now(UTC), by=by, why=why)
    durable.make_private_folder(path.parent)
    durable.write_whole(path, begun.model_dump_json().encode())


def end(path: Path) -> None:
    """Put the booth into service again, if it is not; raises OSError."""
    path.unlink(missing_ok=True)
