"""Verifying: every way in which a file can be wrong is found."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.eyes import Eyes
from kiosk.pipeline.specification import specification
from kiosk.pipeline.standardise import Wanted
from kiosk.pipeline.verify import Verification, verify

Change = Callable[[Image.Image], Image.Image]


@pytest.fixture(scope="module")
def picture(eyes: Eyes, at_booth: Callable[..., Picture]) -> Image.Image:
    wanted = Wanted((480, 640), "light-blue", "booth")
    return Image.fromarray(eyes.standardiser.standardise(at_booth(), wanted).picture)


def saved(picture: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", **({"quality": 98, "subsampling": 0, "dpi": (300, 300)} | options))
    return out.getvalue()


def wrong(data: bytes, eyes: Eyes) -> set[str]:
    found: Verification = verify(data, eyes.looker, specification(), "light-blue", "booth")
    return {finding.id for finding in found.findings if finding.ok is not True}


def test_a_right_file_is_accepted(picture: Image.Image, eyes: Eyes) -> None:
    assert wrong(saved(picture), eyes) == set()


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"progressive": True}, {"format"}),
        ({"quality": 40}, {"quality", "bytes"}),
        ({"dpi": (72, 72)}, {"resolution"}),
        ({"comment": b"a student"}, {"metadata"}),
    ],
)
def test_a_wrong_file_form_is_found(
    options: dict[str, object], found: set[str], picture: Image.Image, eyes: Eyes
) -> None:
    assert found <= wrong(saved(picture, **options), eyes)


def test_metadata_about_the_student_is_found(picture: Image.Image, eyes: Eyes) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a student"
    assert "metadata" in wrong(saved(picture, exif=exif), eyes)


def shifted(picture: Image.Image, x: int, y: int) -> Image.Image:
    plain = Image.new("RGB", picture.size, (100, 197, 255))
    plain.paste(picture, (x, y))
    return plain


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda p: p.resize((360, 480)), "width"),
        (lambda p: p.resize((480, 660)), "aspect"),
        (lambda p: p.convert("L"), "format"),
        (lambda p: shifted(p, 0, 60), "head_top"),
        (lambda p: shifted(p, 0, 110), "eye_line"),
        (lambda p: shifted(p, 30, 0), "midline"),
        (lambda p: shifted(p.resize((240, 320)), 120, 200), "face_width"),
        (lambda p: p.rotate(9, fillcolor=(100, 197, 255)), "eye_roll"),
        (lambda p: Image.new("RGB", p.size, (100, 197, 255)), "faces"),
        (lambda p: Image.blend(p, Image.new("RGB", p.size, "grey"), 0.2), "background"),
    ],
)
def test_what_the_picture_shows_wrongly_is_found(
    change: Change, found: str, picture: Image.Image, eyes: Eyes
) -> None:
    assert found in wrong(saved(change(picture)), eyes)


def test_a_shadow_on_the_background_is_found(picture: Image.Image, eyes: Eyes) -> None:
    shaded = np.asarray(picture).copy()
    shaded[:120, :60] = (shaded[:120, :60] * 0.93).astype(np.uint8)
    assert "background" in wrong(saved(Image.fromarray(shaded)), eyes)


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0"])
def test_what_is_no_jpeg_is_not_accepted(data: bytes, eyes: Eyes) -> None:
    assert wrong(data, eyes) == {"format"}


def test_a_cut_off_file_is_not_accepted(picture: Image.Image, eyes: Eyes) -> None:
    data = saved(picture)
    assert wrong(data[: len(data) // 2], eyes) == {"format"}
