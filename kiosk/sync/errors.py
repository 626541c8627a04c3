"""What can go wrong between outbox and registrar, each fault by its name."""

from pathlib import Path

from kiosk.errors import SyncError


class Unreachable(SyncError):
    """The registrar gave no answer."""


class NotEnrolled(SyncError):
    """The registrar does not know this booth or its key."""


class ClockWrong(SyncError):
    """Booth and registrar disagree on the time by minutes."""


class Forged(SyncError):
    """An answer or a file that the registrar has not signed, or not for this."""


class OutboxFault(SyncError):
    """The outbox cannot be read or written."""


class OutboxFull(OutboxFault):
    """No room is left on the disk for another photo."""


class OutboxCorrupt(OutboxFault):
    """The outbox was damaged and has been set aside, with all photos in it, as `kept`."""

    def __init__(self, message: str, kept: Path) -> None:
        super().__init__(message)
        self.kept = kept
