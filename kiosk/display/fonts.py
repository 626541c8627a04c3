"""Which font draws which character: the booth's own, then others for what it lacks, else none.

Names hold what no single font has: rare characters (CJK extensions B to H), Łukasz, Uyghur,
Tibetan, Mongolian. What no font has is drawn as its code point in a frame, never as an empty box
that could be anything.
"""

import logging
import struct
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Literal

from PIL import ImageDraw, ImageFont, features

Weight = Literal["regular", "bold"]

_log = logging.getLogger(__name__)

FONTS = Path("/usr/share/fonts/truetype")
"""Where Debian's packages put the fonts that help out."""

HAN = ("hanazono/HanaMinB.ttf", "hanazono/HanaMinA.ttf", "babelstone/BabelStoneHan.ttf")
"""Of fonts-hanazono: extensions B to F whole, and compatibility characters. Of
fonts-babelstone-han: of the extensions since, what China has brought in (G and H, by half)."""

SCRIPTS = (
    *("Sans", "SansArabic", "SerifTibetan", "SansMongolian", "SansYi", "SansThai", "SansLao"),
    *("SansMyanmar", "SansKhmer", "SansTaiLe", "SansNewTaiLue", "SansTaiTham", "SansLisu"),
    *("SansMiao", "SansPhagsPa", "SansDevanagari", "SansBengali", "SansTamil", "SansSinhala"),
    *("SansHebrew", "SansArmenian", "SansGeorgian", "SansEthiopic", "SansSymbols2"),
)
"""Of fonts-noto-core: the scripts of China's nationalities, and those of students from abroad."""

SAMPLES = {
    "fonts-hanazono": "𡈙𠔌𪚥𫠝𬺡𭀖",
    "fonts-babelstone-han": "𰀂𱍑",
    "fonts-noto-core": "ŁŠğőئۇཀᠮꀀ",
}
"""By the package that has them: characters of names that the booth's own font lacks."""

_UNSEEN = frozenset("\u200c\u200d\u180b\u180c\u180d\u180f") | frozenset(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
"""Joiners and variation selectors: they choose a form of the character before, or join it."""


_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers: letters that fonts draw as nothing, so that a name could hold them unseen."""


class Face:
    """One face of a font's file, at any size. Sizes and widths are in pixels."""

    def __init__(self, path: Path, index: int = 0, *, shaped: bool = False) -> None:
        """`shaped`: letters are joined, stacked and turned about, as Pillow does with Raqm."""
        self.path = path
        self.shaped = shaped
        self._index = index
        self.at_size = lru_cache(maxsize=64)(self._load)

    @property
    def characters(self) -> frozenset[str]:
        """Those that it has and that are seen; private ones not, which each font has otherwise."""
        return _read_characters(self.path, self._index)

    @cached_property
    def plain(self) -> frozenset[str]:
        """Those of them that need no other beside them."""
        return frozenset(char for char in self.characters if not _is_mark(char))

    def _load(self, size: float) -> ImageFont.FreeTypeFont:
        layout = ImageFont.Layout.RAQM if self.shaped else ImageFont.Layout.BASIC
        return ImageFont.truetype(self.path, size, self._index, layout_engine=layout)


@lru_cache(maxsize=64)
def _read_characters(path: Path, index: int) -> frozenset[str]:
    """Read which characters a face shows, once; none where its file cannot be read."""
    from fontTools.ttLib import TTFont, TTLibError  # takes a tenth of a second

    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            points = _read_code_points(font.reader["cmap"]) or font.getBestCmap() or ()
            mapped = frozenset(map(chr, points)) - _BLANK
    except (OSError, TTLibError) as error:
        _log.warning("fonts: %s cannot be read (%s); run make setup", path, error)
        return frozenset()
    return frozenset(c for c in mapped if unicodedata.category(c) not in ("Cc", "Cf", "Co"))


def _read_code_points(table: bytes) -> list[int]:
    """The code points of a `cmap` table of format 12, which large fonts have; of others none.

    fontTools names each glyph to read them: for the booth's own font that takes a second.
    """
    (subtables,) = struct.unpack_from(">H", table, 2)
    for platform, encoding, at in struct.iter_unpack(">HHL", table[4 : 4 + 8 * subtables]):
        if (platform, encoding) == (3, 10) and struct.unpack_from(">H", table, at) == (12,):
            (groups,) = struct.unpack_from(">L", table, at + 12)
            ranges = struct.iter_unpack(">LLL", table[at + 16 : at + 16 + 12 * groups])
            return [point for first, last, _ in ranges for point in range(first, last + 1)]
    return []


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring characters that one face draws; without a face, one that no font has."""

    text: str
    face: Face | None

    def width(self, size: float) -> float:
        """How far from it the next one stands."""
        return size if self.face is None else self.face.at_size(size).getlength(self.text)

    def extent(self, size: float) -> tuple[float, float, float, float]:
        """What it covers, from its origin on the baseline: left, top, right and bottom."""
        if self.face is None:
            return 0.04 * size, -0.86 * size, 0.96 * size, 0.1 * size
        return self.face.at_size(size).getbbox(self.text, anchor="ls")

    def draw(self, on: ImageDraw.ImageDraw, x: float, y: float, size: float, own: Face) -> None:
        """Draw it with its origin there, a code point in its frame in the booth's own face."""
        if self.face is not None:
            font = self.face.at_size(size)
            on.text((x, y), self.text, fill=255, font=font, anchor="ls")
            return
        left, top, right, bottom = self.extent(size)
        line = max(round(size / 24), 1)
        on.rectangle((x + left, y + top, x + right, y + bottom), outline=255, width=line)
        code = f"{ord(self.text):04X}"
        half = -(-len(code) // 2)
        digits = own.at_size(round(size * (0.44 if half == 2 else 0.36)))
        for row, part in enumerate((code[:half], code[half:])):
            middle = x + size / 2, y + top + (bottom - top) * (0.29 + 0.42 * row)
            on.text(middle, part, fill=255, font=digits, anchor="mm")


@lru_cache(maxsize=2)
def fallback_faces(weight: Weight) -> tuple[Face, ...]:
    """The installed faces that help the booth's own out, those before first."""
    raqm = bool(features.check("raqm"))
    faces = []
    # Without Raqm letters would stand apart, and the wrong way round: then only Latin is taken.
    for name in SCRIPTS if raqm else SCRIPTS[:1]:
        paths = (FONTS / f"noto/Noto{name}-{kind}.ttf" for kind in (weight.title(), "Regular"))
        faces += [Face(path, shaped=raqm) for path in paths if path.exists()][:1]
    faces += [Face(FONTS / name) for name in HAN if (FONTS / name).exists()]
    return tuple(faces)


def split_runs(text: str, own: Face, weight: Weight) -> list[Run]:
    """Split one line, composed (NFC), into runs, as they stand from left to right."""
    runs: list[Run] = []
    for alone, group in groupby(_clusters(text), key=_stands_alone):
        word = list(group)
        face = None if alone else _find_face("".join(word), own, weight)
        for cluster in word if face is None else ["".join(word)]:
            runs += _make_runs(cluster, face or _find_face(cluster, own, weight))
    return _in_visual_order(_join(runs))


def _clusters(text: str) -> Iterator[str]:
    """Cut a text into characters with the marks and joiners that follow each."""
    cluster = ""
    for char in text:
        if cluster and not (_is_mark(char) or char in _UNSEEN):
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


def _stands_alone(cluster: str) -> bool:
    """Whether it is no part of a word, whose letters shall be of one face."""
    return cluster[0] == " " or cluster[0] >= "⺀"


def _find_face(text: str, own: Face, weight: Weight) -> Face | None:
    """The first face that draws all of a text."""
    needed = frozenset(text) - _UNSEEN
    if not needed:
        return None
    if own.plain >= needed:
        return own
    ideographs = min(needed) >= "⺀"
    han = {Path(name).parent.name for name in HAN}
    faces = (f for f in fallback_faces(weight) if f.path.parent.name not in han or ideographs)
    return next((face for face in (*faces, own) if face.characters >= needed), None)


def _make_runs(cluster: str, face: Face | None) -> list[Run]:
    if face is not None and face.shaped:
        return [Run(cluster, face)]
    seen = "".join(char for char in cluster if char not in _UNSEEN)
    if face is None:
        return [Run(char, None) for char in seen]
    return [Run(seen, face)]


def _join(runs: Sequence[Run]) -> list[Run]:
    joined: list[Run] = []
    for run in runs:
        if joined and run.face is not None and joined[-1].face is run.face:
            joined[-1] = Run(joined[-1].text + run.text, run.face)
        else:
            joined.append(run)
    return joined


def _in_visual_order(runs: Sequence[Run]) -> list[Run]:
    """Runs from left to right: the Unicode bidirectional algorithm's rule L2, for whole runs."""
    ways = [_direction(run.text) for run in runs]
    leftward = next((way for way in ways if way), "L") == "R"
    levels = []
    for number, way in enumerate(ways):
        between = {
            next((w for w in beside if w), "L") for beside in (ways[:number][::-1], ways[number:])
        }
        way = way or ("R" if leftward or between == {"R"} else "L")
        levels.append(1 if way == "R" else 2 * leftward)
    order = list(range(len(runs)))
    for level in range(max(levels, default=0), 0, -1):
        order = [
            index
            for high, group in groupby(order, key=lambda index: levels[index] >= level)
            for index in (reversed(list(group)) if high else group)
        ]
    return [runs[index] for index in order]


def _direction(text: str) -> Literal["L", "R", ""]:
    """The way in which a text runs, by its first letter; "" where it has none."""
    for char in text:
        way = unicodedata.bidirectional(char)
        if way in ("R", "AL"):
            return "R"
        if way == "L":
            return "L"
    return ""
