"""How commands print: JSON lines for programs; tables and remarks for people."""

import json
import sys
from collections.abc import Iterable
from typing import Any


def print_json(row: dict[str, Any]) -> None:
    """Print one object as a line of JSON on standard output."""
    print(json.dumps(row, ensure_ascii=False), flush=True)


def print_table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """Print a table on standard output, with the columns' titles above."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console(soft_wrap=True).print(table)


def print_remark(text: str) -> None:
    """Print a line for whoever types on standard error."""
    print(text, file=sys.stderr)


def outcome(ok: bool | None) -> str:
    """The word for a check's outcome; None is one that could not be judged."""
    return {True: "ok", False: "FAIL", None: "not judged"}[ok]
