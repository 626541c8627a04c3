"""Picture files: whatever a person may hand over is read, or named with its reason."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.errors import PictureError
from kiosk.pipeline.picture import read_picture


@pytest.fixture
def colours() -> Image.Image:
    """Left half red, right half blue, 60 × 80."""
    picture = np.zeros((80, 60, 3), np.uint8)
    picture[:, :30] = (200, 30, 30)
    picture[:, 30:] = (30, 30, 200)
    return Image.fromarray(picture)


def test_a_picture_turned_by_exif_is_read_upright(tmp_path: Path, colours: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    colours.save(tmp_path / "turned.jpg", exif=exif)
    picture = read_picture(tmp_path / "turned.jpg")
    assert picture.shape == (60, 80, 3)
    assert picture[5, 40, 0] > 150
    assert picture[55, 40, 2] > 150


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "RGBA", "LA", "1"])
def test_every_colour_mode_becomes_rgb(mode: str, tmp_path: Path, colours: Image.Image) -> None:
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    colours.convert(mode).save(path)
    picture = read_picture(path)
    assert picture.shape == (80, 60, 3)
    assert picture.dtype == np.uint8


def test_sixteen_bit_grey_keeps_its_brightness(tmp_path: Path) -> None:
    Image.fromarray(np.full((40, 40), 32768, np.uint16)).save(tmp_path / "deep.png")
    assert abs(int(read_picture(tmp_path / "deep.png")[0, 0, 0]) - 127) <= 1


def test_transparency_lies_on_white(tmp_path: Path) -> None:
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (read_picture(tmp_path / "clear.png") == 255).all()


def huge_png(path: Path) -> None:
    """A PNG that says 30,000 × 30,000 px in its header and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def test_bad_files_are_named_with_their_reason(tmp_path: Path, colours: Image.Image) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("this is no picture")
    colours.resize((600, 800)).save(tmp_path / "whole.jpg")
    whole = (tmp_path / "whole.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    huge_png(tmp_path / "huge.png")
    colours.save(tmp_path / "film.gif", save_all=True, append_images=[colours.rotate(90)])
    colours.save(tmp_path / "pages.tiff", save_all=True, append_images=[colours])
    reasons = {
        "empty.jpg": "empty",
        "text.jpg": "not a picture",
        "cut.jpg": "damaged",
        "huge.png": "megapixels",
        "film.gif": "not a picture that can be read",
        "pages.tiff": "animated or has pages",
        "missing.jpg": "no such file",
        ".": "folder",
    }
    for name, reason in reasons.items():
        with pytest.raises(PictureError, match=reason) as caught:
            read_picture(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)
