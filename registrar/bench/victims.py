"""What is killed while photos are sent: booths' syncs, the registrar, its workers, its vault.

All by SIGKILL, at random. A command that is given disturbs what else there is, as database and
object store by `tools/services.sh crash`.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random

from registrar.bench.intake import descendants, run_registrar
from registrar.errors import RegistrarError

KILLS = 2.0
"""Seconds from one kill to the next, on average."""

VICTIMS = {"booth": 6, "worker": 2, "vault": 1, "registrar": 1}
"""What is killed, and how often relative to the others."""

DISTURBS = 20.0
"""Seconds from the end of what the command disturbed to when it is run again, on average."""

WORKERS, STARTS = 2, 60
"""The registrar's processes, and how often it is started, a second apart, until it serves: what it
needs may be down."""

SAID = "said.log"
"""In a booth's folder: what its runs said."""


class Registrar:
    """The registrar of a data folder, on one port, however often it is killed."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, 0
        self._start()

    def kill(self, random: Random, kind: str) -> bool:
        """Kill it, one of its workers, or its vault; whether there was one."""
        if kind == "registrar":
            self._process.kill()
            self._running.close()
            self._start()
            return True
        own = descendants(self._process.pid)
        found = [pid for pid in own if _is_vault(pid) == (kind == "vault")]
        if found:
            with suppress(ProcessLookupError):
                os.kill(random.choice(found), signal.SIGKILL)
        return bool(found)

    def close(self) -> None:
        """End it."""
        self._running.close()

    def _start(self) -> None:
        """Start it, also while what has just been killed still has the port, or its storage."""
        for more in range(STARTS, -1, -1):
            self._running = ExitStack()
            try:
                running = run_registrar(self._folder, WORKERS, self.port)
                (_, self.port), self._process = self._running.enter_context(running)
            except RegistrarError:
                if not more:
                    raise
                time.sleep(1)
            else:
                return


def disturb_all(
    booths: list[Path], registrar: Registrar, disturb: str | None, random: Random, until: float
) -> tuple[Counter[str], int]:
    """Run each booth's sync until it is done, and kill whatever runs now and then.

    Returns what was killed, and how many booths had not done.
    """
    kills: Counter[str] = Counter()
    running = {booth: _start(booth) for booth in booths}
    disturbing: subprocess.Popen[bytes] | None = None
    next_kill = time.monotonic()
    next_disturb = next_kill + random.expovariate(1 / DISTURBS)
    try:
        while running and time.monotonic() < until:
            time.sleep(0.05)
            for booth, process in list(running.items()):
                status = process.poll()
                if status == 0:
                    del running[booth]
                elif status is not None:
                    running[booth] = _start(booth)
            now = time.monotonic()
            if now >= next_kill and running:
                (victim,) = random.choices(tuple(VICTIMS), tuple(VICTIMS.values()))
                if victim == "booth":
                    random.choice(list(running.values())).kill()
                    kills[victim] += 1
                else:
                    kills[victim] += registrar.kill(random, victim)
                next_kill = time.monotonic() + random.expovariate(1 / KILLS)
            if disturbing is not None:
                if disturbing.poll() is not None:
                    kills["disturbed"] += disturbing.returncode == 0
                    disturbing, next_disturb = None, now + random.expovariate(1 / DISTURBS)
            elif disturb is not None and now >= next_disturb:
                disturbing = subprocess.Popen(disturb, shell=True)
    finally:
        for process in running.values():
            process.kill()
            process.wait()
        if disturbing is not None:
            kills["disturbed"] += disturbing.wait() == 0
    return kills, len(running)


def _start(booth: Path) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-m", "kiosk.evaluation.sync_booth", str(booth)]
    with (booth / SAID).open("ab") as said:
        return subprocess.Popen(words, stderr=said)


def _is_vault(pid: int) -> bool:
    try:
        return b"\0vault\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
