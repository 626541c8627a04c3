"""`registrar serve`: serve booths, and the desk's pages for staff."""

import argparse
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from registrar.commands.parsers import PORT, Subparsers
from registrar.errors import UsageError
from registrar.metrics_folder import counting_together

if TYPE_CHECKING:
    from registrar.serve import Certificate
    from registrar.store import Store
    from registrar.vault.client import VaultClient


MOST_WORKERS = 64
"""More than any machine's cores are of use."""


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its arguments; `data` declares the data folder."""
    parser = commands.add_parser("serve", parents=[data], help="serve booths, and pages for staff")
    parser.add_argument("--host", default="127.0.0.1", help="address (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=PORT, help="port (default: %(default)s)")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="TLS: PEM chain")
    parser.add_argument("--certificate-key", type=Path, metavar="FILE", help="TLS: PEM key")
    parser.add_argument(
        "--vault", type=Path, metavar="SOCKET", help="a vault that runs (default: one beside this)"
    )
    parser.add_argument(
        "--workers", type=_workers, default=1, metavar="N", help="processes (default: %(default)s)"
    )
    parser.set_defaults(command=serve)


def serve(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    with counting_together(arguments.workers):
        return _serve(arguments)


def _serve(arguments: argparse.Namespace) -> int:
    from registrar.channels import open_channels
    from registrar.connections import raise_handle_limit
    from registrar.keys import Keys
    from registrar.notifier import notifying
    from registrar.serve import check_exposure, listen, make_server
    from registrar.settings import Settings
    from registrar.store import Store
    from registrar.vault.client import VaultClient
    from registrar.workers import run_workers

    certificate = _certificate(arguments.certificate, arguments.certificate_key)
    check_exposure(arguments.host, certificate)
    store = Store(arguments.data)
    channels = open_channels(Settings.read(arguments.data).notices)
    raise_handle_limit()
    signal.signal(signal.SIGTERM, _leave)
    with (
        listen(arguments.host, arguments.port) as socket,
        _vault(store, arguments.vault) as vault,
    ):
        keys = Keys.of(store, vault)
        scheme = "http" if certificate is None else "https"
        host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
        try:
            server = make_server(store, keys, certificate)
            server.config.load()
        except OSError as error:
            raise UsageError(
                f"{arguments.certificate}: TLS cannot use it with {arguments.certificate_key} "
                f"({error.strerror}); give a PEM certificate and its key"
            ) from error
        print(
            f"registrar: serves {scheme}://{host}:{socket.getsockname()[1]}/ "
            f"from {arguments.data}; Ctrl-C ends it",
            flush=True,
        )
        if arguments.workers == 1:
            with notifying(store.database, channels):
                server.run(sockets=[socket])
            return 0
        store.database.close()

        def work() -> None:
            own = Store(arguments.data)
            own_server = make_server(own, Keys.of(own, VaultClient(vault.path)), certificate)
            with notifying(own.database, channels):
                own_server.run([socket])

        run_workers(arguments.workers, work)
    return 0


@contextmanager
def _vault(store: "Store", path: Path | None) -> Iterator["VaultClient"]:
    """The vault that runs at a path, or at the settings' own, or else one beside this process."""
    from registrar.keys import make_seal_key
    from registrar.settings import Settings
    from registrar.vault.client import VaultClient
    from registrar.vault.process import vault_beside

    path = path or Settings.read(store.folder).vault
    if path is not None:
        yield VaultClient(path)
        return
    make_seal_key(store)
    with vault_beside(store.folder) as vault:
        yield vault


def _leave(number: int, frame: object) -> None:
    """End as by Ctrl-C: uvicorn raises the signal once more when it has stopped."""
    raise SystemExit(0)


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:4]) <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r}: 1 to {MOST_WORKERS} workers serve")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def _certificate(chain: Path | None, key: Path | None) -> "Certificate | None":
    from registrar.serve import Certificate

    if chain is None and key is None:
        return None
    if chain is None or key is None:
        raise UsageError("--certificate and --certificate-key: one needs the other")
    return Certificate(chain, key)
