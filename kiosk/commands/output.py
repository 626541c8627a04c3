"""How commands print: JSON lines for programs; tables and remarks for people."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from kiosk.health import Finding

WORDS = {"ok": "ok", "warn": "warn", "fail": "FAIL", "unknown": "–"}
"""How a finding's verdict is told, without colour too."""

STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red", "unknown": "dim"}


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


def print_findings(findings: Sequence["Finding"], *, spare_parts: bool) -> None:
    """Print what checks found: on a terminal as wide as it is, elsewhere a finding a line."""
    if sys.stdout.isatty():
        from rich.console import Console

        # Colours go where $NO_COLOR is set, or the terminal has none.
        Console(highlight=False).print(tabulate(findings, spare_parts=spare_parts))
        return
    for found in findings:
        line = f"{WORDS[found.verdict]:4} {found.check:11} {found.says}"
        print(" ".join((line, *_ways_out(found, spare_parts=spare_parts))))


def print_verdict(line: str) -> None:
    """Print the line that says how all stands, on a terminal in the colour of its first word."""
    word = line.partition(":")[0]
    style = {"OK": "bold green", "WARNING": "bold yellow"}.get(word, "bold red")
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.text import Text

        Console().print(Text(line, style), soft_wrap=True)
    else:
        print(line)


def tabulate(findings: Sequence["Finding"], *, spare_parts: bool) -> "Table":
    """Findings as a table for a terminal; a check that found several things is named once."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 1))
    before = ""
    for found in findings:
        says = Text(found.says, "dim" if found.verdict == "unknown" else "")
        for way_out in _ways_out(found, spare_parts=spare_parts):
            says.append(f"\n{way_out}", "cyan")
        name = found.check if found.check != before else ""
        table.add_row(Text(WORDS[found.verdict], STYLES[found.verdict]), name, says)
        before = found.check
    return table


def _ways_out(found: "Finding", *, spare_parts: bool) -> list[str]:
    part = found.as_json()["spare_part"] if spare_parts else ""
    told = (
        f"→ {found.next_step}" if found.next_step else "",
        f"spare part: {part}" if part else "",
    )
    return [way_out for way_out in told if way_out]


def print_remark(text: str) -> None:
    """Print a line for whoever types on standard error."""
    print(text, file=sys.stderr)


def outcome(ok: bool | None) -> str:
    """The word for a check's outcome; None is one that could not be judged."""
    return {True: "ok", False: "FAIL", None: "not judged"}[ok]
