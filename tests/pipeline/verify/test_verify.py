"""Verifying: every way in which a file can be wrong is found."""

import io
import warnings
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from kiosk.camera.frame import Picture
from kiosk.commands.main import main
from kiosk.drawing.verification import LIST_WIDTH, draw_verification
from kiosk.pipeline.colour_space import DISPLAY_P3
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.specification import Wanted, specification
from kiosk.pipeline.verify.background import inspect_background
from kiosk.pipeline.verify.silhouette import find_crown, find_silhouette
from kiosk.pipeline.verify.verify import Finding, Verification, verify
from tests.icc import display_profile

Change = Callable[[Image.Image], Image.Image]
Codes = NDArray[np.float64]

BLUE = (100, 197, 255)


@pytest.fixture(scope="module")
def picture(models: LoadedModels, at_booth: Callable[..., Picture]) -> Image.Image:
    wanted = Wanted((480, 640), "light-blue", "booth")
    return Image.fromarray(models.standardiser.standardise(at_booth(), wanted).picture)


def saved(picture: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", **({"quality": 98, "subsampling": 0, "dpi": (300, 300)} | options))
    return out.getvalue()


def found(data: bytes, models: LoadedModels) -> dict[str, Finding]:
    verified = verify(data, models.looker, specification(), "light-blue", "booth")
    return {finding.id: finding for finding in verified.findings}


def wrong(data: bytes, models: LoadedModels) -> set[str]:
    found: Verification = verify(data, models.looker, specification(), "light-blue", "booth")
    return {finding.id for finding in found.findings if finding.ok is not True}


def test_a_right_file_is_accepted(
    picture: Image.Image,
    models: LoadedModels,
) -> None:
    assert wrong(saved(picture), models) == set()


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
    options: dict[str, object], found: set[str], picture: Image.Image, models: LoadedModels
) -> None:
    assert found <= wrong(saved(picture, **options), models)


def after_the_start(data: bytes, segment: bytes) -> bytes:
    """The file with one more segment behind its JFIF header."""
    end = 4 + int.from_bytes(data[4:6], "big")
    return data[:end] + segment + data[end:]


def part(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


FOREIGN: dict[str, Callable[[bytes], bytes]] = {
    "colour profile": lambda data: after_the_start(
        data, part(0xE2, b"ICC_PROFILE\0\1\1" + display_profile(DISPLAY_P3, 2.2))
    ),
    "IPTC": lambda data: after_the_start(
        data, part(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\0\0\0\x10\x1c\2P\0\x0b11010120000")
    ),
    "XMP": lambda data: after_the_start(
        data, part(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(40) + b"<name>")
    ),
    "vendor": lambda data: after_the_start(data, part(0xE4, b"SAMSUNG a name")),
    "content credentials": lambda data: after_the_start(data, part(0xEB, b"JP\0\1" + bytes(40))),
    "thumbnail": lambda data: after_the_start(data, part(0xE0, b"JFXX\0\x13\2\2" + bytes(12))),
    "comment": lambda data: after_the_start(data, part(0xFE, b"a name")),
    "bytes after the picture's end": lambda data: data + b"a name",
    "after the picture": lambda data: data + data,
    "sequential": lambda data: data.replace(b"\xff\xc0", b"\xff\xc1", 1),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_no_photo_may_hold_is_refused_and_named(
    what: str, picture: Image.Image, models: LoadedModels
) -> None:
    wrong = found(FOREIGN[what](saved(picture)), models)
    assert wrong["metadata"].ok is False
    assert what in wrong["metadata"].reason


def test_restart_markers_hold_nothing_foreign(picture: Image.Image, models: LoadedModels) -> None:
    assert wrong(saved(picture, restart_marker_blocks=4), models) == set()


def test_several_pictures_in_one_file_are_refused(
    picture: Image.Image, models: LoadedModels
) -> None:
    out = io.BytesIO()
    picture.save(out, "MPO", save_all=True, append_images=[picture], quality=98, dpi=(300, 300))
    assert "metadata" in wrong(out.getvalue(), models)


def in_colours(picture: Image.Image, turn: Change) -> Image.Image:
    """The photo with the person's colours turned, on its right background."""
    codes = np.asarray(picture, np.uint8)
    person = find_silhouette(codes, BLUE).person
    turned = np.asarray(turn(picture).convert("RGB"), np.uint8)
    return Image.fromarray(np.where(person[..., None], turned, codes))


@pytest.mark.parametrize(
    ("turn", "finding"),
    [
        (lambda photo: photo.convert("L"), "face_variety"),
        (lambda photo: Image.blend(photo.convert("L").convert("RGB"), photo, 0.1), "face_chroma"),
        (lambda photo: Image.blend(photo.convert("L").convert("RGB"), photo, 0.25), "face_chroma"),
        (lambda photo: Image.merge("RGB", photo.split()[::-1]), "face_hue"),
        (lambda photo: Image.merge("RGB", [photo.split()[n] for n in (1, 0, 2)]), "face_hue"),
        (lambda photo: Image.merge("RGB", [photo.split()[n] for n in (1, 2, 0)]), "face_hue"),
        (lambda photo: Image.merge("RGB", [photo.split()[n] for n in (0, 2, 1)]), "face_hue"),
        (lambda photo: ImageOps.colorize(photo.convert("L"), "black", "#ffe8c8"), "face_variety"),
    ],
)
def test_a_face_without_colour_or_of_wrong_ones_is_refused(
    turn: Change, finding: str, picture: Image.Image, models: LoadedModels
) -> None:
    assert finding in wrong(saved(in_colours(picture, turn)), models)


def test_metadata_about_the_student_is_found(
    picture: Image.Image,
    models: LoadedModels,
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a student"
    assert "metadata" in wrong(saved(picture, exif=exif), models)


def shifted(picture: Image.Image, x: int, y: int) -> Image.Image:
    plain = Image.new("RGB", picture.size, BLUE)
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
        (lambda p: p.rotate(9, fillcolor=BLUE), "eye_roll"),
        (lambda p: Image.new("RGB", p.size, BLUE), "faces"),
        (lambda p: Image.blend(p, Image.new("RGB", p.size, "grey"), 0.2), "background"),
    ],
)
def test_what_the_picture_shows_wrongly_is_found(
    change: Change, found: str, picture: Image.Image, models: LoadedModels
) -> None:
    assert found in wrong(saved(change(picture)), models)


def test_a_shadow_on_the_background_is_found(
    picture: Image.Image,
    models: LoadedModels,
) -> None:
    shaded = np.asarray(picture).copy()
    shaded[:120, :60] = (shaded[:120, :60] * 0.93).astype(np.uint8)
    assert "background" in wrong(saved(Image.fromarray(shaded)), models)


def covered(picture: Image.Image) -> Codes:
    """How much of each pixel is not background, about: 0 to 1, H × W × 1."""
    off = find_silhouette(np.asarray(picture), BLUE).off
    return np.clip(off / 90.0, 0, 1)[..., None]


def mixed(person: Codes, cover: Codes) -> Image.Image:
    return Image.fromarray((person * cover + np.array(BLUE) * (1 - cover)).astype(np.uint8))


@pytest.mark.parametrize("place", [(60, 60), (430, 300), (20, 400), (240, 12)])
def test_a_speck_far_from_the_person_is_found_at_its_place(
    place: tuple[int, int], picture: Image.Image, models: LoadedModels
) -> None:
    spoilt = picture.copy()
    spoilt.paste((70, 60, 50), (*place, place[0] + 3, place[1] + 3))
    background = found(saved(spoilt), models)["background"]
    assert background.ok is False
    assert "1 fault" in background.reason
    x, y = map(int, background.reason.rsplit("at ", 1)[1].split(", "))
    assert abs(x - place[0] - 1) <= 3
    assert abs(y - place[1] - 1) <= 3


@pytest.mark.parametrize("place", [(60, 60), (5, 60), (240, 5)], ids=["inside", "side", "above"])
@pytest.mark.parametrize(
    ("off", "wide", "seen"), [(9, 2, False), (9, 5, True), (20, 1, True)], ids=str
)
def test_a_speck_that_is_small_and_faint_is_overlooked_in_the_corners_too(
    place: tuple[int, int], off: int, wide: int, seen: bool
) -> None:
    photo = np.full((640, 480, 3), BLUE, np.uint8)
    cv2.ellipse(photo, (240, 700), (230, 600), 0, 0, 360, (60, 50, 40), cv2.FILLED)
    x, y = place
    photo[y : y + 2, x : x + wide, 1] -= off
    background = inspect_background(find_silhouette(photo, BLUE), 200, 400, noise=6)
    assert [(fault.x, fault.y) for fault in background.faults] == [place] * seen


def test_the_end_of_a_strand_near_the_head_is_no_speck(
    picture: Image.Image, models: LoadedModels
) -> None:
    person = find_silhouette(np.asarray(picture), BLUE).person
    row = int(np.flatnonzero(person.any(1))[0]) + 60
    edge = int(np.flatnonzero(person[row])[0])
    haired = picture.copy()
    haired.paste((60, 90, 110), (edge - 14, row, edge - 8, row + 1))
    assert wrong(saved(haired), models) == set()


def test_a_long_strand_that_hangs_on_nothing_is_found(
    picture: Image.Image, models: LoadedModels
) -> None:
    ghost = np.asarray(picture).copy()
    cv2.ellipse(ghost, (240, 200), (175, 190), 0, 185, 220, (90, 130, 160), 2)
    assert "background" in wrong(saved(Image.fromarray(ghost)), models)


def test_a_shadow_beside_the_head_is_found(
    picture: Image.Image,
    models: LoadedModels,
) -> None:
    across, down = np.meshgrid(np.arange(480), np.arange(640))
    dark = 0.1 * np.exp(-(((across - 90) / 60) ** 2 + ((down - 200) / 90) ** 2))[..., None]
    person = find_silhouette(np.asarray(picture), BLUE).person[..., None]
    shaded = np.where(person, np.asarray(picture), np.asarray(picture) * (1 - dark)).astype(
        np.uint8
    )
    assert "background" in wrong(saved(Image.fromarray(shaded)), models)


def test_a_gradient_and_a_tint_that_stay_within_noise_are_found(
    picture: Image.Image, models: LoadedModels
) -> None:
    codes = np.asarray(picture).astype(np.int16)
    tinted = Image.fromarray((codes - (0, 4, 4)).clip(0, 255).astype(np.uint8))
    assert wrong(saved(tinted), models) == {"background_colour"}
    slope = np.linspace(0, 12, 640)[:, None, None]
    sloping = Image.fromarray((codes - slope).clip(0, 255).astype(np.uint8))
    assert {"background", "background_colour"} & wrong(saved(sloping), models)


def test_a_white_halo_is_a_fringe(
    picture: Image.Image,
    models: LoadedModels,
) -> None:
    inside = (covered(picture)[..., 0] > 0.5).astype(np.uint8)
    ring = cv2.dilate(inside, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    haloed = np.where((ring > inside)[..., None], 255, np.asarray(picture))
    assert "fringe" in wrong(saved(Image.fromarray(haloed.astype(np.uint8))), models)


def test_the_old_backdrops_light_in_the_edge_is_a_fringe(
    picture: Image.Image, models: LoadedModels
) -> None:
    cover = covered(picture)
    change = np.array((60, 170, 80)) - np.array(BLUE)
    seen = np.asarray(picture) + change * (1 - cover)
    assert "fringe" in wrong(saved(mixed(seen, cover)), models)


def test_a_hard_cut_is_found(
    picture: Image.Image,
    models: LoadedModels,
) -> None:
    person = find_silhouette(np.asarray(picture), BLUE).person.astype(np.uint8)
    within = cv2.erode(person, np.ones((9, 9), np.uint8), borderValue=1)
    cut = Image.new("RGB", picture.size, BLUE)
    cut.paste(picture, mask=Image.fromarray(within * 255))
    assert "hard_edge" in wrong(saved(cut), models)


def test_a_stray_strand_is_not_the_top_of_the_hair(
    picture: Image.Image, models: LoadedModels
) -> None:
    face = models.looker.look(np.asarray(picture)).face
    assert face is not None
    top = find_crown(find_silhouette(np.asarray(picture), BLUE), face)
    assert top is not None
    straying = picture.copy()
    straying.paste((30, 30, 30), (240, int(top) - 25, 242, int(top) + 5))
    assert find_crown(find_silhouette(np.asarray(straying), BLUE), face) == pytest.approx(
        top, abs=1
    )
    assert find_crown(find_silhouette(np.full((640, 480, 3), BLUE, np.uint8), BLUE), face) is None


def test_findings_are_drawn_beside_the_photo(
    picture: Image.Image,
    models: LoadedModels,
) -> None:
    for data in (saved(picture), saved(shifted(picture, 30, 60))):
        sheet = draw_verification(
            verify(data, models.looker, specification(), "light-blue", "booth"),
            specification().profile().geometry,
        )
        assert sheet.shape == (1280, 960 + LIST_WIDTH, 3)
    nothing = verify(b"no picture", models.looker, specification(), "light-blue", "booth")
    assert draw_verification(nothing, specification().profile().geometry).shape == (
        1280,
        LIST_WIDTH,
        3,
    )


def test_verify_annotates_into_a_folder_it_makes_and_says_why_not(
    tmp_path: Path, picture: Image.Image, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(saved(picture))
    assert main(["verify", str(photo), "--annotate", str(tmp_path / "a" / "b")]) == 0
    assert (tmp_path / "a" / "b" / "photo.png").exists()
    (tmp_path / "empty.jpg").touch()
    assert main(["verify", str(tmp_path / "empty.jpg"), "--annotate", str(photo)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_files_that_are_no_photo_have_a_reason_and_a_status(
    tmp_path: Path, picture: Image.Image, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("no picture")
    picture.save(tmp_path / "picture.png")
    picture.convert("L").save(tmp_path / "grey.jpg", quality=98)
    picture.convert("CMYK").save(tmp_path / "cmyk.jpg", quality=98)
    Image.new("L", (12_000, 9_000)).save(tmp_path / "huge.jpg", quality=60)
    wrong = {
        1: {
            "empty.jpg": "is empty",
            "text.jpg": "is not a JPEG",
            "picture.png": "is not a JPEG",
            "grey.jpg": "is not a baseline JPEG in colour",
            "cmyk.jpg": "is not a baseline JPEG in colour",
            "huge.jpg": "has too many pixels",
        },
        2: {"": "is a folder", "missing.jpg": "there is no such file"},
    }
    for status, reasons in wrong.items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert main(["verify", *(str(tmp_path / name) for name in reasons)]) == status
        said = capsys.readouterr()
        lines = (said.out + said.err).splitlines()
        for name, reason in reasons.items():
            (line,) = (line for line in lines if f"{tmp_path / name}:" in line)
            assert reason in line


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0"])
def test_what_is_no_jpeg_is_not_accepted(
    data: bytes,
    models: LoadedModels,
) -> None:
    assert wrong(data, models) == {"format"}


def test_a_cut_off_file_is_not_accepted(
    picture: Image.Image,
    models: LoadedModels,
) -> None:
    data = saved(picture)
    assert wrong(data[: len(data) // 2], models) == {"format"}
