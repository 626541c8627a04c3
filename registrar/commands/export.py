"""`registrar export`: write the photos as files."""

import argparse
from pathlib import Path

from registrar.commands.parsers import Subparsers


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its arguments; `data` declares the data folder."""
    parser = commands.add_parser("export", parents=[data], help="write the photos as files")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.set_defaults(command=export)


def export(arguments: argparse.Namespace) -> int:
    """Write each student's newest photo, with progress on stderr."""
    from rich.console import Console
    from rich.progress import Progress

    from registrar.export import export_photos
    from registrar.naming import LIST
    from registrar.store import Store

    store = Store(arguments.data)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("photos", total=store.counts().photographed)
        number = export_photos(store, arguments.folder, lambda: progress.advance(task))
    print(f"{arguments.folder}: {number} photos and {LIST}")
    return 0
