"""Workers: several processes that serve on one socket, each started anew where it ends."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

_log = logging.getLogger("uvicorn.error")

LOOK = 0.1
"""Seconds between two looks whether a worker has ended."""

PAUSE = 1.0
"""Seconds before a worker that ended at once is started anew."""


def run_workers(count: int, work: Callable[[], None]) -> None:
    """Run `work` in so many processes until this one is told to end (SIGTERM, Ctrl-C).

    Nothing that threads or connections hang on may be open before: each worker opens its own.
    """
    running = {_start(work): time.monotonic() for _ in range(count)}
    try:
        while True:
            time.sleep(LOOK)
            for pid in list(running):
                ended, status = os.waitpid(pid, os.WNOHANG)
                if not ended:
                    continue
                _log.error("registrar: a worker has ended (%d) and is started anew", status)
                if time.monotonic() - running.pop(pid) < PAUSE:
                    time.sleep(PAUSE)
                running[_start(work)] = time.monotonic()
    finally:
        for pid in running:
            os.kill(pid, signal.SIGTERM)
        for pid in running:
            os.waitpid(pid, 0)


def _start(work: Callable[[], None]) -> int:
    """Fork a worker; its process's number. It ends with this process, however that ends."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        threading.Thread(target=_end_with, args=(parent,), daemon=True, name="parent").start()
        work()
        status = 0
    except SystemExit:
        status = 0
    except Exception:
        _log.exception("registrar: a worker has failed")
    finally:
        os._exit(status)


def _end_with(parent: int) -> None:
    """End this process once its parent is another."""
    while os.getppid() == parent:
        time.sleep(LOOK)
    os.kill(os.getpid(), signal.SIGTERM)
