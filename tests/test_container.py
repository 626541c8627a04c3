"""The registrar's container has what the registrar imports, in the versions that are tested."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOMS = ("durable", "protocol", "registrar")


def imported(root: Path) -> Iterator[str]:
    """The first part of each absolute import in the container's rooms."""
    for room in ROOMS:
        for path in (root / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    yield from (name.name.partition(".")[0] for name in node.names)
                elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                    yield node.module.partition(".")[0]


def locked(path: Path) -> dict[str, str]:
    """The version of each package in a lock file."""
    found = re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==(\S+)", path.read_text("utf-8"), re.M)
    return dict(found)


def test_all_that_the_registrar_imports_is_installed(root: Path) -> None:
    there = locked(root / "requirements-registrar.lock")
    distributions = packages_distributions()
    for module in set(imported(root)) - sys.stdlib_module_names - set(ROOMS):
        names = {re.sub(r"[-_.]+", "-", name).lower() for name in distributions[module]}
        assert names & there.keys(), f"{module}: into tools/container/packages.txt, and make lock"


def test_both_locks_agree(root: Path) -> None:
    assert (
        locked(root / "requirements-registrar.lock").items()
        <= locked(root / "requirements.lock").items()
    )
