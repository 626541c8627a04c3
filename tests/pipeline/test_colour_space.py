"""Colour spaces: a picture is the same in whatever space a file keeps it, or is refused by name."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from kiosk.camera.frame import Picture
from kiosk.errors import PictureError
from kiosk.pipeline.colour_space import (
    ADOBE_RGB,
    ADOBE_RGB_GAMMA,
    BT_2020,
    DISPLAY_P3,
    SRGB,
    Chromaticities,
)
from kiosk.pipeline.light import to_linear
from kiosk.pipeline.picture import read_picture
from tests.icc import PRO_PHOTO, display_profile, grey_profile, ink_profile, profile

MOST_OFF = 1.5
"""Mean ΔE (CIE 1976) by which a picture may be off what it was."""


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    """Colours that people, clothes and backdrops have, in smooth ramps, 96 × 96."""
    light, hue = np.meshgrid(np.linspace(0.15, 1.0, 96), np.linspace(0, 1, 96))
    skin, blue = np.array((235, 180, 150)), np.array((100, 197, 255))
    mixed = (skin * (1 - hue[..., None]) + blue * hue[..., None]) * light[..., None]
    return Image.fromarray(np.rint(mixed).astype(np.uint8))


def off(read: Picture, right: Image.Image) -> float:
    """The mean ΔE between two pictures."""

    def lab(codes: object) -> NDArray[np.float32]:
        floats = (np.asarray(codes) / 255).astype(np.float32)
        return np.asarray(cv2.cvtColor(floats, cv2.COLOR_RGB2Lab))

    return float(np.linalg.norm(lab(read) - lab(right), axis=2).mean())


def converted(picture: Image.Image, data: bytes, mode: str = "RGB") -> Image.Image:
    """The picture in the space of a profile."""
    srgb, space = ImageCms.createProfile("sRGB"), ImageCms.ImageCmsProfile(io.BytesIO(data))
    turned = ImageCms.profileToProfile(picture, srgb, space, outputMode=mode)
    assert turned is not None
    return turned


def in_space(picture: Image.Image, corners: Chromaticities, gamma: float) -> NDArray[np.float64]:
    """The picture's codes, 0 to 1, in a space by its primaries and one power."""
    from kiosk.pipeline.colour_space import _to_xyz

    linear = to_linear(np.asarray(picture, np.uint8)).astype(np.float64)
    turned = linear @ (np.linalg.inv(_to_xyz(corners)) @ _to_xyz(SRGB)).T
    return np.asarray(turned.clip(0, 1) ** (1 / gamma))


PROFILES = {
    "sRGB, version 2": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    "sRGB's primaries, version 4": display_profile(SRGB, 2.2, version=4),
    "Display P3": display_profile(DISPLAY_P3, 2.2),
    "Adobe RGB": display_profile(ADOBE_RGB, ADOBE_RGB_GAMMA),
    "ProPhoto": display_profile(PRO_PHOTO, 1.8),
    "BT.2020": display_profile(BT_2020, 2.4),
    "linear": display_profile(SRGB, 1.0),
}


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tiff"])
def test_a_picture_is_the_same_in_whatever_profile_it_is_kept(
    name: str, suffix: str, picture: Image.Image, tmp_path: Path
) -> None:
    file, data = tmp_path / f"a.{suffix}", PROFILES[name]
    # Each format ignores the others' options.
    converted(picture, data).save(file, icc_profile=data, quality=97, subsampling=0, lossless=True)
    assert off(read_picture(file), picture) < MOST_OFF


def test_a_profile_that_says_srgb_leaves_the_pixels_as_they_are(
    picture: Image.Image, tmp_path: Path
) -> None:
    file = tmp_path / "a.png"
    picture.save(file, icc_profile=PROFILES["sRGB, version 2"])
    assert np.array_equal(read_picture(file), np.asarray(picture))


def test_grey_is_read_by_a_grey_profile_and_by_a_displays(tmp_path: Path) -> None:
    grey = Image.fromarray(np.tile(np.arange(256, dtype=np.uint8), (64, 1)))
    grey.save(tmp_path / "own.png", icc_profile=grey_profile(1.0))
    assert abs(int(read_picture(tmp_path / "own.png")[0, 55, 0]) - 128) < 3
    grey.save(tmp_path / "display.png", icc_profile=PROFILES["sRGB, version 2"])
    assert np.array_equal(read_picture(tmp_path / "display.png")[..., 0], np.asarray(grey))


def test_inks_are_read_by_their_profile(picture: Image.Image, tmp_path: Path) -> None:
    inks = Image.new("CMYK", (64, 64), (0, 0, 0, 255))
    inks.save(tmp_path / "a.jpg", icc_profile=ink_profile())
    seen = read_picture(tmp_path / "a.jpg")[32, 32]
    assert np.abs(seen.astype(int) - 171).max() < 6  # L* 70, as the profile says of black ink


def test_a_palette_and_a_transparent_picture_have_their_profile_applied(
    picture: Image.Image, tmp_path: Path
) -> None:
    data = PROFILES["Display P3"]
    turned = converted(picture, data)
    turned.quantize(256).save(tmp_path / "palette.png", icc_profile=data)
    assert off(read_picture(tmp_path / "palette.png"), picture) < 2.5  # 256 colours are few
    turned.putalpha(Image.fromarray(np.full((96, 96), 255, np.uint8)))
    turned.save(tmp_path / "clear.png", icc_profile=data)
    assert off(read_picture(tmp_path / "clear.png"), picture) < MOST_OFF


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(codes: NDArray[np.float64], *chunks: bytes, depth: int = 8) -> bytes:
    """A PNG of codes, 0 to 1, with chunks of its own before the pixels."""
    height, width = codes.shape[:2]
    levels = np.rint(codes * ((1 << depth) - 1)).astype(">u2" if depth == 16 else np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in levels)
    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", header), *chunks, chunk(b"IDAT", zlib.compress(rows)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def gamma_chunk(gamma: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(100_000 / gamma)))


def corners_chunk(corners: Chromaticities) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(100_000 * value) for value in corners)))


@pytest.mark.parametrize(
    ("space", "chunks", "depth"),
    [
        ((ADOBE_RGB, ADOBE_RGB_GAMMA), (gamma_chunk(563 / 256), corners_chunk(ADOBE_RGB)), 8),
        ((ADOBE_RGB, ADOBE_RGB_GAMMA), (gamma_chunk(563 / 256), corners_chunk(ADOBE_RGB)), 16),
        ((DISPLAY_P3, 2.2), (gamma_chunk(2.2), corners_chunk(DISPLAY_P3)), 8),
        ((PRO_PHOTO, 1.8), (gamma_chunk(1.8), corners_chunk(PRO_PHOTO)), 16),
        ((SRGB, 1.0), (gamma_chunk(1.0),), 8),
        ((SRGB, 1.8), (gamma_chunk(1.8),), 8),
        ((DISPLAY_P3, 2.2), (chunk(b"cICP", bytes((12, 13, 0, 1))),), 8),
        ((BT_2020, 2.2), (chunk(b"cICP", bytes((9, 13, 0, 1))), gamma_chunk(1.0)), 8),
        ((SRGB, 2.2), (chunk(b"sRGB", b"\0"), gamma_chunk(1.0)), 8),
        ((SRGB, 2.2), (), 16),
    ],
)
def test_what_a_png_says_of_its_colours_is_heeded(
    space: tuple[Chromaticities, float],
    chunks: tuple[bytes, ...],
    depth: int,
    picture: Image.Image,
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(png(in_space(picture, *space), *chunks, depth=depth))
    assert off(read_picture(file), picture) < MOST_OFF


@pytest.mark.parametrize("says", ["colour space", "interoperability"])
def test_a_camera_that_says_adobe_rgb_without_a_profile_is_believed(
    says: str, picture: Image.Image, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = 2 if says == "colour space" else 0xFFFF
    if says == "interoperability":
        exif.get_ifd(0x8769)[0xA005] = {1: "R03"}
    codes = np.rint(in_space(picture, ADOBE_RGB, ADOBE_RGB_GAMMA) * 255).astype(np.uint8)
    Image.fromarray(codes).save(tmp_path / "a.jpg", exif=exif, quality=97, subsampling=0)
    assert off(read_picture(tmp_path / "a.jpg"), picture) < MOST_OFF


def fragment(number: int, of: int, data: bytes) -> bytes:
    body = b"ICC_PROFILE\0" + bytes((number, of)) + data
    return b"\xff\xe2" + struct.pack(">H", len(body) + 2) + body


WHOLE = PROFILES["Display P3"]
BROKEN: dict[str, tuple[Callable[[Image.Image], Image.Image], bytes]] = {
    "noise": (lambda image: image, b"\x5a" * 3_000),
    "cut off": (lambda image: image, WHOLE[:200]),
    "of grey for a picture in colour": (lambda image: image, grey_profile(2.2)),
    "of inks for a picture in red, green, blue": (lambda image: image, ink_profile()),
    "of red, green, blue for a picture in inks": (lambda image: image.convert("CMYK"), WHOLE),
    "without its curves": (lambda image: image, profile(b"RGB ", {})),
    "of six inks": (lambda image: image, profile(b"6CLR", {})),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_profile_that_cannot_be_used_is_refused_by_name(
    name: str, picture: Image.Image, tmp_path: Path
) -> None:
    turn, data = BROKEN[name]
    file = tmp_path / "a.jpg"
    turn(picture).save(file, icc_profile=data)
    with pytest.raises(PictureError, match=r"colour profile .*; save it anew as sRGB") as told:
        read_picture(file)
    assert str(file) in str(told.value)


def test_a_profile_of_which_a_part_is_lost_is_refused(picture: Image.Image, tmp_path: Path) -> None:
    out = io.BytesIO()
    picture.save(out, "JPEG")
    data = out.getvalue()
    (tmp_path / "a.jpg").write_bytes(data[:2] + fragment(1, 2, WHOLE[:100]) + data[2:])
    with pytest.raises(PictureError, match="colour profile is damaged"):
        read_picture(tmp_path / "a.jpg")


@pytest.mark.parametrize(
    "chunks",
    [
        (chunk(b"gAMA", struct.pack(">I", 1)),),
        (gamma_chunk(2.2), chunk(b"cHRM", struct.pack(">8I", *[33_333] * 8))),
        (gamma_chunk(2.2), chunk(b"cHRM", bytes(32))),
        (chunk(b"cICP", bytes((9, 16, 0, 1))),),
        (chunk(b"cICP", b"\1"),),
    ],
)
def test_colours_that_cannot_be_are_refused(
    chunks: tuple[bytes, ...], picture: Image.Image, tmp_path: Path
) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(png(np.asarray(picture, np.float64) / 255, *chunks))
    with pytest.raises(PictureError, match="save it anew as sRGB"):
        read_picture(file)
