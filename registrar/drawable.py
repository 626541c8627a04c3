"""Which characters booths have a glyph for; of any other they show the code in a frame."""

from bisect import bisect_right
from functools import cache, lru_cache
from importlib.resources import files


@lru_cache(maxsize=10_000)
def find_undrawable(text: str) -> str:
    """The characters of a text that no font of a booth has, each once."""
    if text.isascii():
        return ""
    return "".join(dict.fromkeys(char for char in text if not _is_drawable(char)))


@lru_cache(maxsize=10_000)
def _is_drawable(char: str) -> bool:
    firsts, lasts = _ranges()
    at = bisect_right(firsts, ord(char)) - 1
    return at >= 0 and ord(char) <= lasts[at]


@cache
def _ranges() -> tuple[list[int], list[int]]:
    """The ranges' ends, as `tools/drawable.py` has written them."""
    lines = (files("registrar") / "drawable.txt").read_text("ascii").split()
    ends = [[int(end, 16) for end in line.split("-")] for line in lines]
    return [each[0] for each in ends], [each[-1] for each in ends]
