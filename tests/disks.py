"""Disks that turn read-only and back, for the tests of what the booth keeps."""

import subprocess
from pathlib import Path


def remount(disk: Path, how: str) -> None:
    """Remount a test's disk (the fixture `card`) as `ro` or `rw`."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)
