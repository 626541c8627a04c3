"""What commands do with each picture they are given: judge it, name a bad one, annotate it."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands import FAILED, WRONG_USE
from kiosk.commands.output import print_json, print_remark
from kiosk.errors import PictureError, UsageError

if TYPE_CHECKING:
    from kiosk.camera.frame import Picture


def judge_each(images: Iterable[Path], judge: Callable[[Path], bool], *, json_lines: bool) -> int:
    """Judge every picture, and return the exit status.

    A file that is no picture is named, and does not keep the others from being judged.
    """
    status = 0
    for image in images:
        try:
            passed = judge(image)
        except PictureError as error:
            status = max(status, WRONG_USE)
            if json_lines:
                print_json({"file": str(image), "error": str(error)})
            print_remark(f"kiosk: {error}")
        else:
            status = max(status, 0 if passed else FAILED)
    return status


def write_annotated(folder: Path, image: Path, annotated: "Picture") -> None:
    """Write a picture's annotated copy to the folder, as a PNG of its name. Raises UsageError."""
    from PIL import Image

    out = folder / f"{image.stem}.png"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(annotated).save(out)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror})") from error


def write_drawing(out: Path, svg: str) -> int:
    """Write a drawing to a file of its own; the exit status. Raises UsageError."""
    from durable import READABLE, write_whole

    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, svg.encode(), READABLE)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror})") from error
    print_remark(f"kiosk: drawn to {out}")
    return 0
