"""Whose a file is: what root makes among another's files becomes that other's.

Staff type `sudo` before a command once, and the service, who is somebody else, must still be able
to read and replace what the command left.
"""

import os
from contextlib import suppress
from pathlib import Path

ROOT = 0


def hand_over(made: int | Path, beside: Path, replaced: Path | None = None) -> None:
    """Give what root has made (a path or an open file) to the owner of the folder it lies in.

    `beside` is that folder. Where it is root's own, the file that is `replaced` keeps its owner.
    Does nothing for who is not root, and on file systems that know no owners.
    """
    if os.geteuid() != ROOT:
        return
    owner = beside.stat()
    if owner.st_uid == ROOT and replaced is not None:
        with suppress(FileNotFoundError):
            owner = replaced.stat()
    with suppress(OSError):  # exFAT and many shares keep no owners
        os.chown(made, owner.st_uid, owner.st_gid)


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner enters, and what is missing above it; raises OSError.

    Its owner is the one of the folder in which it is made, whoever makes it.
    """
    if folder.is_dir():
        return
    make_private_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    hand_over(folder, folder.parent)
