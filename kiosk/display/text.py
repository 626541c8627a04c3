"""Text: Noto Sans CJK SC, and others for what it lacks, broken into lines as Chinese is."""

import unicodedata
from contextlib import suppress
from functools import cached_property, lru_cache
from itertools import count
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from kiosk.display.fonts import Face, Run, Weight, split_runs
from kiosk.display.line_breaks import cut_pieces, is_wide, join_words
from kiosk.errors import KioskError

FONT_FOLDER = Path("/usr/share/fonts/opentype/noto")
"""Where Debian's fonts-noto-cjk puts its collections."""

FAMILY = "Noto Sans CJK SC"
"""A collection holds one face for each country: they draw the same character differently."""

EM = 1000
"""The font's own units in an em."""

MIDDLE_HEIGHT = 0.38
"""How far, in em, the middle of a Chinese character lies above its baseline."""


class FontError(KioskError, OSError):
    """The booth's font is not there."""


class Font:
    """One weight of the booth's font. Sizes and widths are in pixels."""

    def __init__(self, weight: Weight, folder: Path = FONT_FOLDER) -> None:
        """Find the font; raises FontError."""
        path = folder / f"NotoSansCJK-{weight.title()}.ttc"
        self._weight: Weight = weight
        # The basic layout is the same wherever Pillow was built; Chinese needs no more.
        self._own = Face(path, _find_family(path))

    @property
    def name(self) -> str:
        """The name of its family, as the file itself gives it."""
        return self._own.at_size(16).getname()[0] or ""

    @cached_property
    def capital_height(self) -> float:
        """How high a Latin capital letter is, in em."""
        return self._ink_height("H")

    @cached_property
    def ideograph_height(self) -> float:
        """How high an ideograph's ink is, in em."""
        return self._ink_height("国")

    def letter_height(self, text: str) -> float:
        """How high the letters of a text are, in em: the lower where there are both kinds."""
        latin = any(char.isalnum() and not is_wide(char) for char in text)
        return self.capital_height if latin else self.ideograph_height

    def _ink_height(self, char: str) -> float:
        _, top, _, bottom = self._own.at_size(EM).getbbox(char, anchor="ls")
        return (bottom - top) / EM

    def undrawable(self, text: str) -> str:
        """The characters of a text that no installed font has: they are drawn as framed codes."""
        missing = (run.text for run in self._runs(text) if run.face is None)
        return "".join(dict.fromkeys(missing))

    def width(self, text: str, size: float) -> float:
        """Measure one line; hinting may draw it some pixels narrower or wider."""
        if not self._own.plain.issuperset(text):
            return sum(run.width(size) for run in self._runs(text))
        square, advances = self._square, self._advances
        return size * sum([1.0 if char in square else advances[char] for char in text])

    @cached_property
    def _square(self) -> frozenset[str]:
        """The characters of the booth's own font that fill an em's square."""
        return frozenset(c for c in self._own.plain if unicodedata.east_asian_width(c) in "WF")

    @cached_property
    def _advances(self) -> "_Advances":
        return _Advances(self._own)

    def wrap(self, text: str, size: float, width: float) -> tuple[str, ...]:
        """Break a text into lines no wider than `width`, and as even as they can be.

        A line break in the text is kept. A piece that cannot be broken may be wider.
        """
        return tuple(
            line for part in text.split("\n") for line in self._wrap_part(part, size, width)
        )

    def _wrap_part(self, text: str, size: float, width: float) -> list[str]:
        pieces = cut_pieces(text)
        words = join_words(pieces)
        room = all(self.width(word.strip(), size) <= width for word in words)
        return self._wrap_evenly(words if room else pieces, size, width)

    def mask(self, line: str, size: float, height: int) -> Image.Image:
        """Draw one line as coverage (mode "L"), its middle at the middle of `height` pixels."""
        runs = self._runs(line)
        baseline = height / 2 + MIDDLE_HEIGHT * size
        if any(run.face is not self._own for run in runs):
            size, baseline = _keep_within(runs, size, baseline, height)
        end = left = right = 0.0
        for run in runs:
            first, _, last, _ = run.extent(size)
            left, right = min(left, end + first), max(right, end + last)
            end += run.width(size)
        mask = Image.new("L", (max(round(right - left) + 1, 1), height))
        draw = ImageDraw.Draw(mask)
        x = -left
        for run in runs:
            run.draw(draw, x, baseline, size, self._own)
            x += run.width(size)
        return mask

    def _runs(self, line: str) -> list[Run]:
        line = unicodedata.normalize("NFC", line)
        if self._own.plain.issuperset(line):
            return [Run(line, self._own)]
        return split_runs(line, self._own, self._weight)

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


class _Advances(dict[str, float]):
    """How far from each character the next one stands, in em; found as it is asked for."""

    def __init__(self, own: Face) -> None:
        self._own = own

    def __missing__(self, char: str) -> float:
        self[char] = self._own.at_size(EM).getlength(char) / EM
        return self[char]


def _keep_within(runs: list[Run], size: float, baseline: float, height: int) -> tuple[float, float]:
    """The size, `size` or less, and the baseline at which a line keeps within its height.

    Tibetan stacks letters far below the baseline, and Vietnamese marks far above.
    """
    extents = [run.extent(size) for run in runs]
    above = max(1.0, *(-top for _, top, _, _ in extents))
    below = max(0.0, *(bottom for _, _, _, bottom in extents))
    part = min((height - 4) / (above + below), 1.0)
    return size * part, min(max(baseline, above * part + 2), height - below * part - 2)


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
