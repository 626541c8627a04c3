"""The command `kiosk`: one file a command, listed in `main`."""

FAILED, WRONG_USE = 1, 2
"""Exit status of a check that failed, and of a command used wrongly."""
