"""A vault as a process beside the web process, whose child it is: started anew when it ends."""

import logging
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from registrar.errors import RegistrarError
from registrar.vault.client import VaultClient
from registrar.vault.server import listen_at

DELAYS = (0.1, 1.0, 5.0)
"""Seconds before a vault that has ended is started anew: the first time, the second, and then."""

STEADY_SECONDS = 60.0
"""Which ran so long begins with the first delay again."""

END_SECONDS = 5.0
"""Within which a vault ends that is told to, or is killed."""

_COMMAND = "import sys; from registrar.cli import main; sys.exit(main())"

_log = logging.getLogger("uvicorn.error")


@contextmanager
def vault_beside(folder: Path) -> Iterator[VaultClient]:
    """Run `registrar vault` over the seal keys of a folder while the context lasts.

    The socket is this process's: while the vault is started anew, questions wait there. The vault
    ends with this process, however that ends. Raises RegistrarError where it does not start; why,
    it says itself on standard error.
    """
    with tempfile.TemporaryDirectory(prefix="registrar-vault-") as private:
        path = Path(private) / "socket"
        with listen_at(path) as listening, closing(VaultClient(path)) as client:
            child = _Child(folder, listening)
            try:
                if not child.has_started():
                    raise RegistrarError(f"{folder}: the vault did not start; mend what it says")
                watch = threading.Thread(target=child.keep_running, name="vault watch")
                watch.start()
                yield client
            finally:
                child.end()
            watch.join()


class _Child:
    """The vault's process, and the next where one has ended."""

    def __init__(self, folder: Path, listening: socket.socket) -> None:
        self._folder, self._listening = folder, listening
        self._ending = threading.Event()
        self._lock = threading.Lock()
        """Held while there is a process to be started or ended."""
        self._process = self._start()

    def has_started(self) -> bool:
        """Wait until the vault says that it serves; False where it has ended instead."""
        said = self._process.stdout
        return said is not None and said.readline() != b""

    def keep_running(self) -> None:
        """Start the vault anew whenever it has ended, until it is to end."""
        times = 0
        while True:
            began = time.monotonic()
            status = self._process.wait()
            if time.monotonic() - began > STEADY_SECONDS:
                times = 0
            delay = DELAYS[min(times, len(DELAYS) - 1)]
            if self._ending.wait(delay):
                return
            _log.error("registrar: the vault has ended (status %d) and is started anew", status)
            times += 1
            with self._lock:
                if self._ending.is_set():
                    return
                self._process = self._start()

    def end(self) -> None:
        """End the vault, and start none anew."""
        self._ending.set()
        with self._lock:
            process = self._process
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        descriptor = self._listening.fileno()
        words = ["vault", "--data", str(self._folder), "--descriptor", str(descriptor)]
        return subprocess.Popen(
            [sys.executable, "-c", _COMMAND, *words, "--until-stdin-ends"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(descriptor,),
            process_group=0,  # Ctrl-C is for the web process, which ends the vault
        )
