"""Picture files: whatever a person may hand over is read, or named with its reason."""

import json
import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.commands.main import main
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


CORPUS = Path(__file__).parent / "corpus"
"""Files that have ended a program with a traceback."""


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*")), ids=lambda path: path.name)
def test_a_damaged_file_is_read_or_refused_by_name(file: Path) -> None:
    try:
        read_picture(file)
    except PictureError as error:
        said = str(error)
    else:
        return
    assert said.startswith(f"{file}: ")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
def test_whatever_is_changed_in_a_file_nothing_but_a_refusal_comes_of_it(
    kind: str, tmp_path: Path, colours: Image.Image
) -> None:
    file, chance = tmp_path / "a", np.random.default_rng(14)
    exif = Image.Exif()
    exif[0x0112] = 6
    colours.save(file, kind, **({} if kind == "BMP" else {"exif": exif}))
    whole = np.frombuffer(file.read_bytes(), np.uint8)
    for _ in range(150):
        bytes_ = whole.copy()
        places = chance.integers(0, min(len(bytes_), 400), chance.integers(1, 5))
        bytes_[places] = chance.choice((0, 1, 2, 127, 128, 255), len(places))
        file.write_bytes(bytes_.tobytes())
        with suppress(PictureError):
            read_picture(file)


def exif_of_a_phone() -> bytearray:
    """EXIF as phones write it, big-endian: orientation 6, a resolution, a maker's note."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x011A] = "maker", 6, 72.0
    exif.get_ifd(0x8769).update({0x9003: "2026:05:01 10:00:00", 0x927C: bytes(40), 0xA001: 1})
    exif.get_ifd(0x8769)[0xA005] = {1: "R98"}
    return bytearray(exif.tobytes())


def entry(exif: bytearray, tag: int) -> int:
    """Where a tag's entry stands: tag, type, count, value."""
    return exif.index(struct.pack(">H", tag), 14)


def read_with(exif: bytes, kind: str, picture: Image.Image, file: Path) -> Picture | None:
    """The picture read with this EXIF in it; None where it is refused by name."""
    picture.save(file, kind, exif=exif)
    try:
        return read_picture(file)
    except PictureError as error:
        said = str(error)
    assert said.startswith(f"{file}: ")
    return None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_read_whichever_byte_of_its_exif_is_damaged(
    kind: str, tmp_path: Path, colours: Image.Image
) -> None:
    whole, read = exif_of_a_phone(), 0
    places = [(at, value) for at in range(6, len(whole)) for value in (0, 1, 255)]
    for at, value in places:
        exif = whole.copy()
        exif[at] = value
        picture = read_with(bytes(exif), kind, colours, tmp_path / "a")
        read += picture is not None
        assert picture is None or picture.shape in ((60, 80, 3), (80, 60, 3))
    for length in range(6, len(whole), 5):
        read_with(bytes(whole[:length]), kind, colours, tmp_path / "a")
    assert read > 0.95 * len(places)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("tag", [0x010F, 0x011A])
def test_a_damaged_tag_that_says_nothing_of_the_picture_hinders_nobody(
    kind: str, tag: int, tmp_path: Path, colours: Image.Image
) -> None:
    for type_, count in ((2, 1), (5, 1), (7, 0), (11, 1), (12, 1 << 31), (16, 1), (99, 3)):
        exif = exif_of_a_phone()
        struct.pack_into(">HI", exif, entry(exif, tag) + 2, type_, count)
        picture = read_with(bytes(exif), kind, colours, tmp_path / "a")
        assert picture is not None
        assert picture.shape == (60, 80, 3), "the picture is turned as its orientation says"


def test_exif_that_runs_in_a_circle_or_counts_without_end_is_read_or_refused(
    tmp_path: Path, colours: Image.Image
) -> None:
    for tag in (0x0112, 0x8769, 0xA005, 0x927C):
        for type_, count, value in (
            (4, 1, 8),
            (4, 1, 0xFFFFFFFF),
            (3, 0xFFFFFFFF, 0),
            (7, 1 << 20, 8),
            (13, 1, 8),
            (0, 0, 0),
        ):
            exif = exif_of_a_phone()
            struct.pack_into(">HII", exif, entry(exif, tag) + 2, type_, count, value)
            read_with(bytes(exif), "WEBP", colours, tmp_path / "a")


def test_what_is_no_file_is_named_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(PictureError, match="no regular file"):
        read_picture(tmp_path / "pipe.jpg")
    with pytest.raises(PictureError, match="cannot be read"):
        read_picture(tmp_path / ("long" * 100))


def test_a_strip_and_values_without_a_known_white_are_refused(
    tmp_path: Path, colours: Image.Image
) -> None:
    colours.resize((2000, 40)).save(tmp_path / "strip.png")
    with pytest.raises(PictureError, match="2000 × 40 px, a strip"):
        read_picture(tmp_path / "strip.png")
    colours.convert("F").save(tmp_path / "floats.tiff")
    with pytest.raises(PictureError, match="other values than 8 or 16 bit"):
        read_picture(tmp_path / "floats.tiff")


@pytest.mark.parametrize("command", ["check", "verify"])
def test_pictures_that_cannot_be_read_keep_no_other_from_being_judged(
    command: str,
    tmp_path: Path,
    colours: Image.Image,
    models_store: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    colours.resize((480, 640)).save(tmp_path / "good.jpg")
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "kiosk.toml").write_text(f'[models]\nstore = "{models_store}"\n')
    bad = [CORPUS / "TypeError.tiff", tmp_path / "pipe.jpg", tmp_path / "no", tmp_path]
    files = [*bad, tmp_path / "text.jpg", tmp_path / "good.jpg"]
    config = str(tmp_path / "kiosk.toml")
    assert main(["--config", config, command, "--json", *map(str, files)]) == 2
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["file"] for row in rows] == [str(file) for file in files]
    assert all("error" in row for row in rows[1:4])
    assert rows[-1]["verdict"] == "fail"
