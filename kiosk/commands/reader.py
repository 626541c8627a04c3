"""`kiosk reader`: find out which device the code reader is, and how it is set up."""

import argparse
import sys
import termios
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_json, print_remark

if TYPE_CHECKING:
    from kiosk.config import Loaded
    from kiosk.reader.probe import Probed

HELP = "find out which device the code reader is, and how it is set up"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(metavar="ACTION", dest="action", required=True)
    probe = actions.add_parser(
        "probe",
        help="scan a code, and be told what to put into the configuration",
        description=(
            "Listen to every keyboard and serial line until a code is scanned; print what to put"
            " into the configuration, how the scanner types, and what would keep the booth from"
            " reading it (then it fails). Scan the code that is shown on the terminal, of which"
            " most is known, or any other; what a code says is not shown. The booth has its"
            " scanner to itself: stop it before."
        ),
    )
    probe.add_argument(
        "--seconds", type=_seconds, default=60.0, metavar="N", help="to wait at most (60)"
    )
    probe.add_argument(
        "--text", metavar="TEXT", help="what the code says that is scanned, if it is not that shown"
    )
    add_json(probe)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text} is no number from 1 to 3600")
    return seconds


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Wait for a scan, and say how the scanner is set up; fails where something is amiss."""
    from kiosk.reader import evdev, probing
    from kiosk.reader.probe import PROBE_TEXT, examine

    keyboards, ports = evdev.list_keyboards(), probing.list_serial_ports()
    if sys.stdout.isatty() and not args.json and args.text is None:
        _show_code(PROBE_TEXT)
    if not args.json:
        print_remark("scan a code now")
    with suppress(termios.error, OSError, ValueError):
        _quieten(sys.stdin.fileno())
    burst = probing.wait_for_scan(keyboards, ports, args.seconds, time.monotonic)
    found = examine(burst, args.text or PROBE_TEXT)
    if args.json:
        print_json(_as_json(found))
    else:
        _print(found)
    return FAILED if found.troubles else 0


def _quieten(terminal: int) -> None:
    """On the booth's own console the scanner types into this terminal, too: drop that at the end,
    so that no shell takes it for a command."""
    import atexit

    before = termios.tcgetattr(terminal)
    silent = list(before)
    silent[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(terminal, termios.TCSADRAIN, silent)
    atexit.register(termios.tcsetattr, terminal, termios.TCSAFLUSH, before)


def _show_code(text: str) -> None:
    """Draw a QR code on a terminal, two modules a character, dark on light whatever its colours."""
    import numpy as np
    import zxingcpp

    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    light = np.pad(
        np.asarray(zxingcpp.write_barcode_to_image(code, scale=1)) > 127, ((0, 1), (0, 0))
    )
    for upper, lower in zip(light[::2], light[1::2], strict=False):
        row = "".join(" ▄▀█"[2 * up + low] for up, low in zip(upper, lower, strict=True))
        print(f"\x1b[97;40m{row}\x1b[0m")


def _print(found: "Probed") -> None:
    import json

    def quoted(text: str) -> str:
        return json.dumps(text)

    print("[reader]")
    print(f"kind = {quoted(found.kind)}")
    print(f"{'name' if found.kind == 'evdev' else 'device'} = {quoted(found.name)}")
    for key, value in (("prefix", found.prefix), ("suffix", found.suffix)):
        if value:
            print(f"{key} = {quoted(value)}")
    how = (
        f"{1000 * found.pace:.1f} ms a character, longest pause {1000 * found.longest_pause:.0f} ms"
    )
    print(f"# {found.length} characters, then {found.end or 'nothing'}; {how}")
    if found.kind == "evdev":
        told = {"unknown": "not told: scan the code shown here for that"}
        print(f"# keyboard layout: {told.get(found.layout, found.layout)}")
    print("# where all codes are of one length, add: length = N")
    for trouble in found.troubles:
        print_remark(f"kiosk: {trouble}")


def _as_json(found: "Probed") -> dict[str, object]:
    return {
        "kind": found.kind,
        "name" if found.kind == "evdev" else "device": found.name,
        "length": found.length,
        "prefix": found.prefix,
        "suffix": found.suffix,
        "end": found.end,
        "layout": found.layout,
        "ms_per_character": round(1000 * found.pace, 2),
        "longest_pause_ms": round(1000 * found.longest_pause),
        "troubles": list(found.troubles),
    }
