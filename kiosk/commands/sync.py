"""`kiosk sync`: hand what waits to the registrar, and fetch the roster."""

import argparse
import sys
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_json, print_remark

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "hand what waits to the registrar, and fetch the roster"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_json(parser)
    parser.add_argument(
        "--retry-refused", action="store_true", help="send again what the registrar refused"
    )


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Send, fetch, and tell how many went; fails where the registrar refused one."""
    from kiosk.booth.registrar_link import open_client
    from kiosk.sync.outbox import Outbox
    from kiosk.sync.run import REFUSAL_WORDS, sync_once

    client, _ = open_client(loaded.config)
    outbox = Outbox(loaded.config.sync.outbox)

    if args.retry_refused:
        outbox.retry_refused()

    def show_progress(done: int, total: int) -> None:
        if not args.json:
            print(f"\r{done} of {total}", end="" if done < total else "\n", file=sys.stderr)

    with client:
        result = sync_once(outbox, client, loaded.config.sync.roster, show_progress)
    row = {"sent": result.sent, "refused": result.refused, "pending": result.pending}
    reasons = outbox.refusals() if result.refused else {}
    for reason, number in reasons.items():
        print_remark(f"kiosk: {number} refused: {REFUSAL_WORDS[reason]}")
    if args.json:
        print_json(row | {"reasons": reasons, "roster": len(result.extract)})
    else:
        print(
            f"{result.sent} sent, {result.refused} refused by the registrar, {result.pending}"
            f" waiting; the roster has {len(result.extract)} entries"
        )
    return FAILED if result.refused else 0
