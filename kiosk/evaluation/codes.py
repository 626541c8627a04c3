"""Capture codes on damaged telephones: how many the booth reads, against each library alone."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from zlib import crc32

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar

from kiosk.camera.frame import Picture
from kiosk.config import Config
from kiosk.evaluation.code_pictures import DAMAGES, CodePicture, draw_code, draw_no_code
from kiosk.evaluation.rates import Rate
from kiosk.evaluation.rows import Row
from kiosk.reader.qr import decode, decode_quickly
from kiosk.reader.qr_modules import QR_CODES

PICTURES = 40
"""Of each damage."""

WITHOUT = 10_000
"""Pictures without a code."""

QUICK_SHARE = 10
"""So many times fewer of each damage, where it has to be quick; by its square of those without."""

GOALS: Mapping[str, float] = MappingProxyType({"cracked": 90.0})
"""Per cent of a damage's codes that are to be read; of any other as many as by the best alone."""

OTHERS_GOAL = 98.0
"""Per cent over all other damages together."""

ABOVE_ZBAR = 20.0
"""Percentage points over all by which pyzbar alone is to be passed."""

MOST_MS = 25.0
"""For one picture of a stream."""


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Read codes of every damage, and look at pictures that have none."""
    share = QUICK_SHARE if quick else 1
    drawn: dict[str, list[CodePicture]] = {
        damage: [
            draw_code(damage, np.random.default_rng([crc32(damage.encode()), number]))
            for number in range(PICTURES // share)
        ]
        for damage in DAMAGES
    }
    read: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for damage, pictures in drawn.items():
        hits = {name: _count(reader, pictures) for name, reader in _READERS.items()}
        read.update(hits)
        best = 100 * (max(hits[name] for name in _ALONE) / len(pictures))
        goal = max(GOALS.get(damage, 0.0), best)
        rate = Rate(damage, hits["booth"], len(pictures), goal, False)
        low, high = rate.interval
        unit = f"% of {rate.total} ({100 * low:.0f} to {100 * high:.0f})"
        yield Row("codes", f"{damage} read", 100 * rate.share, unit, goal, rate.holds, best)
        if damage not in GOALS:
            others += Counter(read=hits["booth"], of=len(pictures))
    share_read = 100 * others["read"] / others["of"]
    name = f"read of all but {', '.join(GOALS)}"
    yield Row.at_least("codes", name, share_read, f"% of {others['of']}", OTHERS_GOAL)
    total = sum(map(len, drawn.values()))
    ours, zbar = 100 * read["booth"] / total, 100 * read["zbar"] / total
    yield Row.at_least("codes", "read of all", ours, f"% of {total}", zbar + ABOVE_ZBAR, zbar)
    yield _time([picture for pictures in drawn.values() for picture in pictures])
    yield _count_false(WITHOUT // share**2)


def _count_false(number: int) -> Row:
    """Look at pictures without a code, as the booth does at a stream of them."""
    false = sum(
        bool(decode_quickly(draw_no_code(np.random.default_rng([0, turn])), turn))
        for turn in range(number)
    )
    return Row.at_most("codes", "read where no code is", false, f"of {number}", 0)


def _time(pictures: list[CodePicture]) -> Row:
    """Time the booth's look at one picture of a stream against pyzbar's, in turns."""
    spent: dict[str, list[float]] = {"booth": [], "zbar": []}
    for turn, each in enumerate(pictures):
        began = time.perf_counter()
        decode_quickly(each.picture, turn)
        between = time.perf_counter()
        _zbar(each.picture)
        spent["booth"].append(between - began)
        spent["zbar"].append(time.perf_counter() - between)
    ours, zbar = (1000 * float(np.mean(times)) for times in spent.values())
    return Row.at_most("codes", "one picture of a stream, mean", ours, "ms", MOST_MS, zbar)


def _count(reader: Callable[[Picture], str | None], pictures: list[CodePicture]) -> int:
    return sum(reader(each.picture) == each.text for each in pictures)


def _zxing(picture: Picture) -> str | None:
    found = zxingcpp.read_barcode(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), QR_CODES)
    return found.text if found else None


def _zbar(picture: Picture) -> str | None:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    found = pyzbar.decode(grey, [pyzbar.ZBarSymbol.QRCODE])
    return found[0].data.decode("utf-8", "replace") if found else None


def _opencv(picture: Picture) -> str | None:
    try:
        text, *_ = cv2.QRCodeDetector().detectAndDecode(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    except cv2.error:
        return None
    return text or None


_ALONE = ("zxing", "zbar", "opencv")
_READERS: Mapping[str, Callable[[Picture], str | None]] = MappingProxyType(
    {"booth": decode, "zxing": _zxing, "zbar": _zbar, "opencv": _opencv}
)
