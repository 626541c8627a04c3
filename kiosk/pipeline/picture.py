"""Picture files: read whatever a camera or a person may hand over, or say why not."""

import io
import os
import stat
import warnings
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from kiosk.camera.frame import Picture
from kiosk.errors import PictureError
from kiosk.pipeline.colour_space import ColourSpaceError, in_srgb

MOST_PIXELS = 80_000_000
"""Larger pictures are refused before they are decoded: 240 MB as RGB."""

MOST_BYTES = 1 << 29
"""Longer files are refused unread: MOST_PIXELS of 16-bit RGB are 480 MB."""

MOST_ASPECT = 10
"""How many times as long as the other a side may be: OpenCV's warps take 32,767 px at most."""

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP")

NOT_EIGHT_BIT = ("I", "F")
"""Pillow's modes whose values nobody can tell the white of."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings a picture upright, by its orientation (Exif 2.32, tag 0x0112)."""


def read_file(path: Path) -> bytes:
    """The bytes of a picture file. Raises PictureError, naming file, reason and way out."""
    try:
        unfit = _why_unfit(path.stat())
        if unfit is None:
            return path.read_bytes()
    except FileNotFoundError:
        raise PictureError(f"{path}: there is no such file") from None
    except PermissionError:
        raise PictureError(f"{path}: may not be read; check its permissions") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise PictureError(f"{path}: cannot be read ({why}); copy it again") from None
    raise PictureError(f"{path}: {unfit}")


def _why_unfit(status: os.stat_result) -> str | None:
    """Why a file is not even opened, and the way out; None where it may be."""
    if stat.S_ISDIR(status.st_mode):
        return "is a folder; name the pictures in it"
    if not stat.S_ISREG(status.st_mode):  # a pipe may never end
        return "is no regular file; save the picture to one"
    if status.st_size > MOST_BYTES:
        return f"is over {MOST_BYTES >> 20} MiB; make it smaller first"
    return None


def read_picture(path: Path) -> Picture:
    """Read a picture file as 8-bit sRGB, upright.

    Turns it as its EXIF orientation says, converts its colours from what the file says they mean
    (`colour_space`), and CMYK, grey, palette and 16-bit pictures, and lays transparent ones on
    white. Raises PictureError, naming file, reason and way out.
    """
    data = read_file(path)
    try:
        # Pillow's own bomb warning is louder and later than the bound below; what else it warns of
        # is not for who hands over a picture.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                return _upright(opened, data, path)
    except PictureError:
        raise
    except ColourSpaceError as error:
        raise PictureError(f"{path}: {error}; save it anew as sRGB") from None
    except Image.DecompressionBombError:
        raise PictureError(_too_large(path, "far")) from None
    except UnidentifiedImageError:
        reason = "is not a picture that can be read" if data else "is empty"
        raise PictureError(f"{path}: {reason}; give a JPEG or a PNG") from None
    except Exception as error:
        # Pillow's parsers let anything through: TypeError, KeyError, struct.error and more.
        raise PictureError(f"{path}: is damaged ({error}); copy or take it again") from None


def _upright(opened: Image.Image, data: bytes, path: Path) -> Picture:
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise PictureError(_too_large(path, f"{width} × {height} px,"))
    if max(width, height) > MOST_ASPECT * min(width, height):
        raise PictureError(f"{path}: is {width} × {height} px, a strip; cut the person out of it")
    # A phone's JPEG may hold smaller copies after the picture (MPO); the first is the picture.
    if getattr(opened, "n_frames", 1) > 1 and opened.format != "MPO":
        raise PictureError(f"{path}: is animated or has pages; give a single picture")
    opened.load()
    if opened.mode in NOT_EIGHT_BIT:
        raise PictureError(f"{path}: has other values than 8 or 16 bit; save it anew with 8 bit")
    colours, alpha = _part(_turn(opened, path))
    picture = in_srgb(opened, colours, data)
    if alpha is not None:
        picture = Image.composite(picture, Image.new("RGB", picture.size, "white"), alpha)
    return np.ascontiguousarray(np.asarray(picture, np.uint8))


def _turn(image: Image.Image, path: Path) -> Image.Image:
    """The image, turned as its EXIF orientation says; as it lies where that says nothing known.

    Nothing else of EXIF is read: Pillow's own `exif_transpose` writes all of it anew, and any
    damaged tag ends it, whatever it tells.
    """
    try:
        method = TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        raise PictureError(f"{path}: its EXIF is damaged; save it anew without") from None
    return image if method is None else image.transpose(method)


def _part(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Part an image into its 8-bit colours, and its alpha where it has one."""
    if image.mode.startswith("I;16"):
        # Pillow clips 16-bit grey to 255 instead of scaling it.
        wide = np.asarray(image, np.float32)
        return Image.fromarray(np.rint(wide / 257).clip(0, 255).astype(np.uint8)), None
    if not image.has_transparency_data:
        return image, None
    if image.mode in ("L", "LA", "La"):
        grey = image.convert("LA")
        return grey.getchannel("L"), grey.getchannel("A")
    rgba = image.convert("RGBA")
    return rgba.convert("RGB"), rgba.getchannel("A")


def _too_large(path: Path, size: str) -> str:
    return f"{path}: is {size} over {MOST_PIXELS // 1_000_000} megapixels; make it smaller first"
