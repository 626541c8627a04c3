"""`registrar openapi`: print the description of the booths' protocol."""

import argparse

from registrar.commands.parsers import Subparsers


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command; it needs no data folder."""
    parser = commands.add_parser("openapi", help="print the booths' protocol as OpenAPI (JSON)")
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Print it, of the application over an empty folder."""
    import json
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from registrar.app import create_app
    from registrar.keys import Keys
    from registrar.openapi import describe
    from registrar.store import Store

    with TemporaryDirectory(prefix="registrar-openapi-") as folder:
        store = Store(Path(folder) / "data")
        print(json.dumps(describe(create_app(store, Keys.of(store))), indent=1, ensure_ascii=False))
        store.database.close()
    return 0
