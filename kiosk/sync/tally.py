"""The tally: how many photos an outbox has ever kept and sent, in a file beside it.

Who empties the outbox, removes it or puts an older copy in its place does not know of the tally,
and is found out by it. It is written after each photo is on the disk, so a crash between the two
leaves it one behind, which is no alarm, and never ahead.
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

import durable


class Tally(BaseModel):
    """How many photos an outbox has kept since it was begun."""

    model_config = ConfigDict(frozen=True)

    put: NonNegativeInt
    """All that were ever put."""
    sent: NonNegativeInt
    """Those of them that the registrar holds."""


NOTHING = Tally(put=0, sent=0)


def tally_path(outbox: Path) -> Path:
    """Where an outbox's tally lies."""
    return outbox.with_name(f"{outbox.name}.tally")


def read_tally(outbox: Path) -> Tally | None:
    """Read an outbox's tally; None where there is none, or it is damaged. Raises OSError."""
    try:
        return Tally.model_validate_json(tally_path(outbox).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def keep_tally(outbox: Path, tally: Tally) -> None:
    """Keep a tally in the place of the one before; raises OSError."""
    durable.write_whole(tally_path(outbox), tally.model_dump_json().encode())
