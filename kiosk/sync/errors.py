"""What can go wrong between outbox and registrar, each fault by its name."""

from pathlib import Path

from kiosk.errors import SyncError


class Unreachable(SyncError):
    """The registrar gave no answer."""


class NoSuchPath(Unreachable):
    """What answers knows nothing of what was asked: an older registrar, or none."""


class Garbled(Unreachable):
    """What was sent came as something else: it says nothing of what was sent."""


class LeftToNext(Unreachable):
    """Nothing that is tried again in this run would come through."""


class NotEnrolled(SyncError):
    """The registrar does not know this booth or its key."""


class ClockWrong(SyncError):
    """Booth and registrar disagree on the time by minutes."""


class NotTaken(SyncError):
    """The registrar cannot take what was sent, whenever it is sent."""


class Forged(SyncError):
    """An answer or a file that the registrar has not signed, or not for this."""


class OutboxFault(SyncError):
    """The outbox cannot be read or written."""


class OutboxFull(OutboxFault):
    """No room is left on the disk for another photo."""


class OutboxLost(OutboxFault):
    """Photos that the outbox has kept are not in it any more: it was emptied, removed, or
    replaced by an older copy.
    """


class PhotoSpoiled(OutboxFault):
    """One photo in the outbox is not what was put there; the others are not concerned."""


class OutboxCorrupt(OutboxFault):
    """The outbox was damaged and has been set aside, with all photos in it, as `kept`."""

    def __init__(self, message: str, kept: Path) -> None:
        super().__init__(message)
        self.kept = kept
