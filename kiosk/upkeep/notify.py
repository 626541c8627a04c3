"""Tells systemd that the booth is ready, and that its loop goes round.

The protocol is sd_notify's: one datagram of NAME=VALUE lines to the socket that systemd names
(https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html). systemd restarts a booth
from which it hears nothing for the unit's WatchdogSec.
"""

import math
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass

BEATS = 4
"""Signs of life in one period of the watchdog; sd_watchdog_enabled(3) asks for two at least."""


@dataclass
class Notifier:
    """What the loop tells systemd. It is told by the loop itself: a thread would beat for ever."""

    send: Callable[[bytes], object]
    """Raises OSError where it cannot be sent now."""
    every: float
    """Seconds between two signs of life; infinite where systemd watches for none."""
    _ready: bool = False
    _due: float = -math.inf

    def beat(self, at: float, *, ready: bool) -> None:
        """Say that the loop went round at monotonic seconds; and once, that the booth is ready."""
        newly_ready = ready and not self._ready
        due = at >= self._due and self.every < math.inf
        told = [b"READY=1"] * newly_ready + [b"WATCHDOG=1"] * due
        if not told:
            return
        try:
            self.send(b"\n".join(told))
        except OSError:
            return  # systemd is busy: it is told in the next round
        self._ready = self._ready or newly_ready
        self._due = at + self.every if due else self._due


def open_notifier(environ: Mapping[str, str] = os.environ) -> Notifier | None:
    """Make the way to systemd; None where this process is no service that it waits for."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return None
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    where = address.replace("@", "\0", 1) if address.startswith("@") else address

    def send(message: bytes) -> None:
        """Send it at once or not at all: nothing holds up the loop. Raises OSError."""
        line.sendto(message, socket.MSG_DONTWAIT, where)

    return Notifier(send, _watchdog_period(environ) / BEATS)


def _watchdog_period(environ: Mapping[str, str]) -> float:
    """Seconds without a sign of life after which systemd restarts this process."""
    microseconds = environ.get("WATCHDOG_USEC", "")
    meant_for = environ.get("WATCHDOG_PID", str(os.getpid()))
    if not microseconds.isdecimal() or meant_for != str(os.getpid()):
        return math.inf
    return int(microseconds) / 1e6 or math.inf
