"""`kiosk models`: list the models, or fetch those that are missing."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_json, print_remark, print_table

if TYPE_CHECKING:
    from kiosk.config import Loaded
    from kiosk.models import Status

HELP = "list the models, or fetch those that are missing"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--fetch", action="store_true")
    parser.add_argument("--mirror", type=Path, metavar="DIR", help="look here before elsewhere")
    add_json(parser)


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Tell each model's state, after a fetch if asked; fails where a required one is missing."""
    from kiosk.models import fetch, load_manifest, status

    models = load_manifest().values()
    settings = loaded.config.models
    if args.fetch:
        rows = fetch(models, settings.store, args.mirror or settings.mirror, print_remark)
    else:
        rows = status(models, settings.store)
    if args.json:
        for row in rows:
            print_json(row.as_json())
    else:
        print_table(
            ("model", "bytes", "licence", "state"),
            (
                (row.model.name, f"{row.model.bytes:,}", row.model.licence, _state(row))
                for row in rows
            ),
        )
    return 0 if all(row.ok or not row.model.required for row in rows) else FAILED


def _state(row: "Status") -> str:
    return "ok" if row.ok else f"{'' if row.model.required else '(optional) '}{row.error}"
