"""`kiosk export-diagnostics`: pack what helps to find a fault, and nothing of any person."""

import argparse
import io
import os
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kiosk.commands.output import print_remark, print_table
from kiosk.errors import UsageError

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "pack what helps to find a fault, and nothing of any person"

MORE = """\
As root it can read the journal: sudo kiosk export-diagnostics. Taken are versions, the
configuration in force (without names, phone numbers and keys), what status and doctor find, stock,
calibration, the models' digests, files' sizes and modes, and the journal of the last three days. Of
texts only words pass that the program itself is made of, and short numbers; a grey block stands for
what does not. Names, student numbers, codes, photos and keys are not taken: neither outbox nor
roster is opened for what is in it."""

KEPT_PRIVATE = 0o600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = MORE
    parser.add_argument(
        "--out", type=Path, metavar="FILE.tar.gz", help="(default: kiosk-diagnostics-BOOTH.tar.gz)"
    )


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Write the archive, and say what is in it."""
    from kiosk.commands.booth_user import become_booth_user
    from kiosk.config import load
    from kiosk.health import look_around
    from kiosk.health.diagnostics import gather, read_logs
    from kiosk.upkeep.redaction import vocabulary

    path: Path = args.out or Path(f"kiosk-diagnostics-{loaded.config.sync.booth_id}.tar.gz")
    with _open(path) as file:
        logs = read_logs()  # the booth's user may not
        if become_booth_user(loaded):
            loaded = load(args.config)
        site = look_around(loaded.config, thorough=False)
        entries = list(gather(loaded, site, logs, vocabulary()))
        _pack(file, entries)
    print_table(("file", "bytes"), ((name, str(len(text.encode()))) for name, text in entries))
    print(path)
    if not any(logs.values()):
        print_remark("kiosk: the journal could not be read, and is not in it: sudo kiosk …")
    print_remark(
        "kiosk: it names no person. Look into it (tar -xzf), and send it by e-mail or on a stick to"
        " who looks after the booths' software at your institution"
    )
    return 0


def _open(path: Path) -> BinaryIO:
    """Make the file, for its owner only; raises UsageError."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, KEPT_PRIVATE)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({error.strerror}); name another file with --out"
        ) from error
    return os.fdopen(handle, "wb")


def _pack(file: BinaryIO, entries: Iterable[tuple[str, str]]) -> None:
    """Pack texts into an archive that says nothing of who has made it."""
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, text in entries:
            data = text.encode()
            member = tarfile.TarInfo(f"kiosk-diagnostics/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    sys.stdout.flush()
