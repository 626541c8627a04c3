"""Text: Noto Sans CJK SC through Pillow's FreeType, broken into lines as Chinese is."""

from contextlib import suppress
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from kiosk.errors import KioskError

Weight = Literal["regular", "bold"]

FONT_FOLDER = Path("/usr/share/fonts/opentype/noto")
"""Where Debian's fonts-noto-cjk puts its collections."""

FAMILY = "Noto Sans CJK SC"
"""A collection holds one face for each country: they draw the same character differently."""

NEVER_FIRST = frozenset("、。，．！？：；）》」』】〉〕…—·～％’”,.!?:;)]}%")
"""Marks that close: no line begins with one."""

NEVER_LAST = frozenset("（《「『【〈〔‘“([{")
"""Marks that open: no line ends with one."""

MIDDLE_HEIGHT = 0.38
"""How far, in em, the middle of a Chinese character lies above its baseline."""


class FontError(KioskError, OSError):
    """The booth's font is not there."""


class Font:
    """One weight of the booth's font. Sizes and widths are in pixels."""

    def __init__(self, weight: Weight, folder: Path = FONT_FOLDER) -> None:
        """Find the font; raises FontError."""
        self._path = folder / f"NotoSansCJK-{weight.title()}.ttc"
        self._index = _find_family(self._path)
        self._at_size = lru_cache(maxsize=64)(self._load)

    @property
    def name(self) -> str:
        """The name of its family, as the file itself gives it."""
        return self._at_size(16).getname()[0] or ""

    def width(self, text: str, size: float) -> float:
        """Measure one line."""
        return self._at_size(size).getlength(text)

    def wrap(self, text: str, size: float, width: float) -> tuple[str, ...]:
        """Break a text into lines no wider than `width`, and as even as they can be.

        A line break in the text is kept. A piece that cannot be broken may be wider.
        """
        return tuple(
            line
            for part in text.split("\n")
            for line in self._wrap_evenly(_pieces(part), size, width)
        )

    def mask(self, line: str, size: float, height: int) -> Image.Image:
        """Draw one line as coverage (mode "L"), its middle at the middle of `height` pixels."""
        font = self._at_size(size)
        left, _, right, _ = font.getbbox(line, anchor="ls")
        shift = max(-left, 0)
        mask = Image.new("L", (max(round(right + shift) + 1, 1), height))
        ImageDraw.Draw(mask).text(
            (shift, height / 2 + MIDDLE_HEIGHT * size), line, fill=255, font=font, anchor="ls"
        )
        return mask

    def _load(self, size: float) -> ImageFont.FreeTypeFont:
        # The basic layout is the same wherever Pillow was built, and nothing here needs more.
        return ImageFont.truetype(
            self._path, size, self._index, layout_engine=ImageFont.Layout.BASIC
        )

    def _wrap_evenly(self, pieces: list[str], size: float, width: float) -> list[str]:
        """Fill lines; then narrow them while that needs no more lines, so none is left short."""
        lines = self._fill_lines(pieces, size, width)
        if len(lines) == 1:
            return lines
        narrow, wide = width / 2, width
        while wide - narrow > size / 8:
            middle = (narrow + wide) / 2
            tried = self._fill_lines(pieces, size, middle)
            fits = all(self.width(line, size) <= middle for line in tried)
            if fits and len(tried) == len(lines):
                wide, lines = middle, tried
            else:
                narrow = middle
        return lines

    def _fill_lines(self, pieces: list[str], size: float, width: float) -> list[str]:
        lines = [""]
        for piece in pieces:
            longer = lines[-1] + piece
            if lines[-1].strip() and self.width(longer.rstrip(), size) > width:
                lines.append(piece.lstrip())
            else:
                lines[-1] = longer
        return [line.rstrip() for line in lines]


@lru_cache(maxsize=2)
def load_font(weight: Weight) -> Font:
    """Open the booth's font of a weight, once; raises FontError."""
    return Font(weight)


def _find_family(path: Path) -> int:
    """Find the index of the family in a collection; raises FontError."""
    why = "is missing or damaged"
    with suppress(OSError):
        for index in count():
            font = ImageFont.truetype(path, 16, index)
            # Pillow looks in other folders too for a file that it cannot read.
            if Path(str(font.path)) != path:
                break
            if font.getname()[0] == FAMILY:
                return index
            why = f"holds no {FAMILY}"
    raise FontError(f"{path}: {why}; apt install fonts-noto-cjk, or run make setup")


def _pieces(text: str) -> list[str]:
    """Cut a text into what may not be broken: words, and characters with their marks."""
    pieces: list[str] = []
    for char in text:
        if pieces and not _may_break(pieces[-1][-1], char):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _may_break(before: str, after: str) -> bool:
    if after in NEVER_FIRST or before in NEVER_LAST or after == " ":
        return False
    return before == " " or _is_wide(before) or _is_wide(after)


def _is_wide(char: str) -> bool:
    """Whether a character stands for itself, as Chinese ones and their marks do."""
    return char >= "⺀"
