"""Writes a lock file's requirements for another machine's Python: lock_for.py LOCK VERSION.

pip's own --python-version chooses wheels by it, and still reads markers by the Python that it runs
on. Those for VERSION on 64-bit ARM's Linux are written to standard output, without their markers.
"""

import re
import sys
from pathlib import Path

from pip._vendor.packaging.markers import Marker

REQUIREMENT = re.compile(r"^(?P<pinned>[\w.-]+==\S+)(?: ; (?P<marker>[^\\]+?))? ?\\?$")


def main() -> int:
    """Write them."""
    lock, version = Path(sys.argv[1]), sys.argv[2]
    machine = {
        "python_version": version,
        "python_full_version": f"{version}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "platform_machine": "aarch64",
        "platform_system": "Linux",
        "sys_platform": "linux",
        "os_name": "posix",
    }
    wanted = True
    for line in lock.read_text().splitlines():
        if (found := REQUIREMENT.match(line)) is not None:
            marker = found["marker"]
            wanted = marker is None or Marker(marker).evaluate(machine)
            line = f"{found['pinned']} \\"
        if wanted:
            print(line)
    return 0


sys.exit(main())
