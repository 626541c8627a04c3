"""The registrar's exceptions: what went wrong, in words for the person who can mend it."""


class RegistrarError(Exception):
    """Base of every error the registrar raises by intent (exit status 1)."""


class UsageError(RegistrarError, ValueError):
    """A command or a file was used in a way that cannot work (exit status 2)."""


class StoreError(RegistrarError, OSError):
    """The data folder cannot be read or written."""
