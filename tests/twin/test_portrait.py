from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.lighting.usual_levels import WORKING
from kiosk.pipeline.light import to_linear
from kiosk.twin import Posture, SubjectError, Twin
from kiosk.twin.camera import SensorLight
from kiosk.twin.light_stage import FACE_SHARE, EmptyBooth
from kiosk.twin.portrait import (
    LARGEST_FACE_SHARE,
    LOWEST_EYES,
    PortraitSubject,
    place_photo,
    save_portrait,
)

SIZE = (960, 1280)
PINS = {"key_left": 12, "key_right": 13, "fill": 18, "backdrop": 19}


def portrait(height: int) -> tuple[Picture, NDArray[np.float32]]:
    """A flat head on a flat body, on no backdrop; the eyes at (450, 400), the face 300 wide."""
    y, x = np.mgrid[:height, :900]
    head = ((x - 450) / 150) ** 2 + ((y - 420) / 200) ** 2 < 1
    body = (y > 580) & (np.abs(x - 450) < 420)
    person = np.zeros((height, 900, 3), np.uint8)
    person[body] = (60, 70, 80)
    person[head] = (200, 150, 130)
    return person, (head | body).astype(np.float32)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "portrait.npz"
    save_portrait(path, *portrait(1200), (450, 400), 300, SIZE)
    return path


def test_a_face_stands_at_its_usual_size_and_height_where_the_photo_reaches_far_enough() -> None:
    placement = place_photo((900, 1400), (450, 400), 300, SIZE)
    assert placement.scale * 300 == pytest.approx(FACE_SHARE * 960)
    assert placement.scale * 450 + placement.right == pytest.approx(480)
    assert placement.scale * 400 + placement.down == pytest.approx(0.4 * 1280)


def test_a_photo_cut_somewhat_short_comes_lower_and_leaves_no_gap() -> None:
    placement = place_photo((900, 950), (450, 400), 300, SIZE)
    assert placement.scale * 300 == pytest.approx(FACE_SHARE * 960)
    assert placement.scale * 950 + placement.down == pytest.approx(1280)


def test_a_photo_cut_shorter_comes_nearer_too() -> None:
    placement = place_photo((900, 740), (450, 400), 300, SIZE)
    assert placement.scale * 400 + placement.down == pytest.approx(LOWEST_EYES * 1280)
    assert placement.scale * 740 + placement.down == pytest.approx(1280)
    assert FACE_SHARE < placement.scale * 300 / 960 < LARGEST_FACE_SHARE


def test_a_photo_cut_at_the_chin_comes_no_nearer_than_a_face_may() -> None:
    placement = place_photo((900, 620), (450, 400), 300, SIZE)
    assert placement.scale * 300 == pytest.approx(LARGEST_FACE_SHARE * 960)


def test_a_photo_keeps_its_own_light_whatever_the_lamps_do(photo: Path) -> None:
    sensor_light = SensorLight(PortraitSubject(photo), EmptyBooth(), large=False)
    skin = slice(280, 300), slice(230, 250)
    own = to_linear(np.full((1, 1, 3), (200, 150, 130), np.uint8))[0, 0]
    for levels in ({"room": 1.0}, {**WORKING, "room": 1.0}):
        light = sensor_light.light(levels, Posture())
        np.testing.assert_allclose(light[skin].mean((0, 1)), own, rtol=0.03)


def test_the_backdrop_behind_a_photo_is_lit_by_the_lamps(photo: Path) -> None:
    sensor_light = SensorLight(PortraitSubject(photo), EmptyBooth(), large=False)
    corner = slice(20, 60), slice(20, 60)
    dark = sensor_light.light({"room": 1.0}, Posture())[corner].mean()
    bright = sensor_light.light({"room": 1.0, "backdrop": 0.6}, Posture())[corner].mean()
    assert bright > 3 * dark


@pytest.mark.parametrize("height", [620, 850, 1200])
@pytest.mark.parametrize("posture", [Posture(), Posture(scale=0.62), Posture(dy=-0.1)])
def test_the_body_reaches_the_lower_edge_wherever_it_stands(
    tmp_path: Path, height: int, posture: Posture
) -> None:
    path = tmp_path / "portrait.npz"
    save_portrait(path, *portrait(height), (450, 400), 300, SIZE)
    light = SensorLight(PortraitSubject(path), EmptyBooth(), large=False).light({}, posture)
    assert light[-1, 200:280].min() > 0.03


def test_the_twin_takes_a_photo_as_its_subject(photo: Path) -> None:
    twin = Twin(photo, PINS, seed=2)
    twin.wires.posture = Posture()
    camera = twin.open_camera()
    camera.start()
    frame = camera.read(main=True)
    assert frame.image is not None
    assert frame.image.shape == (1280, 960, 3)


@pytest.mark.parametrize("content", [b"", b"not a photo", b"PK\x03\x04 broken"])
def test_a_damaged_photo_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "portrait.npz"
    path.write_bytes(content)
    with pytest.raises(SubjectError, match=r"portrait\.npz: is no photo for the twin"):
        PortraitSubject(path)


def test_a_matte_of_another_size_is_refused(tmp_path: Path) -> None:
    person, alpha = portrait(900)
    with pytest.raises(ValueError, match="alpha is"):
        save_portrait(tmp_path / "p.npz", person, alpha[:-1], (450, 400), 300, SIZE)
