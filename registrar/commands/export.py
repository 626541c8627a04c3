"""`registrar export`: write the photos as files."""

import argparse
import sys
from pathlib import Path

from registrar.commands.parsers import Subparsers


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its arguments; `data` declares the data folder."""
    parser = commands.add_parser("export", parents=[data], help="write the photos as files")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.set_defaults(command=export)


def export(arguments: argparse.Namespace) -> int:
    """Write each student's newest photo, with progress on stderr; 1 where some were left out."""
    from rich.console import Console
    from rich.progress import Progress

    from registrar.export import export_photos
    from registrar.keys import Keys
    from registrar.naming import LIST
    from registrar.store import Store

    store = Store(arguments.data)
    vault = Keys.of(store).vault
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("photos", total=store.counts().photographed)
        done = export_photos(store, vault, arguments.folder, lambda: progress.advance(task))
    for reason in done.left_out:
        print(f"registrar: left out: {reason}", file=sys.stderr)
    print(f"{arguments.folder}: {done.photos} photos and {LIST}")
    return 1 if done.left_out else 0
