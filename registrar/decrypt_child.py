"""What runs an institution's decryptor, in a process of its own that is bounded.

A decryptor is a plug-in: an entry point of the group `registrar.decryptors` that names a function,
which makes a mapping of a capture code's text (docs/decryptors.md). It is somebody else's code.
"""

import importlib.metadata
import json
import os
import resource
import sys

GROUP = "registrar.decryptors"

MEMORY = 512 << 20
"""Bytes of address space."""
CPU_SECONDS = 5
MOST_WRITTEN = 65_536
"""Bytes of an answer, and of any file."""

NOT_INSTALLED = 4
"""Exit status where there is no such plug-in; 1, as Python has it, where it failed."""


def find(name: str) -> importlib.metadata.EntryPoint | None:
    """Find the plug-in of a name; None where none is installed."""
    return next(iter(importlib.metadata.entry_points(group=GROUP, name=name)), None)


def main() -> None:
    """Open the code in standard input by the plug-in that is named, and write what it says."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    answer = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what it prints is no answer
    code = sys.stdin.buffer.read().decode()
    plug_in = find(sys.argv[1])
    if plug_in is None:
        sys.exit(NOT_INSTALLED)
    os.write(answer, json.dumps(plug_in.load()(code)).encode())
