"""Serving: the application on a socket, for the command and for whoever runs it beside a booth."""

import os
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import uvicorn
from nacl.signing import VerifyKey

from protocol.request import is_loopback
from registrar.app import create_app
from registrar.connections import BACKLOG, MOST_HEADER_BYTES, BoundedConnection, spare_the_log
from registrar.enrolment import Enrolment, enrol_booth
from registrar.errors import RegistrarError, UsageError
from registrar.keys import Keys
from registrar.logs import log_config
from registrar.settings import Settings
from registrar.store import Store


@dataclass(frozen=True, slots=True)
class Certificate:
    """What TLS needs: PEM files."""

    chain: Path
    key: Path


def listen(host: str, port: int) -> socket.socket:
    """Take the port (0: a free one); raises RegistrarError where another program has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else error
        raise RegistrarError(
            f"{host} port {port}: cannot be taken ({reason}); "
            "end the program that has it, or name another with --port"
        ) from error


def check_exposure(host: str, certificate: Certificate | None) -> None:
    """Raise UsageError where faces and names would be open to the network."""
    if not is_loopback(host) and certificate is None:
        raise UsageError(
            f"--host {host}: others can reach it, and the pages show faces; "
            "give --certificate and --certificate-key with it"
        )


def make_server(store: Store, keys: Keys, certificate: Certificate | None = None) -> uvicorn.Server:
    """Make the server; `run(sockets=[…])` serves until it is told to stop."""
    spare_the_log()
    return uvicorn.Server(
        uvicorn.Config(
            create_app(store, keys),
            http=BoundedConnection,
            loop="registrar.event_loop:BoundedEventLoop",
            backlog=BACKLOG,
            h11_max_incomplete_event_size=MOST_HEADER_BYTES,
            log_config=log_config(Settings.read(store.folder).log),
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="off",
            timeout_graceful_shutdown=5,
            ssl_certfile=None if certificate is None else certificate.chain,
            ssl_keyfile=None if certificate is None else certificate.key,
        )
    )


class Server:
    """A registrar on a port of this machine's own, in a thread, as a context manager."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        """Open the data folder and take the port (0: a free one). Raises RegistrarError."""
        self.store = Store(folder)
        self.keys = Keys.of(self.store)
        self._socket = listen("127.0.0.1", port)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self._server = make_server(self.store, self.keys)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="registrar"
        )

    def enrol(self, booth_id: str, verify_key: VerifyKey) -> Enrolment:
        """Serve a booth from now on (`enrol_booth`). Raises UsageError."""
        return enrol_booth(self.store, self.keys, self.url, booth_id, verify_key)

    def __enter__(self) -> "Server":
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RegistrarError(f"{self.url}: the registrar did not start")
            time.sleep(0.01)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
