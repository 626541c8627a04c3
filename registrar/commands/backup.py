"""`registrar backup` and `registrar restore`: a copy of everything, and the way back."""

import argparse
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from registrar.commands.parsers import Subparsers
from registrar.errors import UsageError

if TYPE_CHECKING:
    from registrar.backup_keys import KeyBox


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare both commands and their arguments; `data` declares the data folder."""
    backup = commands.add_parser(
        "backup", parents=[data], help="copy database, photos and keys into one file"
    )
    backup.add_argument("file", type=Path, metavar="FILE", help="a file that is not there yet")
    keys = backup.add_mutually_exclusive_group()
    _add_passphrase(keys)
    keys.add_argument(
        "--without-keys", action="store_true", help="leave the keys out: copy them by yourself"
    )
    backup.set_defaults(command=make_backup)

    restore = commands.add_parser(
        "restore", parents=[data], help="bring a backup back into an empty data folder"
    )
    restore.add_argument("file", type=Path, metavar="FILE")
    _add_passphrase(restore)
    restore.set_defaults(command=restore_backup)


def _add_passphrase(parser: "argparse._ActionsContainer") -> None:
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="the keys' passphrase, in one line (default: it is asked for)",
    )


def make_backup(arguments: argparse.Namespace) -> int:
    """Write a backup, and say what it holds."""
    from datetime import UTC, datetime

    from registrar import audit
    from registrar.backup import back_up
    from registrar.store import Store

    store = Store(arguments.data)
    keys = None if arguments.without_keys else _seal(arguments)
    now = datetime.now(UTC)
    photos = back_up(store, arguments.file, keys, now)
    with store.database.transaction() as db:
        audit.append(
            db,
            now,
            "command",
            "backup.make",
            "registrar",
            user=getpass.getuser(),
            keys=keys is not None,
            photos=photos,
        )
    size = arguments.file.stat().st_size / 1e6
    print(f"{arguments.file}: {photos} photos, database and rosters; {size:.1f} MB")
    _say_keys(arguments.data, keys)
    print(
        "registrar: students' names and numbers can be read in it, photos only with the keys:"
        " keep it where the data folder could lie",
        file=sys.stderr,
    )
    return 0


def _say_keys(folder: Path, keys: "KeyBox | None") -> None:
    """Say plainly what of the keys the backup has, and what has to be copied besides."""
    if keys is None:
        said = f"the keys are NOT in it: copy {folder}/*.key away too, or no photo is ever opened"
    elif not (folder / "seal.key").exists():
        said = (
            "the key that signs is in it, sealed; the seal keys are NOT: they lie with the vault,"
            " copy its folder's seal*.key away too, or no photo is ever opened"
        )
    else:
        said = "the keys are in it, sealed by the passphrase: without it no photo is ever opened"
    print(f"registrar: {said}", file=sys.stderr)


def restore_backup(arguments: argparse.Namespace) -> int:
    """Bring a backup back, and say what is still to do; 1 where photos are missing."""
    from datetime import UTC, datetime

    from registrar import audit
    from registrar.restore import made_at, restore
    from registrar.store import Store

    folder: Path = arguments.data
    done = restore(arguments.file, folder, lambda: _passphrase(arguments, twice=False))
    with Store(folder).database.transaction() as db:
        audit.append(
            db,
            datetime.now(UTC),
            "command",
            "backup.restore",
            "registrar",
            user=getpass.getuser(),
            made_at=done.start.made_at,
            photos=done.photos,
        )
    keys = ", ".join(done.keys) or "no keys"
    print(
        f"{folder}: {done.photos} photos and the database, as they were at"
        f" {made_at(done.start):%Y-%m-%d %H:%M} UTC; {keys}"
    )
    if "seal.key" not in done.keys:
        print(f"registrar: bring the keys back: {folder}/*.key, or its vault's", file=sys.stderr)
    if done.settings is not None:
        print(
            f"registrar: its settings lie in {done.settings}: take from them what is to hold here",
            file=sys.stderr,
        )
    print(
        "registrar: erase once more whom you erased since then; then run registrar doctor --all",
        file=sys.stderr,
    )
    if done.missing:
        print(
            f"registrar: {done.missing} photos have no pixels: they were erased while the backup"
            " was made",
            file=sys.stderr,
        )
    return 1 if done.missing else 0


def _seal(arguments: argparse.Namespace) -> "KeyBox":
    from registrar.backup_keys import KeyBox

    return KeyBox.seal(arguments.data, _passphrase(arguments, twice=True))


def _passphrase(arguments: argparse.Namespace, *, twice: bool) -> str:
    path: Path | None = arguments.passphrase_file
    if path is not None:
        try:
            return path.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: the passphrase cannot be read ({error})") from error
    if not sys.stdin.isatty():
        raise UsageError("passphrase: nobody is here to ask; give --passphrase-file")
    said = getpass.getpass("Passphrase of the keys: ")
    if twice and getpass.getpass("Once more: ") != said:
        raise UsageError("passphrase: was not the same twice")
    return said
