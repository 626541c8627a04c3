"""The webcam driver, on video files that it cannot tell from a webcam."""

from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.camera import Camera, Controls
from kiosk.camera.process import CameraProcess
from kiosk.camera.webcam import Webcam, crop_to
from kiosk.errors import CameraFault

FRAMES = 5


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A landscape video: green at the sides, and in the middle red over blue, ever darker."""
    path = tmp_path / "booth.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (320, 160))
    for number in range(FRAMES):
        light = 250 - 40 * number
        picture = np.zeros((160, 320, 3), np.uint8)
        picture[:, :, 1] = 255
        picture[:80, 96:224] = (0, 0, light)
        picture[80:, 96:224] = (light, 0, 0)
        writer.write(picture)
    writer.release()
    return path


def open_webcam(video: Path) -> Webcam:
    webcam = Webcam(video, preview_size=(60, 80), main_size=(120, 160))
    webcam.start()
    return webcam


def test_the_middle_of_the_picture_comes_in_red_green_blue_order(video: Path) -> None:
    camera: Camera = open_webcam(video)
    frame = camera.read(main=True)
    camera.stop()
    assert frame.image is not None
    assert frame.image.shape == (160, 120, 3)
    assert frame.preview.shape == (80, 60, 3)
    for picture in (frame.image, frame.preview):
        height, width = picture.shape[:2]
        assert np.allclose(picture[height // 4, width // 2], (250, 0, 0), atol=12)
        assert np.allclose(picture[-height // 4, width // 2], (0, 0, 250), atol=12)
        assert picture[..., 1].max() < 60  # nothing of the green sides


def test_only_the_preview_comes_where_only_that_is_wanted(video: Path) -> None:
    camera = open_webcam(video)
    assert camera.read(main=False).image is None


def test_a_webcam_that_stops_giving_frames_is_a_fault(video: Path) -> None:
    camera = open_webcam(video)
    assert [camera.read(main=False).number for _ in range(FRAMES)] == [1, 2, 3, 4, 5]
    with pytest.raises(CameraFault, match="plug it in again"):
        camera.read(main=False)
    camera.stop()
    camera.start()
    assert camera.read(main=False).number == 1


def test_a_webcam_that_is_not_there_is_a_fault_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(CameraFault, match="cannot be opened: plug it in"):
        Webcam("/dev/video97", (60, 80), (120, 160)).start()
    with pytest.raises(CameraFault, match="a video file that can be played"):
        Webcam(tmp_path / "none.avi", (60, 80), (120, 160)).start()


def test_a_webcam_too_small_for_the_photo_is_refused_and_never_enlarged(video: Path) -> None:
    camera = Webcam(video, preview_size=(60, 80), main_size=(480, 640))
    camera.start()
    with pytest.raises(CameraFault, match=r"gives 120×160 px .* less than the 480×640 px wanted"):
        camera.read(main=True)


def test_the_exposure_time_is_told_with_each_frame(video: Path) -> None:
    camera = open_webcam(video)
    camera.control(Controls(exposure_time=5000, analogue_gain=4.0, colour_gains=(2.0, 2.0)))
    assert camera.read(main=False).controls == Controls(exposure_time=5000, analogue_gain=1.0)


def test_a_webcam_that_is_not_started_says_so(video: Path) -> None:
    camera = open_webcam(video)
    camera.stop()
    camera.stop()
    with pytest.raises(CameraFault, match="is not started"):
        camera.read(main=False)
    with pytest.raises(CameraFault, match="is not started"):
        camera.control(Controls())


@pytest.mark.parametrize("shape", [(100, 300), (300, 100), (160, 120)])
def test_a_crop_is_centred_and_as_large_as_can_be(shape: tuple[int, int]) -> None:
    rows, columns = np.indices(shape, np.uint8)
    picture = np.dstack([rows, columns, rows]).astype(np.uint8)
    part = crop_to(picture, (120, 160))
    height, width = part.shape[:2]
    assert height == shape[0] or width == shape[1]
    assert width / height == pytest.approx(3 / 4, abs=0.01)
    before, after = part[0, 0, :2].astype(int), part[-1, -1, :2].astype(int)
    assert np.abs(before - (np.array(shape) - 1 - after) % 256).max() <= 1


def test_a_webcam_runs_in_the_camera_process(video: Path) -> None:
    camera = CameraProcess(partial(Webcam, video, (60, 80), (120, 160)), (60, 80), (120, 160))
    camera.start()
    try:
        frames = camera.capture(2, timeout=20)
    finally:
        camera.stop()
    assert frames[0].image is not None
    assert np.allclose(frames[0].preview[20, 30], frames[0].image[40, 60], atol=12)
