"""`registrar bench`: measure the registrar on this machine."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from registrar.commands.parsers import Subparsers


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its benches; none touches the data folder."""
    benches = commands.add_parser("bench", help="measure on this machine").add_subparsers(
        required=True, metavar="BENCH"
    )
    intake = benches.add_parser("intake", help="photos a second, and how soon they are answered")
    intake.add_argument("--photos", type=_count, default=1500, metavar="N", help="to send each way")
    intake.add_argument("--rows", type=_count, default=20_000, metavar="N", help="in the roster")
    intake.add_argument("--workers", type=_count, default=2, metavar="N", help="processes")
    intake.add_argument(
        "--settings", type=Path, metavar="FILE", help="a registrar.toml: another storage"
    )
    intake.add_argument("--json", action="store_true", help="print JSON")
    intake.set_defaults(command=bench_intake)

    faults = benches.add_parser("faults", help="every photo once, whatever fails")
    faults.add_argument("--photos", type=_count, default=2000, metavar="N", help="to send")
    faults.add_argument("--booths", type=_count, default=20, metavar="N", help="that send")
    faults.add_argument(
        "--settings", type=Path, metavar="FILE", help="a registrar.toml: another storage"
    )
    faults.add_argument("--disturb", metavar="COMMAND", help="is run now and then, by the shell")
    faults.add_argument(
        "--disk", type=Path, action="append", default=[], metavar="FOLDER",
        help="where the other storage lies, to look for what must not be readable there",
    )  # fmt: skip
    faults.add_argument(
        "--patience", type=_count, default=1800, metavar="S", help="seconds it may take"
    )
    faults.add_argument("--json", action="store_true", help="print JSON")
    faults.set_defaults(command=bench_faults)


def bench_faults(arguments: argparse.Namespace) -> int:
    """Send photos through a bad network past processes that are killed; 1 where one was harmed."""
    from registrar.bench.faults import measure_faults

    found = measure_faults(
        arguments.photos,
        arguments.booths,
        arguments.settings,
        arguments.disturb,
        arguments.patience,
        arguments.disk,
    )
    if arguments.json:
        print(json.dumps(asdict(found), indent=1))
    else:
        print(
            f"{found.photos} photos from {found.booths} booths in {found.seconds:.0f} s:"
            f" {found.held} held, {found.held_twice} twice, {found.lost} lost,"
            f" {found.altered} altered; readable on the wire {found.readable_on_the_wire},"
            f" on a disk {found.readable_on_a_disk}"
        )
        for what, counts in (("killed", found.kills), ("connections", found.network)):
            print(f"{what}: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
        for words, count in found.said.items():
            print(f"{count:6} times a booth heard: {words}")
    return 0 if found.is_sound else 1


def bench_intake(arguments: argparse.Namespace) -> int:
    """Measure intake, with the roster's rows and with ten times as many."""
    from registrar.bench.intake import measure_intake

    small, large = (
        measure_intake(rows, arguments.photos, arguments.workers, arguments.settings)
        for rows in (arguments.rows, 10 * arguments.rows)
    )
    figures = {
        "rows": asdict(small),
        "ten_times_the_rows": asdict(large),
        "cost_with_ten_times_the_rows": large.cost / small.cost,
    }
    if arguments.json:
        print(json.dumps(figures, indent=1))
        return 0
    for found in (small, large):
        print(
            f"{found.rows} records: {found.rate:.0f} photos a second; at {found.half_rate:.0f},"
            f" answers within {found.median * 1000:.0f} ms (median), {found.p99 * 1000:.0f} ms"
            f" (99 %), {found.cost * 1000:.1f} ms of processor a photo;"
            f" memory {found.memory_before:.0f} MiB before, {found.memory_after:.0f} after;"
            f" {found.refused} not taken"
        )
    print(f"cost with ten times the rows: {large.cost / small.cost:.2f}")
    return 0


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:8]) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r}: 1 to 1,000,000 is wanted")
    return int(text)
