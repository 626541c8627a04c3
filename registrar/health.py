"""`/healthz` and `/readyz`, for who watches: whether it lives, and whether it can take a photo.

Neither asks who asks, nor tells what is wrong: that is in the log, and in `registrar doctor`.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing, suppress

from fastapi import APIRouter, Response
from sqlalchemy import select, text

from registrar.errors import StoreError
from registrar.keys import Keys
from registrar.objects import NoSuchObject
from registrar.photos import FOLDER
from registrar.store import Store
from registrar.vault import Vault
from registrar.vault.client import VaultClient

_log = logging.getLogger("uvicorn.error")

DEADLINE = 2.0
"""Seconds in which database, object store and vault must answer: those who watch wait 3 to 5 s."""

STANDS = 1.0
"""Seconds for which an answer stands: strangers who ask cannot make it work."""

Probe = Callable[[], None]
"""Asks one part; raises StoreError where it does not answer."""


class Readiness:
    """Asks the parts, each on a thread of its own, and never one that still owes an answer."""

    def __init__(
        self,
        probes: Mapping[str, Probe],
        deadline: float = DEADLINE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`deadline` is in seconds, as is what `clock` tells."""
        self._probes, self._deadline, self._clock = probes, deadline, clock
        self._threads = ThreadPoolExecutor(len(probes), thread_name_prefix="ready")
        self._asked: dict[str, Future[None]] = {}
        self._lock = threading.Lock()
        self._known: tuple[float, list[str]] | None = None

    def faults(self) -> list[str]:
        """The parts that have not answered in time, by name; empty where it is ready."""
        with self._lock:
            if self._known is not None and self._clock() - self._known[0] < STANDS:
                return self._known[1]
            for name, probe in self._probes.items():
                if name not in self._asked:
                    self._asked[name] = self._threads.submit(probe)
            wait(self._asked.values(), self._deadline)
            faults = [name for name in self._probes if not self._has_answered(name)]
            self._known = self._clock(), faults
            return faults

    def _has_answered(self, name: str) -> bool:
        if not self._asked[name].done():
            _log.error("registrar: not ready: %s has not answered in %.0f s", name, self._deadline)
            return False
        error = self._asked.pop(name).exception()
        if error is not None:
            why = str(error) if isinstance(error, StoreError) else type(error).__name__
            _log.error("registrar: not ready: %s: %s", name, why)
        return error is None


def health_routes(store: Store, keys: Keys) -> APIRouter:
    """Make the routes of who watches."""
    router = APIRouter()
    readiness = Readiness(
        {
            "database": lambda: _ask_database(store),
            "objects": lambda: _ask_objects(store),
            "vault": lambda: _ask_vault(keys.vault),
        }
    )

    @router.get("/healthz")
    def healthz() -> Response:
        return Response("alive\n", media_type="text/plain")

    @router.get("/readyz")
    def readyz() -> Response:
        if readiness.faults():
            return Response("not ready\n", 503, media_type="text/plain")
        return Response("ready\n", media_type="text/plain")

    return router


def _ask_database(store: Store) -> None:
    with store.database.connection() as db:
        db.execute(select(text("1")))


def _ask_objects(store: Store) -> None:
    with suppress(NoSuchObject):
        store.objects.size(f"{FOLDER}/ready")


def _ask_vault(vault: Vault) -> None:
    if isinstance(vault, VaultClient):  # which knows the key since it asked first
        with closing(VaultClient(vault.path, DEADLINE)) as anew:
            if anew.public_key != vault.public_key:
                raise StoreError("the vault has another key than before; restart the registrar")
