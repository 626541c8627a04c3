"""`registrar vault`: open photos for the web process, which then has no key; renew the key."""

import argparse
import os
import resource
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from registrar.commands.parsers import Subparsers
from registrar.errors import StoreError, UsageError

if TYPE_CHECKING:
    import socket


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its arguments; `data` declares the folder with the seal keys."""
    parser = commands.add_parser(
        "vault", parents=[data], help="open photos for the web process, which then has no key"
    )
    does = parser.add_mutually_exclusive_group(required=True)
    does.add_argument("--socket", type=Path, metavar="PATH", help="serve at this UNIX socket")
    does.add_argument(
        "--descriptor", type=int, metavar="N", help="serve at an inherited socket (systemd's is 3)"
    )
    does.add_argument(
        "--new-key",
        action="store_true",
        help="make a seal key for booths from now on, keep the one before, and end",
    )
    parser.add_argument(
        "--until-stdin-ends", action="store_true", help="end when standard input does"
    )
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop, or renew the key."""
    if arguments.new_key:
        return _renew(arguments.data)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no key and no photo in a core file
    from registrar.key_files import read_seal_keys
    from registrar.vault.local import LocalVault
    from registrar.vault.server import VaultServer

    vault = LocalVault(*read_seal_keys(arguments.data))
    server = VaultServer(_listening(arguments), vault)
    if arguments.until_stdin_ends:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    keys = 1 + len(vault.former_keys)
    print(f"registrar: the vault of {arguments.data} serves, with {keys} seal key(s)", flush=True)
    server.serve()
    return 0


def _listening(arguments: argparse.Namespace) -> "socket.socket":
    import socket

    from registrar.vault.server import listen_at

    if arguments.socket is not None:
        try:
            return listen_at(arguments.socket)
        except OSError as error:
            raise StoreError(
                f"{arguments.socket}: cannot be served at ({error.strerror or error}); name another"
                " path, of at most 107 bytes"
            ) from error
    try:
        return socket.socket(fileno=arguments.descriptor)
    except OSError as error:
        raise UsageError(f"--descriptor {arguments.descriptor}: is no socket") from error


def _end_with_stdin() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(0)


def _renew(folder: Path) -> int:
    from registrar.key_files import renew_seal_key

    former = renew_seal_key(folder)
    if former is None:
        print(f"registrar: made the seal key of {folder}")
        return 0
    print(
        f"registrar: made a new seal key; {former} opens what was sealed to the one before. Restart"
        " the vault and the registrar, give booths the new key (registrar booth add NAME prints"
        " it), and copy both files away"
    )
    return 0
