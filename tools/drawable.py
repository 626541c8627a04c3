"""Write which characters the booth's fonts draw, for the registrar: `registrar/drawable.txt`.

Run it where the fonts of `tools/packages.sh` are installed, after they have changed:
`.venv/bin/python tools/drawable.py`.
"""

from itertools import pairwise
from pathlib import Path

from kiosk.display.text import load_font

PLANES = range(0x20, 0x40000)
"""Where letters are: what stands above is for special and private use."""

FILE = Path(__file__).parents[1] / "registrar" / "drawable.txt"


def find_ranges() -> list[tuple[int, int]]:
    """The ranges of code points that the booth's fonts draw, both ends among them."""
    font = load_font("regular")
    drawn = [point for point in PLANES if font.undrawable(chr(point)) == ""]
    begins = [drawn[0], *(after for before, after in pairwise(drawn) if after != before + 1)]
    ends = [*(before for before, after in pairwise(drawn) if after != before + 1), drawn[-1]]
    return list(zip(begins, ends, strict=True))


def write(ranges: list[tuple[int, int]]) -> str:
    """The file's text: a range a line, in hexadecimal."""
    return "".join(
        f"{first:X}-{last:X}\n" if first != last else f"{first:X}\n" for first, last in ranges
    )


if __name__ == "__main__":
    FILE.write_text(write(find_ranges()), "ascii")
