"""`kiosk pin`: set the PIN of the staff's menu."""

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from kiosk.commands.output import print_remark
from kiosk.errors import UsageError

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "set the PIN that opens the staff's menu on the screen"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments: none, since who else is there would read a PIN in them."""


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Ask for a PIN twice, unseen, and keep its hash beside the outbox."""
    import secrets
    from getpass import getpass

    from kiosk.staff.pin import hash_pin, pin_path, write_pin

    if not sys.stdin.isatty():
        raise UsageError("a PIN is typed, and not seen: run `kiosk pin` in a terminal")
    path = pin_path(loaded.config.sync.outbox)
    try:
        pin = hash_pin(ask_twice(getpass), secrets.token_bytes)
    except EOFError:
        raise UsageError("no PIN was typed; the one before, if any, is kept") from None
    write_pin(path, pin)
    print_remark(f"The PIN is set ({path}). Hold a finger on the top of the screen for 2 s.")
    return 0


def ask_twice(ask: Callable[[str], str]) -> str:
    """The digits that were typed twice alike; raises UsageError."""
    from kiosk.staff.pin import LONGEST, SHORTEST, find_pin_fault

    digits = ask(f"New PIN, {SHORTEST} to {LONGEST} digits: ")
    if (fault := find_pin_fault(digits)) is not None:
        raise UsageError(f"this PIN is not taken: {fault}; choose another")
    if ask("Once more: ") != digits:
        raise UsageError("the two PINs differ; the one before, if any, is kept: try again")
    return digits
