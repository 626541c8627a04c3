"""Highlights on lenses and skin, on rendered people whose true ones are known."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from kiosk.camera.frame import Controls, Picture
from kiosk.lighting import attribution
from kiosk.lighting.response import USUAL
from kiosk.pipeline.look.highlights import (
    PERSISTENCE,
    SpotMap,
    find_spots,
    measure_highlights,
    worth_asking,
)
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.look.patch import Points
from kiosk.pipeline.observation import Spot, SpotPlace
from kiosk.twin import find_subject, sensor
from kiosk.twin.camera import SensorLight
from kiosk.twin.light_stage import EmptyBooth, RenderedPerson
from kiosk.twin.wires import Posture

LIT = {"key_left": 0.5, "key_right": 0.5, "fill": 0.4, "backdrop": 0.6, "room": 1.0}


class Sitter:
    """A rendered person before the preview's camera."""

    def __init__(self, name: str) -> None:
        subject = RenderedPerson(find_subject(name))
        self._light = SensorLight(subject, EmptyBooth(), large=False)
        self.rng = np.random.default_rng(1)

    def preview(self, levels: Mapping[str, float], dx: float = 0.0, dy: float = 0.0) -> Picture:
        """The preview under lamps at levels, of a person who stands so many px aside."""
        light = self._light.light(levels, Posture(dx=dx / 480, dy=dy / 640))
        read = sensor.expose(light, Controls(), sensor.SENSOR.binned(4), self.rng)
        return sensor.develop(read)


def mesh(looker: Looker, picture: Picture) -> Points:
    found = looker.find_mesh(picture)
    assert found is not None
    return found.points


def by_place(spots: tuple[Spot, ...], place: SpotPlace) -> list[Spot]:
    return [spot for spot in spots if spot.place == place]


@pytest.fixture(scope="module")
def chen() -> Sitter:
    return Sitter("chen")


@pytest.fixture(scope="module")
def spots(chen: Sitter, looker: Looker) -> SpotMap:
    picture = chen.preview(LIT)
    return find_spots(picture, mesh(looker, picture), glasses=True, asking=True)


def test_lamps_are_seen_in_the_outer_part_of_each_lens(chen: Sitter, looker: Looker) -> None:
    picture = chen.preview(LIT)
    found = measure_highlights(picture, mesh(looker, picture), glasses=True)
    for place, side in (("lens_left", -1), ("lens_right", 1)):
        largest = by_place(found, place)[0]  # type: ignore[arg-type]
        assert side * largest.x > 0.5
        assert largest.light > 1.4 * largest.around
        assert largest.area > 0.03


def test_in_the_rooms_light_alone_no_lens_mirrors_a_lamp(chen: Sitter, looker: Looker) -> None:
    picture = chen.preview({"room": 5.0})
    found = measure_highlights(picture, mesh(looker, picture), glasses=True)
    assert [spot.name for spot in found if spot.place != "skin"] == []


def test_who_wears_no_glasses_has_no_spots_on_lenses(looker: Looker) -> None:
    picture = Sitter("bo").preview(LIT)
    found = measure_highlights(picture, mesh(looker, picture), glasses=False)
    assert {spot.place for spot in found} <= {"skin"}


def test_a_spot_answers_the_lamp_that_it_mirrors_and_no_other(
    chen: Sitter, looker: Looker, spots: SpotMap
) -> None:
    def answers(**levels: float) -> dict[str, float]:
        picture = chen.preview({**LIT, **levels})
        seen = spots.measure(picture, mesh(looker, picture))
        return {spot.name: spot.answer for spot in seen if spot.answer is not None}

    left, right = answers(key_left=0.6), answers(key_right=0.6)
    assert left["lens_left 1"] == pytest.approx(1.15, abs=0.06)
    assert right["lens_left 1"] == pytest.approx(1.0, abs=0.04)
    assert right["lens_right 1"] > 1.05
    assert left["lens_right 1"] == pytest.approx(1.0, abs=0.04)


def test_a_head_that_sways_leaves_a_spot_as_bright_as_it_was(
    chen: Sitter, looker: Looker, spots: SpotMap
) -> None:
    for dx, dy in ((0.7, 0.4), (-1.3, 0.5), (2.5, -1.5)):
        picture = chen.preview(LIT, dx, dy)
        for spot in spots.measure(picture, mesh(looker, picture)):
            if spot.name in ("lens_left 1", "lens_right 1"):
                assert spot.answer == pytest.approx(1.0, abs=0.04)
                assert spot.ground == pytest.approx(1.0, abs=0.05)


def test_a_mesh_beside_the_picture_gives_numbers_all_the_same(chen: Sitter, looker: Looker) -> None:
    picture = chen.preview(LIT)
    for way in ((900.0, 0.0), (-500.0, 300.0)):
        for glasses in (True, False):
            points = mesh(looker, picture) + np.array(way)
            found = find_spots(picture, points, glasses=glasses, asking=True)
            assert all(np.isfinite(s.light) for s in found.measure(picture, points))


def test_a_question_tells_each_lamp_of_a_person_who_sways(chen: Sitter, looker: Looker) -> None:
    rest = {name: level for name, level in LIT.items() if name != "room"}
    question = attribution.begin(rest, tuple(rest), USUAL)
    looker.forget()
    off, time = np.zeros(2), 0.0
    for _ in range(3):
        looker.follow(chen.preview(LIT), time)
        time += 0.1
    while question.answer is None:
        off = 0.9 * off + chen.rng.normal(0, 0.5, 2)
        picture = chen.preview({**LIT, **question.wanted}, *off.tolist())
        seen = looker.follow(picture, time, asking=True)
        question = attribution.hear(question, seen.highlights, question.wanted)
        time += 0.1
    looker.forget()
    told = {name: spot.source for name, spot in question.answer.spots.items()}
    assert told["lens_left 1"] == "key_left"
    assert told["lens_right 1"] in ("key_right", "backdrop")
    skin = {source for name, source in told.items() if name.startswith("skin")}
    assert skin <= {"backdrop", "key_left", "key_right", None}
    assert "backdrop" in skin


SPOT = Spot("lens_left", 1, -0.5, 0.0, 0.5, 0.2, 0.07, 0.03, 0.0, None, 1.0)


def test_a_spot_is_asked_after_once_it_has_stayed_and_is_large_enough() -> None:
    large, small = (SPOT,), (replace(SPOT, area=0.04),)
    assert worth_asking([large] * PERSISTENCE)
    assert not worth_asking([large] * (PERSISTENCE - 1))
    assert not worth_asking([small] * PERSISTENCE)
    assert not worth_asking([*[large] * (PERSISTENCE - 1), small])
    assert not worth_asking([(replace(SPOT, place="skin"),)] * PERSISTENCE)
    assert worth_asking([(replace(SPOT, place="skin", area=0.1),)] * PERSISTENCE)
