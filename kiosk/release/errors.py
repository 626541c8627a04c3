"""What can go wrong with a release."""

from kiosk.errors import KioskError


class ReleaseError(KioskError):
    """A release cannot be had, is not to be trusted or does not serve; the booth is as before."""
