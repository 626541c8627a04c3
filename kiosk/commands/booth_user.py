"""Who types `sudo kiosk …` becomes the booth's user, so that the booth can use what is written."""

import ctypes
import os
import pwd
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.errors import UsageError

if TYPE_CHECKING:
    from kiosk.config import Loaded

ROOT = 0

DEVICE_GROUPS = ("video", "render", "input", "gpio", "i2c", "spi", "audio", "dialout", "tty")
"""The groups that the booth's unit has beside its user's, for the devices."""


INSTALLED_STATE = Path("/var/lib/kiosk")
"""The state folder of the booth's unit."""


def keep_to_unit(
    file: Path | None,
    environ: MutableMapping[str, str] = os.environ,
    installed: Path | None = None,
    state: Path = INSTALLED_STATE,
) -> None:
    """Have what the booth's configuration leaves out lie where its unit has it.

    systemd names the unit's folder to it alone ($STATE_DIRECTORY); who types a command with the
    installed configuration (`file`, else $KIOSK_CONFIG, else `installed`) means the same booth.
    """
    from kiosk.config import INSTALLED

    installed = installed or INSTALLED
    named = file or Path(environ.get("KIOSK_CONFIG") or installed)
    with suppress(PermissionError):  # that it may not be read is told as it is read
        if named == installed and named.exists() and state.is_dir():
            environ.setdefault("STATE_DIRECTORY", str(state))


def become_booth_user(loaded: "Loaded") -> bool:
    """Become the user whose the booth's folder is, for good, where this is root and it is not.

    Raises UsageError where that user cannot read the configuration, and for who is neither.
    """
    folder = loaded.config.sync.outbox.parent
    owner, me = _find_owner(folder), os.geteuid()
    if owner is None or owner.pw_uid == me:
        return False
    if me != ROOT:
        if os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            return False
        raise UsageError(
            f"{folder}: belongs to the booth's user {owner.pw_name}; type sudo before the command"
        )
    groups = {*os.getgrouplist(owner.pw_name, owner.pw_gid), *_device_groups()}
    os.setgroups(sorted(groups))
    os.setgid(owner.pw_gid)
    os.setuid(owner.pw_uid)
    _keep_own_proc()
    os.environ.update(HOME=owner.pw_dir, USER=owner.pw_name, LOGNAME=owner.pw_name)
    if loaded.file is not None and not os.access(loaded.file, os.R_OK):
        name = owner.pw_name
        raise UsageError(
            f"{loaded.file}: the booth's user {name} cannot read the configuration;"
            f" sudo chgrp {name} {loaded.file} && sudo chmod 640 {loaded.file}, and each folder"
            " above it must let it through"
        )
    return True


def _keep_own_proc() -> None:
    """Have /proc/self be this process's own again, which leaving the network writes to.

    The kernel gives it to root once a process has changed its user (PR_SET_DUMPABLE, prctl(2)).
    """
    set_dumpable = 4
    ctypes.CDLL(None).prctl(set_dumpable, 1, 0, 0, 0)


def _find_owner(folder: Path) -> pwd.struct_passwd | None:
    """Whose a folder is; None where it is not there, or its owner has no name."""
    with suppress(OSError, KeyError):
        return pwd.getpwuid(folder.stat().st_uid)
    return None


def _device_groups() -> set[int]:
    import grp

    found = set()
    for name in DEVICE_GROUPS:
        with suppress(KeyError):
            found.add(grp.getgrnam(name).gr_gid)
    return found
