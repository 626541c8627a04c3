"""Standardising: from a capture to a photo that verifies, with the face left as it is."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.errors import StandardiseError
from kiosk.pipeline.light import to_linear, to_srgb
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.photo.burst import Shot, Spoiled, best_shot
from kiosk.pipeline.photo.fidelity import face_area
from kiosk.pipeline.photo.geometry import Crop
from kiosk.pipeline.photo.resample import resample
from kiosk.pipeline.photo.standardise import Photo
from kiosk.pipeline.picture import read_picture
from kiosk.pipeline.specification import Wanted, specification
from kiosk.pipeline.verify.verify import verify
from kiosk.twin import Posture

At = Callable[..., Picture]
WANTED = Wanted((480, 640), "light-blue", "booth")


@pytest.fixture(scope="module")
def photo(models: LoadedModels, at_booth: At) -> Photo:
    return models.standardiser.standardise(at_booth(), WANTED)


def test_the_photo_verifies(
    photo: Photo,
    models: LoadedModels,
) -> None:
    found = verify(photo.encoded.data, models.looker, specification(), "light-blue", "booth")
    assert found.accepted, found.reasons


def test_the_face_is_the_captures_own_pixels(
    photo: Photo, models: LoadedModels, at_booth: At
) -> None:
    face = models.looker.look(photo.picture).face
    assert face is not None
    capture = to_srgb(resample(to_linear(at_booth()), photo.crop, photo.size))
    whole = Crop(0, 0, *photo.size, margin=0)
    area = face_area(face, whole, photo.size)
    assert area.mean() > 0.1
    assert (photo.picture[area] == capture[area]).all()


def test_the_same_capture_gives_the_same_bytes(
    photo: Photo, models: LoadedModels, at_booth: At
) -> None:
    again = models.standardiser.standardise(at_booth(), WANTED)
    assert again.encoded.data == photo.encoded.data


def test_nothing_of_the_backdrop_is_left_in_the_corners(photo: Photo) -> None:
    for corner in (photo.picture[:40, :40], photo.picture[:40, -40:]):
        assert (corner == (100, 197, 255)).all()


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted((480, 640), "white", "booth"),
        Wanted((480, 640), "grey", "booth"),
        Wanted((480, 640), "light-blue", "m2017"),
        Wanted((576, 768), "light-blue", "booth"),
    ],
)
def test_every_background_profile_and_size_verifies(
    wanted: Wanted, models: LoadedModels, at_booth: At
) -> None:
    made = models.standardiser.standardise(at_booth(), wanted)
    assert made.size >= wanted.size
    found = verify(
        made.encoded.data, models.looker, specification(), wanted.background, wanted.profile
    )
    assert found.accepted, found.reasons


def test_pictures_without_a_photo_in_them_say_why(
    models: LoadedModels,
    at_booth: At,
) -> None:
    one = at_booth(Posture(scale=0.6))
    small = np.asarray(Image.fromarray(at_booth()).resize((240, 320)))
    for reason, way_out, picture in (
        ("no face", ("one_face", "low"), at_booth(Posture(present=False))),
        ("2 faces", ("one_face", "high"), np.ascontiguousarray(np.hstack([one, one]))),
        ("tilted", ("roll", "high"), at_booth(Posture("roll_6"))),
        ("upper edge", ("face_size", "high"), at_booth()[300:]),
        ("below the chin", ("face_size", "high"), at_booth()[:800]),
        ("too small", ("face_size", "low"), small),
    ):
        with pytest.raises(StandardiseError, match=reason) as refused:
            models.standardiser.standardise(np.ascontiguousarray(picture), WANTED)
        assert (refused.value.rule, refused.value.side) == way_out


def test_studio_portraits_verify_or_have_a_reason(
    models: LoadedModels,
    shared_data: Path,
) -> None:
    """A few of the set; the README tells how to try them all."""
    for path in sorted((shared_data / "portraits").glob("*.jpg"))[::14]:
        try:
            made = models.standardiser.standardise(read_picture(path), WANTED)
        except StandardiseError as error:
            assert str(error)  # noqa: PT017 (either outcome is right)
            continue
        with Image.open(io.BytesIO(made.encoded.data)) as opened:
            assert opened.size == made.size


def test_the_record_of_what_was_done_names_each_step_and_where_the_head_lies_in_the_end(
    photo: Photo,
) -> None:
    done = {operation.name: operation.parameters for operation in photo.operations}
    assert list(done) == ["crop", "scale", "cut out", "background", "jpeg", "verify"]
    assert done["crop"]["left"] == photo.crop.left
    assert done["cut out"]["by"] == "picture"
    assert done["background"] == {"red": 100, "green": 197, "blue": 255}
    assert done["jpeg"]["quality"] == photo.encoded.quality
    eyes = [done["verify"][name] for name in ("eye_line least", "eye_line", "eye_line most")]
    assert eyes == sorted(eyes)


def test_a_frame_that_was_torn_does_not_win_the_burst(
    models: LoadedModels,
    at_booth: At,
) -> None:
    whole = at_booth()
    torn = whole.copy()
    torn[400:] = (0, 135, 0)
    shot = best_shot([torn, whole, np.zeros_like(whole)], models.looker, specification())
    assert isinstance(shot, Shot)
    assert shot.picture is whole


def test_a_burst_that_gives_no_shot_says_why(models: LoadedModels, at_booth: At) -> None:
    asleep = at_booth(Posture("eyes_closed"))
    spoiled = best_shot([asleep, np.zeros_like(asleep)], models.looker, specification())
    assert isinstance(spoiled, Spoiled)
    assert spoiled.assessment is not None
    assert "eyes_open" in {rule.id for rule in spoiled.assessment.rules if rule.refuses}


def test_a_burst_of_nothing_but_torn_frames_gives_no_shot(
    models: LoadedModels,
    at_booth: At,
) -> None:
    torn = at_booth()
    torn[400:] = (0, 135, 0)
    frames = [torn, np.zeros_like(torn)]
    assert best_shot(frames, models.looker, specification()) == Spoiled(None)


def test_a_shot_may_break_the_rules_that_need_not_hold(models: LoadedModels, at_booth: At) -> None:
    asleep = at_booth(Posture("eyes_closed"))
    assert isinstance(best_shot([asleep], models.looker, specification()), Spoiled)
    excused = frozenset({"eyes_open", "gaze"})
    assert isinstance(best_shot([asleep], models.looker, specification(), excused), Shot)
