"""What is mirrored tells which way to turn: away from a lamp, down from above, up from below."""

import numpy as np
import pytest

from kiosk.booth.reflections import Found, find_sources, way_out
from kiosk.lighting.attribution import Answer, SpotSource
from kiosk.pipeline.judge.rules import Way
from kiosk.pipeline.observation import Spot, SpotPlace
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson


def spot(place: SpotPlace, x: float, y: float = 0.0, area: float = 0.1, number: int = 1) -> Spot:
    return Spot(place, number, x, y, 0.9, 0.3, area, 0.05, 0.0, 1.0, 1.0)


def answered(**sources: str | None) -> Answer:
    names = {name.replace("__", " "): source for name, source in sources.items()}
    return Answer({n: SpotSource(n, source, 9.0, {}, {}) for n, source in names.items()}, 8)


@pytest.mark.parametrize(
    ("source", "x", "y", "way"),
    [
        ("key_left", -0.7, 0.0, "turn_left"),
        ("key_right", -0.3, 0.0, "turn_right"),
        ("fill", -0.5, -0.2, "chin_down"),
        ("screen", -0.5, 0.2, "chin_up"),
        ("room", -0.75, 0.0, "turn_left"),
        ("room", -0.25, 0.0, "turn_right"),
        ("room", -0.5, -0.2, "chin_down"),
        ("room", -0.5, 0.2, "chin_up"),
        ("backdrop", -0.75, 0.0, "turn_left"),
    ],
)
def test_the_way_out_is_away_from_what_is_mirrored(
    source: str, x: float, y: float, way: Way
) -> None:
    found = find_sources(answered(lens_left__1=source), [spot("lens_left", x, y)])
    assert way_out(found.values()) == way


def test_the_largest_spot_on_a_lens_says_which_way_and_skin_says_none() -> None:
    spots = [
        spot("skin", 0.0, area=0.5),
        spot("lens_left", -0.5, area=0.05),
        spot("lens_right", 0.5),
    ]
    found = find_sources(
        answered(skin__1="fill", lens_left__1="fill", lens_right__1="key_left"), spots
    )
    assert list(found.values()) == [
        Found("skin", "fill"), Found("lens", "key_left"), Found("lens", "fill"),
    ]  # fmt: skip
    assert way_out(found.values()) == "turn_left"
    assert way_out([Found("lens", "key_left"), Found("lens", "key_right")]) == "chin_down"
    assert way_out([Found("skin", "fill")]) is None


def test_what_nobody_knows_is_left_out() -> None:
    assert find_sources(answered(lens_left__1=None), [spot("lens_left", -0.5)]) == {}


def test_lamps_that_are_wired_the_wrong_way_round_are_told_by_where_they_stand() -> None:
    answer, spots = answered(lens_left__1="key_left"), [spot("lens_left", -0.5)]
    assert find_sources(answer, spots, {"swapped"})["lens_left 1"].source == "key_right"


def mirrored(who: RenderedPerson, pose: str, lamp: str) -> int:
    """How much of a rendered person's eyes' surroundings truly mirrors a lamp, in px."""
    marks, eyes = who.highlights(pose), list(who.truth(pose)["eyes"].values())
    apart = abs(eyes[0][0] - eyes[1][0])
    lit = np.zeros(marks.shape, bool)
    for x, y in eyes:
        down, aside = round(0.35 * apart), round(0.45 * apart)
        lit[round(y) - down : round(y) + down, round(x) - aside : round(x) + aside] = True
    return int((((marks >> who.lamps.index(lamp)) & 1 > 0) & lit).sum())


def test_who_goes_the_way_that_is_told_truly_mirrors_less_of_that_lamp() -> None:
    wei = RenderedPerson(find_subject("wei"))
    turned_left, turned_right, nodding = "yaw_5", "yaw_-5", "pitch_-10"
    for lamp, pose in (
        ("key_left", turned_left),
        ("key_right", turned_right),
        ("key_left", nodding),
        ("key_right", nodding),
    ):
        assert mirrored(wei, pose, lamp) < 0.8 * mirrored(wei, "neutral", lamp), (lamp, pose)
    kofi = RenderedPerson(find_subject("kofi"))
    assert mirrored(kofi, "pitch_10", "fill") > 2 * mirrored(kofi, "neutral", "fill")
