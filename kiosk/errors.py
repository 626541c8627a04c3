"""The booth's exceptions: what went wrong, in words for the person who can mend it."""

from typing import Literal


class KioskError(Exception):
    """Base of every error the booth raises by intent; its text names thing, reason and way out."""


class UsageError(KioskError, ValueError):
    """A command, a configuration or a file was used in a way that cannot work (exit status 2)."""


class PictureError(UsageError):
    """A picture file that cannot be read, or is not a picture."""


class ModelError(KioskError, OSError):
    """A model file is missing, or is not the one the manifest names."""


class StandardiseError(KioskError):
    """A capture from which no photo inside the specification can be made."""

    def __init__(
        self, text: str, rule: str | None = None, side: Literal["low", "high"] = "low"
    ) -> None:
        """`rule` is the one by whose words the student is told what to do, and `side` on which
        side of its goal they are; None where they can do nothing about it.
        """
        super().__init__(text)
        self.rule, self.side = rule, side


class CameraFault(KioskError, OSError):
    """No frames come from the camera."""


class BoardError(KioskError, OSError):
    """Something that hangs on the board does not answer, or may not be used."""


class SyncError(KioskError, OSError):
    """The registrar could not be reached, or refused."""
