"""What a photo's file may be made of: a list of allowed parts of a JPEG, for verify and intake."""

import re
from dataclasses import dataclass, field
from io import BytesIO
from typing import Literal

from PIL import Image

_TEM, _SOF0, _DHT, _SOI, _EOI, _SOS, _DQT, _DRI, _APP0, _COM = (
    0x01, 0xC0, 0xC4, 0xD8, 0xD9, 0xDA, 0xDB, 0xDD, 0xE0, 0xFE,
)  # fmt: skip
_RESTARTS = range(0xD0, 0xD8)
_CODINGS = {
    0xC1: "extended sequential coding",
    0xC2: "progressive coding",
    0xC3: "lossless coding",
    0xC9: "arithmetic coding",
    0xCA: "progressive arithmetic coding",
    0xCC: "arithmetic coding's conditions",
}
_IN_APP = {
    b"JFXX": "a thumbnail",
    b"Exif": "Exif: camera, place, time",
    b"http://ns.adobe.com": "XMP",
    b"ICC_PROFILE": "a colour profile",
    b"MPF": "further pictures",
    b"JP": "a record of content credentials",
    b"Photoshop": "IPTC: captions and names",
    b"Adobe": "Adobe's colour transform",
}
_VENDORS = "a vendor's data"
_JFIF_BYTES = 14
"""JFIF 1.02 without a thumbnail: identifier, version, density, and a thumbnail of 0 x 0."""
_PLAIN_SCAN = bytes((0, 63, 0))
"""Ss, Se, Ah and Al of a sequential scan: all coefficients, all their bits (T.81, B.2.3)."""


_MOST_DECODED = 16_000_000
"""Pixels up to which it is tried whether the picture needs all of its data; no photo has more."""

_BLOCK = 64
"""Pixels of the least that stands between two restarts."""

_MARKER = re.compile(rb"\xff[^\x00]", re.DOTALL)
"""In entropy-coded data, where FF 00 is a byte of data that is FF (T.81, B.1.1.5)."""

_LAST_BYTE = 1
"""Of the picture data: it holds at least a bit of them, before its padding."""


_READ_AHEAD = bytes(8)
"""In the place of a file's end, for decoders to look beyond the picture's last bit."""

_Course = Literal["whole", "early", "broken"]


@dataclass(slots=True)
class _Read:
    """What has been read of a file so far."""

    markers: set[int] = field(default_factory=set)
    """Of those that may stand there once."""
    quantisation: set[int] = field(default_factory=set)
    huffman: set[int] = field(default_factory=set)
    size: tuple[int, int] = (0, 0)
    """Rows and columns."""
    components: bytes = b""
    """The frame's: id, sampling, quantisation table, for each of three."""
    restart_interval: int = 0


def find_fault(data: bytes) -> str | None:
    """Find why bytes are not one whole JPEG of parts that a photo may have; None where they are.

    What is foreign comes first (`find_foreign_part`); the answer is in words for staff. The picture
    is decoded once, at an eighth of its size: all of its data are read so, but in half the time.
    """
    foreign, course = _search(data)
    return foreign or (None if course == "whole" else "picture data that do not decode")


def find_foreign_part(data: bytes) -> str | None:
    """Find the first part of a JPEG file that a photo may not have; None where there is none.

    Allowed are, and each as T.81 and JFIF 1.02 say: SOI, one JFIF header without thumbnail, DQT
    (8 bit), one SOF0 (baseline, 8 bit, Y, Cb and Cr), DHT, DRI, one SOS of all three components,
    its entropy-coded data with restarts, EOI, and nothing after. So no name, place, profile or
    second picture hides in a photo, and every reader sees the same pixels. `data` is the file's
    bytes, whatever they are; the answer is in words for staff.
    """
    return _search(data)[0]


def find_size(data: bytes) -> tuple[int, int] | None:
    """Read the rows and columns of a file of parts that a photo may have; None where it has others.

    Nothing is decoded: a file that claims a large picture costs no more than its bytes.
    """
    read = _Read()
    return read.size if _find_in_segments(data, read) is None else None


def _search(data: bytes) -> tuple[str | None, _Course]:
    """Find what is foreign in a file; where nothing is before its end, how it decodes."""
    read = _Read()
    foreign = _find_in_segments(data, read)
    if foreign is not None:
        return foreign, "broken"
    course = _decode(data, read)
    return ("bytes between picture data and end" if course == "early" else None), course


def _find_in_segments(data: bytes, read: _Read) -> str | None:
    if data[:2] != bytes((0xFF, _SOI)):
        return "the start: it is not a JPEG's"
    at = 2
    while True:
        if len(data) < at + 4:
            return "the end: the file is cut off"
        if data[at] != 0xFF:
            return f"bytes between two segments, at {at}"
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if len(data) < at + 2 + length or length < 2:
            return "the end: the file is cut off"
        body = data[at + 4 : at + 2 + length]
        if foreign := _judge(marker, body, read):
            return foreign
        at += 2 + length
        if marker == _SOS:
            return _find_after_scan(data, at, read)


def _judge(marker: int, body: bytes, read: _Read) -> str | None:
    """Say what is foreign in a segment; None where it may stand here."""
    if not read.markers and marker != _APP0:
        return f"{_name(marker, body)}, where the JFIF header must stand"
    if marker in read.markers:
        return f"a second {_name(marker, body)}"
    match marker:
        case 0xE0:
            read.markers.add(marker)
            return _judge_jfif(body)
        case 0xDB:
            return _judge_quantisation(body, read)
        case 0xC4:
            return _judge_huffman(body, read)
        case 0xC0:
            read.markers.add(marker)
            return _judge_frame(body, read)
        case 0xDD:
            read.markers.add(marker)
            read.restart_interval = int.from_bytes(body, "big")
            return None if len(body) == 2 else "a restart interval (DRI) of another length"
        case 0xDA:
            return _judge_scan(body, read)
        case _:
            return _name(marker, body)


def _judge_jfif(body: bytes) -> str | None:
    if body[:5] != b"JFIF\0":
        return _name(_APP0, body)
    if len(body) != _JFIF_BYTES or body[12:14] != b"\0\0":
        return "a thumbnail in the JFIF header, or bytes after it"
    return None


def _judge_quantisation(body: bytes, read: _Read) -> str | None:
    if not body or len(body) % 65:
        return "a quantisation table (DQT) that is not 8 bit, or bytes after one"
    for table in body[::65]:
        if table > 3:
            return "a quantisation table (DQT) that is not 8 bit"
        if table in read.quantisation:
            return "a quantisation table (DQT) given twice"
        read.quantisation.add(table)
    return None


def _judge_huffman(body: bytes, read: _Read) -> str | None:
    if not body:
        return "an empty Huffman table (DHT)"
    while body:
        table, values = body[0], sum(body[1:17])
        if len(body) < 17 + values or values > 256:
            return "a Huffman table (DHT) that is cut off, or bytes after one"
        if table not in (0x00, 0x01, 0x10, 0x11):
            return "a Huffman table (DHT) that baseline coding does not have"
        if table in read.huffman:
            return "a Huffman table (DHT) given twice"
        read.huffman.add(table)
        body = body[17 + values :]
    return None


def _judge_frame(body: bytes, read: _Read) -> str | None:
    if len(body) < 6 or body[0] != 8:
        return "samples that are not 8 bit"
    if body[5] != 3 or len(body) != 15:
        return "other components than Y, Cb and Cr"
    if not (any(body[1:3]) and any(body[3:5])):
        return "a picture without rows or columns"
    read.size = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    read.components = body[6:]
    # Other ids make some readers take the components for R, G and B.
    return None if read.components[::3] == b"\1\2\3" else "other components than Y, Cb and Cr"


def _judge_scan(body: bytes, read: _Read) -> str | None:
    if not read.components:
        return "picture data before the frame (SOF0)"
    if len(body) != 10 or body[0] != 3 or body[1:7:2] != b"\1\2\3" or body[7:] != _PLAIN_SCAN:
        return "a scan (SOS) that does not hold the whole picture"
    if set(read.components[2::3]) != read.quantisation:
        return "a quantisation table (DQT) that is missing, or that no component uses"
    used = {table >> 4 for table in body[2:7:2]} | {table & 15 | 16 for table in body[2:7:2]}
    if used != read.huffman:
        return "a Huffman table (DHT) that is missing, or that no component uses"
    return None


def _find_after_scan(data: bytes, at: int, read: _Read) -> str | None:
    """Find what is foreign in entropy-coded data and behind it; `at` is where the data begin."""
    restarts = 0
    while True:
        found = _MARKER.search(data, at)
        if found is None:
            return "the end: the file is cut off"
        marker, at = found[0][1], found.end()
        if marker == _EOI:
            return f"{len(data) - at} bytes after the picture's end" if at < len(data) else None
        if marker in _RESTARTS and read.restart_interval:
            if marker != _RESTARTS[restarts % 8] or restarts > _MOST_DECODED // _BLOCK:
                return "a restart that is out of turn"
            restarts += 1
        else:
            return _name(marker, data[at + 2 : at + 32]) + " after the picture data"


def _decode(data: bytes, read: _Read) -> _Course:
    """Say when a picture is decoded to its last row: before the last byte of its data (early),
    with it (whole), or never (broken).

    Where it is early there are bytes of no picture, which decoders pass over without a word. Up to
    nine are not found, since decoders read 57 bits ahead (libjpeg's jdhuff.c), nor any under rows
    that are black, as those are that were not decoded; nor, for the same reason, up to eight that
    lack.
    """
    rows, columns = read.size
    if rows * columns > _MOST_DECODED:
        return "broken"
    try:
        with Image.open(BytesIO(data), formats=["JPEG"]) as picture:
            picture.draft(None, (1, 1))
            (tile,) = picture.tile
            picture.load_prepare()
            decoder = Image._getdecoder(picture.mode, "jpeg", tile[3], picture.decoderconfig)
            decoder.setimage(picture.im, tile[1])
            try:
                taken, _ = decoder.decode(data[: -2 - _LAST_BYTE])
                width, height = picture.size
                if picture.im.crop((0, height - 1, width, height)).getbbox() is not None:
                    return "early"
                # Without its end: where that comes too early, decoders fill up in silence.
                rest = data[taken:-2] + _READ_AHEAD
                left, fault = decoder.decode(rest) if taken >= 0 else (0, 0)
            finally:
                decoder.cleanup()
            return "whole" if left < 0 <= fault else "broken"
    except (OSError, ValueError, SyntaxError):
        return "broken"


def _name(marker: int, body: bytes) -> str:
    """Name a segment as staff know it."""
    if _APP0 <= marker <= 0xEF:
        known = [what for start, what in _IN_APP.items() if body.startswith(start)]
        return f"APP{marker - _APP0} ({known[0] if known else _VENDORS})"
    if marker == _COM:
        return "a comment"
    if marker in _RESTARTS or marker == _TEM:
        return "a marker without segment"
    named = {_SOI: "a second JPEG", _EOI: "the end", _SOF0: "frame (SOF0)", _SOS: "scan (SOS)"}
    named |= {_DQT: "quantisation table (DQT)", _DHT: "Huffman table (DHT)"}
    named |= {_DRI: "restart interval (DRI)"}
    return _CODINGS.get(marker) or named.get(marker) or f"a segment of kind {marker:02X}"
