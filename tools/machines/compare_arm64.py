"""Compares what `check` and `standardise` found here and on arm64: compare_arm64.py FOLDER.

The same models run on other kernels there (XNNPACK's and MLAS's for NEON instead of AVX): they add
up in another order, so that floats of 32 bits differ from their 7th digit on. A network hands that
on a little enlarged, and a measure that counts pixels above a threshold moves by some pixels. What
must not differ is what is decided.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

VALUE = 0.02
"""How far a rule's value may be from this machine's, of the larger of itself and the distance to
its nearer bound: a fiftieth of what would change its verdict."""

MEAN, MOST_PIXELS, LARGE = 0.3, 0.002, 8
"""Mean difference of the photos in 8-bit codes; and the share of pixels that differ by more than
LARGE codes: where hair meets the background a pixel of the cut-out may go either way."""


def tolerance(value: float, bounds: list[float] | None) -> float:
    """How far a value may be off."""
    nearer = min(abs(value - bound) for bound in bounds) if bounds else 0.0
    return VALUE * max(abs(value), nearer)


def compare_rules(folder: Path) -> bool:
    """Compare each rule's value and verdict."""
    here, there = (
        json.loads((folder / f"check-{name}.json").read_text()) for name in ("here", "arm64")
    )
    same = bool(
        here["verdict"] == there["verdict"] and here["rules"].keys() == there["rules"].keys()
    )
    worst = (0.0, "")
    for name, rule in here["rules"].items():
        other, value = there["rules"][name], rule["value"]
        if rule["ok"] != other["ok"] or (value is None) != (other["value"] is None):
            print(f"{name}: {value} ({rule['ok']}) here, {other['value']} ({other['ok']}) there")
            same = False
        elif value is not None and (off := abs(value - other["value"])) > 0:
            share = off / (tolerance(value, rule["bounds"]) or 1e-9)
            worst = max(worst, (share, name))
            if share > 1:
                print(f"{name}: {value} here, {other['value']} there: too far apart")
                same = False
    print(
        f"check: {here['verdict']} here, {there['verdict']} on arm64; {len(here['rules'])} rules,"
        f" of which {worst[1] or 'none'} differs most: {100 * worst[0]:.1f} % of what it may"
    )
    return same


def compare_photos(folder: Path) -> bool:
    """Compare the photos' pixels."""
    one, other = (
        np.asarray(Image.open(folder / f"photo-{name}.jpg"), np.int16) for name in ("here", "arm64")
    )
    if one.shape != other.shape:
        print(f"photo: {one.shape} here, {other.shape} on arm64")
        return False
    off = np.abs(one - other).max(2)
    large = float((off > LARGE).mean())
    print(
        f"photo: {off.mean():.4f} codes apart on average (at most {MEAN}), {off.max()} at most;"
        f" {100 * large:.4f} % of pixels by more than {LARGE} (at most {100 * MOST_PIXELS} %)"
    )
    return bool(off.mean() <= MEAN and large <= MOST_PIXELS)


def main() -> int:
    """Compare both, and tell."""
    folder = Path(sys.argv[1])
    alike = [compare_rules(folder), compare_photos(folder)]
    print("arm64 finds what this machine finds" if all(alike) else "arm64 finds something else")
    return 0 if all(alike) else 1


sys.exit(main())
