"""What a photo's file may be made of: nothing hides beside its pixels, and all readers see them."""

import io
import re
import struct

import numpy as np
import pytest
from PIL import Image

from protocol.jpeg import find_fault, find_foreign_part

PIXELS = Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 48, 3), dtype=np.uint8))


def encoded(picture: Image.Image = PIXELS, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", **options)
    return file.getvalue()


PLAIN = encoded()


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segment(marker: int, body: bytes) -> bytes:
    """A good photo with one more segment after its JFIF header, which ends at byte 20."""
    return PLAIN[:20] + segment(marker, body) + PLAIN[20:]


def changed(old: bytes, new: bytes) -> bytes:
    assert old in PLAIN
    return PLAIN.replace(old, new, 1)


@pytest.mark.parametrize(
    "options",
    [
        {"quality": 95, "subsampling": 0, "optimize": True, "dpi": (300, 300)},
        {"quality": 60, "subsampling": 2},
        {"restart_marker_blocks": 2},
        {"restart_marker_rows": 1},
    ],
)
def test_a_photo_as_the_booth_encodes_it_has_nothing_foreign(options: dict[str, object]) -> None:
    assert find_foreign_part(encoded(PIXELS, **options)) is None


@pytest.mark.parametrize(
    ("data", "foreign"),
    [
        (with_segment(0xE2, b"ICC_PROFILE\0\1\1" + b"p" * 500), r"APP2 \(a colour profile"),
        (with_segment(0xED, b"Photoshop 3.0\x008BIM\4\4"), r"APP13 \(IPTC"),
        (with_segment(0xE1, b"Exif\0\0MM\0*"), r"APP1 \(Exif"),
        (with_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>"), r"APP1 \(XMP"),
        (with_segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0<x>"), r"APP1 \(XMP"),
        (with_segment(0xE0, b"JFXX\0\x13\2\2" + b"\x80" * 12), r"second APP0 \(a thumbnail"),
        (with_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"), "second APP0"),
        (with_segment(0xE4, b"SAMSUNG name"), r"APP4 \(a vendor's data"),
        (with_segment(0xEB, b"JP\0\1\0\0\0\1"), r"APP11 \(a record of content"),
        (with_segment(0xE2, b"MPF\0II*\0"), r"APP2 \(further pictures"),
        (with_segment(0xEE, b"Adobe\0d\0\0\0\0\0"), r"APP14 \(Adobe's colour"),
        (with_segment(0xEF, b"x"), "APP15"),
        (with_segment(0xFE, b"name 110101"), "a comment"),
        (with_segment(0xF7, b"x"), "a segment of kind F7"),
        (with_segment(0xDC, b"\0\1"), "a segment of kind DC"),
        (with_segment(0xDB, b"\3" + b"n" * 64), "DQT.* no component uses"),
        (with_segment(0xC4, b"\0" + b"\0" * 15 + b"\4name"), "DHT.* given twice"),
        (PLAIN[:20] + b"name" + PLAIN[20:], "bytes between two segments"),
        (PLAIN[:2] + PLAIN[20:], "where the JFIF header must stand"),
        (PLAIN[:18] + b"\1\1rgb" + PLAIN[20:], "a thumbnail in the JFIF header|between"),
        (PLAIN + b"name 110101", "11 bytes after the picture's end"),
        (PLAIN + PLAIN, "after the picture's end"),
        (PLAIN[:-2] + segment(0xFE, b"name") + PLAIN[-2:], "a comment after the picture data"),
        (PLAIN[:-2] + b"name 110101" + PLAIN[-2:], "bytes between picture data and end"),
        (PLAIN[:-2] + bytes(18) + PLAIN[-2:], "bytes between picture data and end"),
        (PLAIN[:-2] + b"\xff\xd0" + PLAIN[-2:], "a marker without segment after"),
        (changed(b"\xff\xc0", b"\xff\xc1"), "extended sequential coding"),
        (changed(b"\xff\xc0", b"\xff\xc9"), "arithmetic coding"),
        (changed(b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c"), "not 8 bit"),
        (changed(b"\1\x22\0\2\x11\1\3\x11\1", b"R\x22\0G\x11\1B\x11\1"), "other components"),
        (encoded(progressive=True), "progressive coding"),
        (encoded(PIXELS.convert("L")), "other components"),
        (encoded(PIXELS.convert("CMYK")), "APP14"),
        (encoded(PIXELS, keep_rgb=True), "APP14"),
        (b"", "the start"),
        (b"\x89PNG\r\n\x1a\n", "the start"),
    ],
)
def test_a_part_that_a_photo_may_not_have_is_named(data: bytes, foreign: str) -> None:
    found = find_foreign_part(data)
    assert found is not None
    assert re.search(foreign, found), found


@pytest.mark.parametrize("size", [(90, 120), (121, 163), (480, 640)])
@pytest.mark.parametrize("colour", [(255, 255, 255), (67, 142, 219), (0, 0, 0)])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_a_plain_picture_of_few_bytes_has_nothing_foreign(
    size: tuple[int, int], colour: tuple[int, int, int], subsampling: int
) -> None:
    picture = Image.new("RGB", size, colour)
    for quality in (60, 95):
        data = encoded(picture, quality=quality, subsampling=subsampling, optimize=True)
        assert find_foreign_part(data) is None


def test_a_size_that_no_memory_holds_is_not_tried() -> None:
    at = PLAIN.find(b"\xff\xc0") + 5
    find_foreign_part(PLAIN[:at] + b"\xff\xdc\xff\xdc" + PLAIN[at + 4 :])


def test_a_photo_cut_off_anywhere_is_told() -> None:
    for end in range(len(PLAIN)):
        assert find_foreign_part(PLAIN[:end]) is not None


@pytest.mark.parametrize("subsampling", [0, 2])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_photo_of_which_the_rest_is_missing_does_not_decode(
    subsampling: int, share: float
) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (160, 120, 3), dtype=np.uint8)
    whole = encoded(Image.fromarray(pixels), quality=90, subsampling=subsampling)
    start = whole.index(b"\xff\xda") + 14
    cut = start + int(share * (len(whole) - 2 - start))
    assert find_fault(whole) is None
    assert find_fault(whole[:cut] + whole[-2:]) == "picture data that do not decode"


def test_no_bytes_at_all_stop_the_search() -> None:
    random = np.random.default_rng(2)
    for _ in range(300):
        data = bytearray(PLAIN)
        for at in random.integers(0, 700, 3):
            data[at] = random.integers(256)
        find_foreign_part(bytes(data))
