"""Whether a folder's disk takes another photo: tried, and not only asked."""

import os
import shutil
import tempfile
from pathlib import Path

LEAST_FREE_BYTES = 100_000_000
"""A booth with less room on its outbox's disk takes no student: room for a thousand photos."""

TRIED_BYTES = 1_000_000
"""Reserved by a trial: more than the largest sealed photo, so that a full quota is noticed."""

BLOCK = bytes(4096)
"""Written by a trial: one block, so that a card is not worn by being asked."""


def find_write_fault(folder: Path) -> str | None:
    """Try to write into a folder; returns why that cannot be, and the way out, or None.

    The trial has no name in the folder, so that nothing is left however it ends.
    """
    try:
        free = shutil.disk_usage(folder).free
        if free < LEAST_FREE_BYTES:
            return (
                f"{folder}: the disk is full ({free / 1e6:.0f} MB free of the"
                f" {LEAST_FREE_BYTES / 1e6:.0f} MB needed); make room on it"
            )
        with tempfile.TemporaryFile(dir=folder, buffering=0) as trial:
            os.posix_fallocate(trial.fileno(), 0, TRIED_BYTES)
            trial.write(BLOCK)
            os.fsync(trial.fileno())
    except FileNotFoundError:
        return f"{folder}: is missing; is the disk mounted? make it with: mkdir -p {folder}"
    except PermissionError as error:
        return f"{folder}: may not be written ({error.strerror}); {_say_owner(folder)}"
    except OSError as error:
        return (
            f"{folder}: cannot be written ({error.strerror}); if the card has turned read-only or"
            " fails, copy it and put in a new one: dmesg says why"
        )
    return None


def find_way_out(file: Path) -> str:
    """What to do about a file that cannot be written: about its folder, or about itself."""
    return find_write_fault(file.parent) or _say_owner(file)


def _say_owner(path: Path) -> str:
    """Whose a file or folder is, and the command by which it becomes that of who asks."""
    try:
        owner = path.stat().st_uid
    except OSError:
        return "give it to the booth's user with chown"
    me = os.geteuid()
    if owner == me:
        return f"let its owner write: chmod u+rwX {path}; lsattr -d {path} shows other locks"
    return f"it belongs to user {owner}; give it to the booth's: sudo chown -R {me} {path}"
