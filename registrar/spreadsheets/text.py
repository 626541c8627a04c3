"""A table in a text file, as spreadsheets save it: its encoding, what separates its columns."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Self

from registrar.errors import UsageError
from registrar.spreadsheets.sheet import MOST_COLUMNS

_PIECE = 1 << 20
_LONGEST_ROW = 1_000_000
"""Characters: a quote that nobody closed makes one row of all that follows."""
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "，": "full-width commas"}


@dataclass(frozen=True, slots=True)
class TextSheet:
    """A text file of rows; a `Sheet`."""

    name: str
    data: BinaryIO
    codec: str
    encoding: str
    delimiter: str

    @property
    def remarks(self) -> tuple[str, ...]:
        """That its columns are separated by something else than commas."""
        if self.delimiter == ",":
            return ()
        return (f"its columns are separated by {_DELIMITERS[self.delimiter]}",)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that is not empty, with the line on which it ends. Raises UsageError."""
        self.data.seek(0)
        text = io.TextIOWrapper(self.data, self.codec, newline="")
        lines = _Lines(text)
        rows = csv.reader(lines, strict=True, delimiter=self.delimiter)
        try:
            for row in rows:
                lines.begin_row()
                if len(row) > MOST_COLUMNS:
                    raise UsageError(
                        f"{self.name}:{rows.line_num}: has {len(row)} columns; at most"
                        f" {MOST_COLUMNS} are read"
                    )
                if any(field.strip() for field in row):  # else a row that was emptied
                    yield rows.line_num, row
        except csv.Error as error:
            raise UsageError(f"{self.name}:{rows.line_num}: is no CSV file ({error})") from error
        finally:
            text.detach()  # or it would close what others read once more


def open_text(name: str, data: BinaryIO) -> TextSheet:
    """Find how a text file is written; raises UsageError where it is no text."""
    for codec, encoding in _guess_codecs(data).items():
        header = _try_codec(data, codec)
        if header is not None:
            delimiter = max(_DELIMITERS, key=header.count)
            return TextSheet(name, data, codec, encoding, delimiter)
    raise UsageError(f"{name}: is neither UTF-8 nor GB18030; save it as “CSV UTF-8”")


def _guess_codecs(data: BinaryIO) -> dict[str, str]:
    """The codecs that a file may be written in, and what people call them, the likeliest first.

    GB18030 holds all of GBK and GB 2312. No text of one byte a letter has zeros; what a table is
    separated by has one in each character of UTF-16; a stray one is some field's fault.
    """
    data.seek(0)
    beginning = data.read(4096)
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return {"utf-16": "UTF-16"}
    if beginning.count(0) > len(beginning) / 25:
        little = beginning[1::2].count(0) >= beginning[::2].count(0)
        return {"utf-16-le" if little else "utf-16-be": "UTF-16"}
    return {"utf-8-sig": "UTF-8", "gb18030": "GB18030"}


def _try_codec(data: BinaryIO, codec: str) -> str | None:
    """The file's first lines that are not empty; None where the file is not in that encoding."""
    decoder = codecs.getincrementaldecoder(codec)()
    data.seek(0)
    beginning = ""
    try:
        while piece := data.read(_PIECE):
            text = decoder.decode(piece)
            beginning = beginning or text.lstrip()
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return "\n".join(beginning.split("\n", _LINES_LOOKED_AT)[:_LINES_LOOKED_AT])


_LINES_LOOKED_AT = 20
"""For what separates columns: titles above the header may hold none."""


class _Lines:
    """The lines of a text, of which no row may take too many characters."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._left = _LONGEST_ROW

    def begin_row(self) -> None:
        """Say that what comes now is another row."""
        self._left = _LONGEST_ROW

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        """The next line. Raises csv.Error where its row is too long."""
        line = self._text.readline(self._left + 1)
        self._left -= len(line)
        if self._left < 0:
            raise csv.Error(f"a row has more than {_LONGEST_ROW} characters")
        if not line:
            raise StopIteration
        return line
