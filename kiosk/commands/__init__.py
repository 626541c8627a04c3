"""The command `kiosk`: one file a command, listed in `main`."""

FAILED, WRONG_USE = 1, 2
"""Exit status of a check that failed, and of a command used wrongly."""

RESTART = 75
"""Exit status of a booth that asks to be started anew (EX_TEMPFAIL of sysexits.h): systemd does."""
