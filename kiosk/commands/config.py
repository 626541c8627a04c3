"""`kiosk config`: print the configuration in force."""

import argparse
from typing import TYPE_CHECKING

from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_json, print_table

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "print the configuration in force, and from where"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_json(parser)


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Print every key with its value and where that comes from."""
    from kiosk.config import describe
    from kiosk.sync.configuration import with_configuration

    rows = describe(with_configuration(loaded))
    if args.json:
        for row in rows:
            print_json({"key": row.key, "value": row.value, "from": row.origin})
    else:
        print_table(("key", "value", "from"), ((r.key, str(r.value), r.origin) for r in rows))
    return 0
