"""Asking which light a highlight mirrors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from kiosk.lighting.attribution import (
    LARGEST,
    MOST_FRAMES,
    ROOM,
    Answer,
    Question,
    begin,
    hear,
)
from kiosk.lighting.response import USUAL

REST = {"key_left": 0.6, "key_right": 0.5, "fill": 0.5, "backdrop": 0.6, "screen": 1.0}
SOURCES = tuple(REST)
GROUND = {"key_left": 0.5, "key_right": 0.2, "fill": 0.15, "backdrop": 0.02, ROOM: 0.13}
"""Where the light on the skin about the spots comes from."""


@dataclass(frozen=True)
class Seen:
    """A spot as a frame shows it."""

    name: str
    answer: float | None
    ground: float
    excess: float = 0.2
    around: float = 0.3
    place: str = "skin"


def lit(shares: Mapping[str, float], levels: Mapping[str, float], room: float) -> float:
    """How bright something is that takes these shares of its light from the sources at rest."""
    return sum(
        share * (room if name == ROOM else levels[name] / REST[name])
        for name, share in shares.items()
    )


def ask(
    *spots: Mapping[str, float],
    noise: float = 0.01,
    cloud: float = 0.0,
    inertia: float = 0.0,
    flicker: float = 0.0,
    blinks: Sequence[int] = (),
    late: int = 0,
    seed: int = 1,
) -> Answer:
    """Ask after spots that take shares of their light from sources."""
    rng = np.random.default_rng(seed)
    question, given = begin(REST, SOURCES, USUAL), dict(REST)
    under_way = [REST] * late
    while question.answer is None:
        under_way.append(question.wanted)
        number, wanted = question.frames, under_way.pop(0)
        given = {k: inertia * given[k] + (1 - inertia) * wanted[k] for k in wanted}
        room = 1 - cloud * number / MOST_FRAMES + flicker * float(rng.choice([-1, 1]))
        seen = [
            Seen(
                f"skin {n}",
                lit(shares, given, room) + float(rng.normal(0, noise)),
                lit(GROUND, given, room) + float(rng.normal(0, noise / 3)),
            )
            for n, shares in enumerate(spots)
        ]
        question = hear(question, None if number in blinks else seen, wanted)
    return question.answer


def sources(answer: Answer) -> list[str | None]:
    return [spot.source for spot in answer.spots.values()]


ALONE: list[dict[str, float]] = [{name: 1.0} for name in (*SOURCES, ROOM)]
NAMES = [*SOURCES, ROOM]


def test_each_spot_is_told_by_the_one_light_that_it_mirrors() -> None:
    answer = ask(*ALONE)
    assert sources(answer) == NAMES
    assert answer.complete
    assert answer.excess["skin 0"]["key_left"] == pytest.approx(0.2 / 0.6, rel=0.2)
    assert answer.excess["skin 0"]["fill"] == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("late", [1, 3])
def test_frames_that_a_camera_had_under_way_cost_no_answer(late: int) -> None:
    answer = ask(*ALONE, late=late)
    assert sources(answer) == NAMES
    assert answer.frames == MOST_FRAMES


def test_a_lamp_mirrored_where_a_form_is_bright_anyway_is_told_and_not_the_room() -> None:
    form = {"key_left": 0.4, ROOM: 0.6}
    assert sources(ask(form, noise=0.003)) == ["key_left"]


def test_both_key_lamps_have_their_part_in_a_spot_that_mirrors_both() -> None:
    shares = ask({"key_left": 0.5, "key_right": 0.5}, noise=0.005).spots["skin 0"].shares
    assert shares["key_left"] == pytest.approx(0.5, abs=0.15)
    assert shares["key_right"] == pytest.approx(0.5, abs=0.15)


def test_a_cloud_before_the_window_is_taken_for_no_lamp() -> None:
    assert sources(ask(*ALONE, cloud=0.15)) == NAMES


def test_lamps_whose_drivers_follow_late_are_told_all_the_same() -> None:
    assert sources(ask(*ALONE, inertia=0.5)) == NAMES


def test_a_blink_takes_two_frames_and_no_answer() -> None:
    assert sources(ask(*ALONE, blinks=(3, 4))) == NAMES


@pytest.mark.parametrize("seed", range(6))
def test_who_moves_too_much_is_asked_again_and_not_answered_wrongly(seed: int) -> None:
    for told, true in zip(sources(ask(*ALONE, noise=0.15, seed=seed)), NAMES, strict=True):
        assert told in (None, true)


@pytest.mark.parametrize("seed", range(6))
def test_a_window_that_flickers_is_never_a_lamp(seed: int) -> None:
    (told,) = sources(ask({ROOM: 1.0}, flicker=0.015, seed=seed))
    assert told in (None, ROOM)


def questions(answers: float | None = None) -> list[Question]:
    """A question frame by frame, whose one spot has this brightness in all of them."""
    asked = [begin(REST, SOURCES, USUAL)]
    spots = [Seen("skin 1", answers, 1.0)]
    while asked[-1].answer is None:
        asked.append(hear(asked[-1], spots, asked[-1].wanted))
    return asked


def test_a_question_keeps_the_light_on_the_face_and_every_level_near_rest() -> None:
    at_rest = sum(USUAL.face.get(name, 0.0) * level for name, level in REST.items())
    for question in questions():
        wanted = question.wanted
        face = sum(USUAL.face.get(name, 0.0) * level for name, level in wanted.items())
        # The screen is as bright as it can be: what it would have to add is missing.
        assert face == pytest.approx(at_rest, rel=0.005)
        assert all(abs(wanted[name] - REST[name]) <= LARGEST + 1e-9 for name in REST)


def test_lamps_are_back_at_rest_after_fifteen_frames_even_if_nothing_was_told() -> None:
    *_, last = questions()
    assert last.frames == MOST_FRAMES
    assert last.wanted == REST
    assert last.answer is not None
    assert not last.answer.complete


def test_a_spot_that_is_all_cut_off_or_no_number_is_not_told() -> None:
    for answers in (None, float("nan")):
        assert sources(questions(answers)[-1].answer or Answer({}, 0)) == [None]


def test_nobody_seen_gives_an_answer_about_nothing() -> None:
    question = begin(REST, SOURCES, USUAL)
    for _ in range(MOST_FRAMES):
        question = hear(question, None, question.wanted)
    assert question.answer is not None
    assert question.answer.spots == {}


def test_a_lamp_that_is_dark_is_not_asked_after_and_no_limit_is_passed() -> None:
    limits = {"key_left": 0.6}
    response = SimpleNamespace(face=USUAL.face)
    question = begin({**REST, "fill": 0.0}, SOURCES, response, limits)
    assert "fill" not in question.sources
    while question.answer is None:
        assert question.wanted["key_left"] <= limits["key_left"]
        assert question.wanted["fill"] == 0.0
        question = hear(question, None, question.wanted)


def test_with_no_lamp_to_dither_all_is_the_rooms() -> None:
    question = begin(REST, (), USUAL)
    while question.answer is None:
        question = hear(question, [Seen("skin 1", 1.0, 1.0)], question.wanted)
    assert sources(question.answer) == [ROOM]
