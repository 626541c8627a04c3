"""A webcam or a laptop is a booth too: without lamps, no lamp is missed and nobody is called on."""

from pathlib import Path

import pytest

from kiosk.booth.booth_light import BoothLight
from kiosk.booth.watch import Watch
from kiosk.config import Config, LampSettings, load
from kiosk.errors import UsageError
from kiosk.lighting import usual_levels
from kiosk.lighting.lamps import Lamps
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.specification import specification
from kiosk.twin import Posture, Twin

WEBCAM = """
[camera]
kind = "webcam"
device = "{device}"
[lamps]
driver = "none"
"""


def configured(folder: Path, text: str) -> Config:
    file = folder / "kiosk.toml"
    file.write_text(text)
    return load(file).config


@pytest.mark.parametrize("device", ["/dev/v4l/by-id/usb-Maker_Webcam-video-index0", "talk.mp4"])
def test_a_webcam_is_named_by_a_path_that_lasts(device: str, tmp_path: Path) -> None:
    config = configured(tmp_path, WEBCAM.format(device=device))
    assert config.camera.device == tmp_path / device  # which an absolute path goes before
    lamps = Lamps.open(config.lamps)
    assert lamps.available
    assert not lamps.levels


def test_a_pi_camera_has_a_number(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="rpicam-hello"):
        configured(tmp_path, WEBCAM.format(device="/dev/video0").replace("webcam", "pi"))


def test_without_lamps_nobody_waits_for_a_call(looker: Looker) -> None:
    twin = Twin("lin", LampSettings().pins, seed=1)
    for lamp, level in usual_levels.WORKING.items():
        twin.wires.set_level(lamp, level)
    twin.wires.posture = Posture()
    camera = twin.open_camera()
    camera.start()
    watch = Watch(looker, BoothLight(Lamps({}, 1000)), specification())
    seen = [watch.look(camera.read(main=False)) for _ in range(12)]
    camera.stop()
    watch.forget()
    assert seen[-1].assessment.complete
    assert watch.wrong_colours is None  # forgotten with the person
