"""The burst: a blink spoils none."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest

from kiosk.booth.attendance_call import Proof
from kiosk.booth.capture import BURSTS, Capture, take_capture
from kiosk.booth.parts import Parts
from kiosk.camera.frame import Controls, Frame, Picture
from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.photo.burst import Spoiled
from kiosk.pipeline.specification import specification
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson

NOTHING_EXCUSED: frozenset[str] = frozenset()


class Film:
    """A camera that shows one picture a burst, and the last one for ever."""

    def __init__(self, *pictures: Picture) -> None:
        self.pictures = list(pictures)
        self.bursts = 0

    def capture(self, count: int, timeout: float) -> list[Frame]:
        picture = self.pictures[min(self.bursts, len(self.pictures) - 1)]
        self.bursts += 1
        return [Frame(self.bursts, 0.0, picture[::2, ::2], picture, Controls())]


def parts_with(film: Film) -> Parts:
    lamps = SimpleNamespace(levels={}, levels_at=lambda at: {})  # a booth without lamps
    of_booth = {"camera": film, "lamps": lamps, "clock": lambda: 20.0}
    return cast(Parts, SimpleNamespace(**of_booth, specification=specification()))


@pytest.fixture(scope="module")
def lin() -> dict[str, Picture]:
    person = RenderedPerson(find_subject("lin"))
    return {pose: picture_of(person, pose) for pose in ("neutral", "eyes_closed")}


def test_a_burst_in_which_eyes_were_closed_is_taken_once_more(
    lin: dict[str, Picture], models: LoadedModels
) -> None:
    film = Film(lin["eyes_closed"], lin["neutral"])
    found = take_capture(parts_with(film), models, None, NOTHING_EXCUSED)
    assert isinstance(found, Capture)
    assert film.bursts == 2


def test_of_eyes_that_stay_closed_the_student_is_told(
    lin: dict[str, Picture], models: LoadedModels
) -> None:
    film = Film(lin["eyes_closed"])
    found = take_capture(parts_with(film), models, None, NOTHING_EXCUSED)
    assert isinstance(found, Spoiled)
    assert found.blinked
    assert film.bursts == BURSTS


def test_a_capture_says_by_what_and_when_attendance_was_proven(
    lin: dict[str, Picture], models: LoadedModels
) -> None:
    film, answered = Film(lin["neutral"]), Proof(attendance=0.9, at=12.0)
    found = take_capture(parts_with(film), models, None, NOTHING_EXCUSED, answered)
    assert isinstance(found, Capture)
    values = {rule.id: rule.value for rule in found.shot.assessment.rules}
    assert values["attendance"] == 0.9
    assert found.calibration["attendance_by"] == "lamps"
    at = datetime.fromisoformat(str(found.calibration["attendance_at"]))
    assert 8.0 <= (datetime.now(UTC) - at).total_seconds() < 60.0


def test_of_who_was_not_called_on_nothing_is_said_to_be_proven(
    lin: dict[str, Picture], models: LoadedModels
) -> None:
    found = take_capture(parts_with(Film(lin["neutral"])), models, None, NOTHING_EXCUSED)
    assert isinstance(found, Capture)
    assert {rule.id: rule.value for rule in found.shot.assessment.rules}["attendance"] is None
    assert not {name for name in found.calibration if name.startswith("attendance")}
