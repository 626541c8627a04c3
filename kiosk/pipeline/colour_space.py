"""Colour spaces of picture files: what a file says that its pixels mean, turned into sRGB.

A profile comes before a PNG's own words (cICP, sRGB, gAMA and cHRM, in this order: W3C PNG, third
edition), and these before Exif's. A file that says nothing is sRGB.
"""

import io
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import to_srgb

Matrix = NDArray[np.float64]

Chromaticities = tuple[float, float, float, float, float, float, float, float]
"""x and y of white, red, green and blue (CIE 1931), in the order of PNG's cHRM."""

D65 = (0.3127, 0.3290)
SRGB: Chromaticities = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
ADOBE_RGB: Chromaticities = (*D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
DISPLAY_P3: Chromaticities = (*D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
BT_2020: Chromaticities = (*D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046)

ADOBE_RGB_GAMMA = 563 / 256

MOST_CODES_OFF = 2
"""8-bit codes by which a profile may differ from sRGB and be held for sRGB in other words: a 16-bit
profile's rounding. The pixels then stay as they are."""

CICP_PRIMARIES = {1: SRGB, 9: BT_2020, 12: DISPLAY_P3}
"""PNG's cICP (ITU-T H.273): the number of the primaries. Number 1 is BT.709, sRGB's own."""

CICP_BT_709, CICP_LINEAR, CICP_SRGB = 1, 8, 13
"""The numbers of transfer functions. BT.709's is a camera's, shown by a display as sRGB is."""

_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_PROFILE_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EXIF_IFD, _EXIF_COLOUR_SPACE = 0x8769, 0xA001
_INTEROP_IFD, _INTEROP_INDEX = 0xA005, 1
_ROWS_AT_ONCE = 256


class ColourSpaceError(Exception):
    """What a file says of its colours is damaged, or not known here; the text says which."""


@dataclass(frozen=True, slots=True)
class RgbSpace:
    """A colour space by its primaries and its transfer function."""

    chromaticities: Chromaticities
    gamma: float | None
    """Linear light is the code, 0 to 1, to this power; None: sRGB's own function."""


def in_srgb(image: Image.Image, colours: Image.Image, data: bytes) -> Image.Image:
    """Turn `colours`, an 8-bit image without alpha, into RGB in sRGB.

    `image` is the opened file with what it says of itself, and `data` its bytes. Raises
    ColourSpaceError.
    """
    if "icc_profile" in image.info:
        return _by_profile(colours, image.info["icc_profile"])
    if colours.mode == "LAB":
        return _convert(colours, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    rgb = colours.convert("RGB")
    space = _space_of_png(image, data) if image.format == "PNG" else _space_of_exif(image)
    return rgb if space is None else _by_space(rgb, space)


# ---- profiles (ICC.1) ----


def _by_profile(colours: Image.Image, data: object) -> Image.Image:
    if not isinstance(data, bytes) or not data:
        raise ColourSpaceError("its colour profile is damaged")
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        space = profile.profile.xcolor_space.strip()
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, MemoryError):
        raise ColourSpaceError("its colour profile is damaged") from None
    mode = _PROFILE_MODES.get(space)
    if mode is None:
        raise ColourSpaceError(f"its colour profile is of {space or 'no'} colours")
    if mode != colours.mode:
        # Grey, and a palette, are shown by a display as red, green and blue.
        if mode != "RGB" or colours.mode in ("CMYK", "LAB"):
            raise ColourSpaceError(
                f"its colour profile is of {space} colours, and the picture is not"
            )
        colours = colours.convert("RGB")
    return _convert(colours, profile)


def _convert(colours: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    """Convert by a profile, perceptually: ICC's intent for photographs, and lcms's own default.

    A display's profile has one rendering, whatever the intent.
    """
    try:
        way = ImageCms.buildTransform(
            profile, ImageCms.createProfile("sRGB"), colours.mode, "RGB", ImageCms.Intent.PERCEPTUAL
        )
        if colours.mode == "RGB":
            probe = _probe()
            moved = np.asarray(way.apply(probe), np.int16) - np.asarray(probe, np.int16)
            if np.abs(moved).max() <= MOST_CODES_OFF:
                return colours
        return way.apply(colours)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        raise ColourSpaceError(f"its colour profile cannot be used ({error})") from None


def _probe() -> Image.Image:
    """Colours from all of the RGB cube, 17 steps along each edge."""
    steps = np.linspace(0, 255, 17).astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1)
    return Image.fromarray(cube.reshape(17, 17 * 17, 3))


# ---- spaces that a file names ----


def _space_of_png(image: Image.Image, data: bytes) -> RgbSpace | None:
    """What a PNG's chunks say; None for sRGB."""
    cicp = next((body for kind, body in _png_chunks(data) if kind == b"cICP"), None)
    if cicp is not None:
        return _space_of_cicp(cicp)
    if "srgb" in image.info:
        return None
    says, corners = image.info.get("gamma"), image.info.get("chromaticity")
    gamma = None if says is None else float(says)
    if gamma is not None and abs(gamma - 1 / 2.2) < 0.002:
        gamma = None  # encoders write 45455 where they mean sRGB's own function
    if gamma is not None and not 0.1 <= gamma <= 10:
        raise ColourSpaceError(f"its gamma cannot be {gamma:g}")
    usual = corners is None or np.abs(np.subtract(corners, SRGB)).max() < 0.002
    if gamma is None and usual:
        return None
    return RgbSpace(corners or SRGB, None if gamma is None else 1 / gamma)


def _space_of_cicp(body: bytes) -> RgbSpace | None:
    known = len(body) == 4 and body[0] in CICP_PRIMARIES and body[2:] == b"\x00\x01"
    if not known or body[1] not in (CICP_BT_709, CICP_LINEAR, CICP_SRGB):
        raise ColourSpaceError(
            f"its colours (cICP {body[:4].hex(' ')}) are of a kind not known here"
        )
    gamma = 1.0 if body[1] == CICP_LINEAR else None
    return None if (body[0], gamma) == (1, None) else RgbSpace(CICP_PRIMARIES[body[0]], gamma)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks before a PNG's pixels."""
    at = len(_PNG_SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT":
            return
        yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def _space_of_exif(image: Image.Image) -> RgbSpace | None:
    """Adobe RGB where a camera says so (DCF 2.0: option file, R03); None for sRGB."""
    try:
        exif = image.getexif()
        space = exif.get_ifd(_EXIF_IFD).get(_EXIF_COLOUR_SPACE)
        index = str(exif.get_ifd(_INTEROP_IFD).get(_INTEROP_INDEX, ""))
    except Exception:
        # Pillow's parser lets anything through: TypeError, KeyError, struct.error and more.
        raise ColourSpaceError("its EXIF is damaged") from None
    return RgbSpace(ADOBE_RGB, ADOBE_RGB_GAMMA) if space == 2 or index.startswith("R03") else None


def _by_space(rgb: Image.Image, space: RgbSpace) -> Image.Image:
    """Convert by primaries and transfer function; what lies outside sRGB is clipped."""
    matrix = np.linalg.inv(_to_xyz(SRGB)) @ _to_xyz(space.chromaticities)
    codes = np.arange(256) / 255
    curve: Callable[[NDArray[np.float64]], NDArray[np.float64]] = (
        _srgb_to_linear if space.gamma is None else lambda c: c ** float(space.gamma or 1)
    )
    table = curve(codes).astype(np.float32)
    source = np.asarray(rgb, np.uint8)
    turned: Picture = np.empty_like(source)
    for top in range(0, len(source), _ROWS_AT_ONCE):  # a large picture as floats would fill a Pi
        rows = slice(top, top + _ROWS_AT_ONCE)
        turned[rows] = to_srgb(table[source[rows]] @ matrix.T.astype(np.float32))
    return Image.fromarray(turned)


def _srgb_to_linear(codes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(
        np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4), np.float64
    )


def _to_xyz(corners: Chromaticities) -> Matrix:
    """The matrix from linear R, G, B to XYZ, its white brought to D65 (Bradford, as ICC.1 does)."""
    white, *primaries = (
        np.array([x / y, 1.0, (1 - x - y) / y]) if y > 0 else np.zeros(3)
        for x, y in zip(corners[::2], corners[1::2], strict=True)
    )
    columns = np.array(primaries).T
    x, y = D65
    d65 = np.array([x / y, 1.0, (1 - x - y) / y])
    try:
        scaled = columns * np.linalg.solve(columns, white)
        adapted = np.linalg.inv(_BRADFORD) @ np.diag(
            (_BRADFORD @ d65) / (_BRADFORD @ white)
        ) @ _BRADFORD  # fmt: skip
        matrix = np.asarray(adapted @ scaled)
    except np.linalg.LinAlgError:
        raise ColourSpaceError("its primaries are no colours") from None
    if not np.isfinite(matrix).all() or abs(np.linalg.det(matrix)) < 1e-6:
        raise ColourSpaceError("its primaries are no colours")
    return matrix
