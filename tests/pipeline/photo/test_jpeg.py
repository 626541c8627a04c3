"""The file: its budget is reached with picture data only, or not at all."""

import io

import numpy as np
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.pipeline.photo.jpeg import START_QUALITY, encode
from kiosk.pipeline.specification import specification

FILE = specification().profile()
RANGE = FILE.quality


def grain(strength: float) -> Picture:
    rng = np.random.default_rng(3)
    return (128 + strength * rng.standard_normal((640, 480, 3))).clip(0, 255).astype(np.uint8)


def test_a_usual_picture_keeps_full_chroma_and_the_start_quality() -> None:
    made = encode(grain(5), FILE.bytes, RANGE, 300)
    assert made is not None
    assert (made.quality, made.chroma) == (START_QUALITY, "4:4:4")


def test_a_plain_picture_reaches_the_floor_with_quality() -> None:
    made = encode(grain(1.5), (110_000, 1_000_000), RANGE, 300)
    assert made is not None
    assert made.quality > START_QUALITY
    assert len(made.data) >= 110_000


def test_a_rich_picture_comes_under_the_ceiling() -> None:
    made = encode(grain(12), (20_480, 150_000), RANGE, 300)
    assert made is not None
    assert made.quality < START_QUALITY
    assert len(made.data) <= 150_000


def test_what_cannot_be_reached_is_not_padded() -> None:
    assert encode(np.full((640, 480, 3), 200, np.uint8), FILE.bytes, RANGE, 300) is None


def test_the_file_ends_with_its_picture_and_carries_no_metadata() -> None:
    made = encode(grain(5), FILE.bytes, RANGE, 300)
    assert made is not None
    assert made.data.endswith(b"\xff\xd9")
    with Image.open(io.BytesIO(made.data)) as opened:
        assert opened.info["dpi"] == (300, 300)
        assert not opened.getexif()
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
