"""Picture files: read whatever a camera or a person may hand over, or say why not."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from kiosk.camera.frame import Picture
from kiosk.errors import PictureError

MOST_PIXELS = 80_000_000
"""Larger pictures are refused before they are decoded: 240 MB as RGB."""

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP")


def read_picture(path: Path) -> Picture:
    """Read a picture file as 8-bit sRGB, upright.

    Turns it as its EXIF orientation says, converts CMYK, grey, palette and 16-bit pictures, and
    lays transparent ones on white. Raises PictureError, naming file, reason and way out.
    """
    if path.is_dir():
        raise PictureError(f"{path}: is a folder; name the pictures in it")
    try:
        # Pillow's own bomb warning is louder and later than the bound below.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as opened:
                return _upright(opened, path)
    except PictureError:
        raise
    except FileNotFoundError:
        raise PictureError(f"{path}: there is no such file") from None
    except PermissionError:
        raise PictureError(f"{path}: may not be read; check its permissions") from None
    except Image.DecompressionBombError:
        raise PictureError(_too_large(path, "far")) from None
    except UnidentifiedImageError:
        reason = "is empty" if path.stat().st_size == 0 else "is not a picture that can be read"
        raise PictureError(f"{path}: {reason}; give a JPEG or a PNG") from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise PictureError(f"{path}: is damaged ({error}); copy or take it again") from None


def _upright(opened: Image.Image, path: Path) -> Picture:
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise PictureError(_too_large(path, f"{width} × {height} px,"))
    # A phone's JPEG may hold smaller copies after the picture (MPO); the first is the picture.
    if getattr(opened, "n_frames", 1) > 1 and opened.format != "MPO":
        raise PictureError(f"{path}: is animated or has pages; give a single picture")
    opened.load()
    image = ImageOps.exif_transpose(opened)
    if image.mode.startswith("I"):
        # Pillow clips 16-bit grey to 255 instead of scaling it.
        wide = np.asarray(image, np.float64)
        image = Image.fromarray((wide / 257).clip(0, 255).astype(np.uint8))
    if "A" in image.mode or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return np.ascontiguousarray(np.asarray(image.convert("RGB"), np.uint8))


def _too_large(path: Path, size: str) -> str:
    return f"{path}: is {size} over {MOST_PIXELS // 1_000_000} megapixels; make it smaller first"
