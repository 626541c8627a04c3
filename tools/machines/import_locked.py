"""Imports every package of a lock file that is installed, and says which cannot be.

import_locked.py LOCK. Packages that only this Python or this system lacks by the lock's own markers
are left out; that a package brings nothing to import is no fault.
"""

import importlib
import importlib.metadata
import re
import sys
from pathlib import Path

NAME = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)

LEFT_OUT = {
    "pytest-xdist": "a plug-in of pytest's",
    "setuptools": "pkg_resources is on its way out",
    "sounddevice": "MediaPipe asks for it; it wants PortAudio, and the booth keeps it out",
}
"""Whose import tells nothing."""


def modules_of(name: str) -> list[str]:
    """The modules at the top that a package brings."""
    files = importlib.metadata.files(name) or []
    tops = {file.parts[0] for file in files if len(file.parts) > 1 and file.name == "__init__.py"}
    tops |= {file.stem for file in files if len(file.parts) == 1 and file.suffix == ".py"}
    tops |= {
        file.name.split(".")[0] for file in files if len(file.parts) == 1 and ".so" in file.name
    }
    packages = {top for top in tops if top.isidentifier() and not top.startswith("__")}
    nested = {".".join(file.parts[:2]) for file in files if file.parts[0] not in packages}
    return sorted(packages) if packages or not nested else []


def main() -> int:
    """Import, and tell."""
    imported, absent, failed = 0, [], []
    for name in NAME.findall(Path(sys.argv[1]).read_text()):
        try:
            modules = [] if name in LEFT_OUT else modules_of(name)
        except importlib.metadata.PackageNotFoundError:
            absent.append(name)
            continue
        for module in modules:
            try:
                importlib.import_module(module)
            except Exception as error:  # whatever a library fails with is to be told
                failed.append(f"{name}: import {module}: {type(error).__name__}: {error}")
        imported += 1
    print(
        f"{imported} packages import; not for this Python or system: {', '.join(absent) or 'none'}"
    )
    print(*failed, sep="\n", end="\n" if failed else "")
    return 1 if failed else 0


sys.exit(main())
