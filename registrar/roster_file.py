"""A roster's file as spreadsheets save it: its encoding, what separates its columns, its rows."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from registrar.errors import UsageError

LARGEST_FILE = 64_000_000
"""Bytes of the largest roster that is read: some 500,000 records."""

_PIECE = 1 << 20
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "，": "full-width commas"}
_OTHER_FILES = {b"PK\3\4": "an Excel workbook", b"\xd0\xcf\x11\xe0": "an old Excel workbook"}


@dataclass(frozen=True, slots=True)
class RosterFile:
    """A CSV file that is read row by row, as often as one likes."""

    name: str
    """By which it is called when something is told of it."""
    data: BinaryIO
    codec: str
    encoding: str
    """The codec's name, for people."""
    delimiter: str

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that is not empty, with the line on which it ends. Raises UsageError."""
        self.data.seek(0)
        text = io.TextIOWrapper(self.data, self.codec, newline="")
        rows = csv.reader(text, strict=True, delimiter=self.delimiter)
        try:
            for row in rows:
                if any(field.strip() for field in row):  # else a row that was emptied
                    yield rows.line_num, row
        except csv.Error as error:
            raise UsageError(f"{self.name}:{rows.line_num}: is no CSV file ({error})") from error
        finally:
            text.detach()  # or it would close what others read once more


def open_roster(name: str, data: BinaryIO) -> RosterFile:
    """Find how a file that can be sought in is written; raises UsageError where it is no text."""
    data.seek(0)
    beginning = data.read(4)
    size = data.seek(0, io.SEEK_END)
    if size > LARGEST_FILE:
        raise UsageError(f"{name}: is larger than {LARGEST_FILE} bytes; is it a roster?")
    for mark, what in _OTHER_FILES.items():
        if beginning.startswith(mark):
            raise UsageError(f"{name}: is {what}; save it as “CSV UTF-8”")
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = {"utf-16": "UTF-16"}
    else:
        encodings = {"utf-8-sig": "UTF-8", "gb18030": "GB18030"}
    for codec, encoding in encodings.items():
        header = _try_codec(data, codec)
        if header is not None:
            delimiter = max(DELIMITERS, key=header.count)
            return RosterFile(name, data, codec, encoding, delimiter)
    raise UsageError(f"{name}: is neither UTF-8 nor GB18030; save it as “CSV UTF-8”")


def _try_codec(data: BinaryIO, codec: str) -> str | None:
    """The file's first line that is not empty; None where the file is not in that encoding."""
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
    return beginning.partition("\n")[0]
