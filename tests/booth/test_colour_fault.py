"""A camera that exchanges channels, or gives no colour, is a fault before anybody comes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from kiosk.booth import plate_schedule
from kiosk.booth.assembly import Simulation, open_parts
from kiosk.booth.faults import RIGHT_FOR, WRONG_FOR, SteadyColours
from kiosk.booth.loop import Booth
from kiosk.booth.registrar_link import open_link
from kiosk.camera.frame import Picture
from kiosk.config import Config, LampSettings, ModelSettings
from kiosk.demo.town import Town
from kiosk.lighting import usual_levels
from kiosk.pipeline.hue import (
    HeadPlace,
    card_tint,
    shows_wrong_colours,
    shows_wrong_colours_behind,
)
from kiosk.pipeline.look.looker import Looker
from kiosk.twin import DAYLIGHT, Fault, Posture, Twin
from kiosk.visit import Stage

EMPTY = Posture(present=False)
DARK = {"key_left": 0.0, "key_right": 0.0, "fill": 0.0, "backdrop": 0.0}


@pytest.fixture(scope="module")
def empty(at_booth: Callable[..., Picture]) -> Picture:
    return at_booth(EMPTY)


def test_the_light_blue_backdrop_shows_that_colours_are_right(
    empty: Picture, at_booth: Callable[..., Picture]
) -> None:
    assert shows_wrong_colours(empty) is False
    assert shows_wrong_colours(at_booth(EMPTY, **DARK)) is False
    assert shows_wrong_colours(np.zeros_like(empty)) is None


@pytest.mark.parametrize("gains", [(1.2, 1.0, 0.8), (0.8, 1.0, 1.2), (1.0, 0.8, 1.0)])
def test_lamps_of_another_white_are_no_fault(
    gains: tuple[float, float, float], empty: Picture
) -> None:
    tinted = (empty * np.array(gains)).clip(0, 255).astype(np.uint8)
    assert shows_wrong_colours(tinted) is False


@pytest.mark.parametrize("order", [o for o in permutations(range(3)) if o != (0, 1, 2)])
def test_channels_in_any_other_order_are_seen(order: tuple[int, ...], empty: Picture) -> None:
    assert shows_wrong_colours(np.ascontiguousarray(empty[..., list(order)])) is True


@pytest.mark.parametrize("channel", range(3))
def test_a_channel_that_gives_nothing_is_seen(channel: int, empty: Picture) -> None:
    broken = empty.copy()
    broken[..., channel] = 0
    assert shows_wrong_colours(broken) is True


def test_a_camera_without_colour_is_seen(empty: Picture) -> None:
    grey = empty.mean(2, keepdims=True).astype(np.uint8)
    assert shows_wrong_colours(np.repeat(grey, 3, axis=2)) is True


# ---- in each frame of somebody who is guided ----

POSTURES = [
    Posture(),
    Posture(dy=-0.15),  # tall: their crown is cut off
    Posture(dx=0.12, scale=1.2),
    Posture(second=1.0),
]


@pytest.fixture(scope="module", params=["amara", "kofi"])
def seen(request: pytest.FixtureRequest, looker: Looker) -> list[tuple[Picture, HeadPlace]]:
    """Previews of somebody in POSTURES, and where their head is."""
    twin = Twin(request.param, LampSettings().pins, seed=1)
    for lamp, level in usual_levels.WORKING.items():
        twin.wires.set_level(lamp, level)
    camera = twin.open_camera()
    camera.start()
    found = []
    for posture in POSTURES:
        twin.wires.posture = posture
        preview = camera.read(main=False).preview
        face = looker.find_face(preview).face
        assert face is not None
        found.append((preview, HeadPlace(face.midline, face.eye_line, face.chin[1], face.width)))
    camera.stop()
    return found


def test_whoever_stands_before_it_the_backdrop_keeps_its_colour(
    seen: list[tuple[Picture, HeadPlace]],
) -> None:
    assert [shows_wrong_colours_behind(*one) for one in seen] == [False] * len(POSTURES)


@pytest.mark.parametrize("fault", ["exchanged", "grey", "no blue"])
def test_whoever_stands_before_it_wrong_colours_are_seen(
    fault: str, seen: list[tuple[Picture, HeadPlace]]
) -> None:
    def spoil(picture: Picture) -> Picture:
        match fault:
            case "exchanged":
                return np.ascontiguousarray(picture[..., ::-1])
            case "grey":
                return np.repeat(picture.mean(2, keepdims=True).astype(np.uint8), 3, axis=2)
            case _:
                return picture * np.array([1, 1, 0], np.uint8)

    told = [shows_wrong_colours_behind(spoil(preview), head) for preview, head in seen]
    assert told == [True] * len(POSTURES)


def test_nothing_is_told_of_a_backdrop_that_is_not_seen(
    seen: list[tuple[Picture, HeadPlace]],
) -> None:
    preview, head = seen[0]
    near = HeadPlace(head.midline, 0.0, 400.0, 300.0)
    assert shows_wrong_colours_behind(preview, near) is None
    assert shows_wrong_colours_behind(np.zeros_like(preview), head) is None
    assert shows_wrong_colours_behind(np.full_like(preview, 255), head) is None  # blown


def test_a_few_frames_make_no_fault_and_clear_none() -> None:
    colours = SteadyColours().after(False, 0.0).after(False, RIGHT_FOR)
    assert colours.wrong is False
    flickering = colours.after(True, 1.0).after(None, 1.5).after(False, 1.9).after(True, 2.1)
    assert flickering.wrong is False
    wrong = flickering.after(True, 2.1 + WRONG_FOR)
    assert wrong.wrong is True
    assert wrong.after(False, 4.0).wrong is True
    assert wrong.after(False, 4.0).after(False, 4.1 + RIGHT_FOR).wrong is False


def test_a_neutral_card_tells_which_way_gains_are_off() -> None:
    card = np.full((40, 40, 3), 118, np.uint8)
    assert card_tint(card) == (0, 0)
    red, blue = card_tint((card * [1.1, 1.0, 0.9]).astype(np.uint8))
    assert red == pytest.approx(0.3, abs=0.06)
    assert blue == pytest.approx(-0.32, abs=0.06)
    with pytest.raises(ValueError, match="too dark or too bright"):
        card_tint(np.full_like(card, 255))


# ---- at the booth ----


@pytest.fixture(scope="module")
def booth(
    tmp_path_factory: pytest.TempPathFactory, models_store: Path
) -> Iterator[tuple[Booth, Twin]]:
    """A booth on the twin, ready for students."""
    config = Config(models=ModelSettings(store=models_store))
    twin = Twin("lin", config.lamps.pins, seed=3, ambient=DAYLIGHT)
    with Town(tmp_path_factory.mktemp("town"), config, headless=True) as town:
        link = open_link(town.config, uuid4)
        with open_parts(town.config, link, Simulation(twin)) as parts:
            booth = Booth(parts)
            run(booth, lambda: booth.prepared)
            yield booth, twin
            booth._worker.close()


def run(booth: Booth, done: Callable[[], bool]) -> None:
    """Let the booth work until something holds."""
    until = booth.parts.clock() + 90
    while not done():
        assert booth.parts.clock() < until
        booth.tick(booth.parts.clock())


@pytest.mark.parametrize("fault", [Fault.SWAPPED])
def test_wrong_colours_rest_the_booth_until_they_are_right_again(
    fault: Fault, booth: tuple[Booth, Twin], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work, twin = booth
    monkeypatch.setattr(plate_schedule, "PLATE_RETRY", 0.1)
    assert at_work.visit.fault is None
    twin.wires.fault = fault
    at_work.plates = plate_schedule.PlateSchedule()  # as after the start
    run(at_work, lambda: at_work.visit.fault == "colour")
    twin.wires.fault = Fault.NONE
    run(at_work, lambda: at_work.visit.fault is None and at_work.plates.plate is not None)


@pytest.mark.parametrize("fault", [Fault.SWAPPED])
def test_a_camera_that_loses_its_colours_before_a_student_is_a_fault(
    fault: Fault, booth: tuple[Booth, Twin]
) -> None:
    at_work, twin = booth
    empty = at_work.visit
    twin.wires.posture = Posture()
    at_work.visit = replace(empty, stage=Stage.GUIDE)
    run(at_work, lambda: at_work._watch is not None and at_work._watch.wrong_colours is False)
    twin.wires.fault = fault
    run(at_work, lambda: at_work.visit.fault == "colour")
    twin.wires.fault = Fault.NONE
    run(at_work, lambda: at_work.visit.fault is None)
    twin.wires.posture = EMPTY
    at_work.visit = empty


def test_a_backdrop_of_another_colour_tells_nothing(booth: tuple[Booth, Twin]) -> None:
    at_work, twin = booth
    at_work.parts = replace(at_work.parts, blue_backdrop=False)
    twin.wires.fault = Fault.GREY
    at_work.plates = plate_schedule.PlateSchedule()
    run(at_work, lambda: at_work.plates.tried and at_work.at_rest)
    assert at_work.visit.fault is None
