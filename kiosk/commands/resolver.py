"""`kiosk resolver`: answer the booth's questions about capture codes."""

import argparse
import signal
import sys
from typing import TYPE_CHECKING

from kiosk.commands.output import print_remark
from kiosk.errors import UsageError

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "answer the booth's questions about capture codes; the booth itself has no network"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none: all is configured."""


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Serve until stopped."""
    from kiosk.sync.enrolment import open_client
    from kiosk.sync.resolver import ResolverServer, ask_registrar

    settings = loaded.config.sync
    open_client(settings).close()  # what is configured wrongly is told at once
    try:
        server = ResolverServer(settings.socket, ask_registrar(settings))
    except OSError as error:
        raise UsageError(
            f"{settings.socket}: the resolver cannot listen there ({error.strerror});"
            " name another place with sync.socket"
        ) from error
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print_remark(f"kiosk: answers at {settings.socket}; Ctrl-C ends it")
    try:
        server.serve_forever()
    finally:
        server.server_close()
        settings.socket.unlink(missing_ok=True)
    return 0
