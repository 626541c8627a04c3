"""The drawn gestures: each shows its own motion, the way round that a mirror shows it."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.display.drawings import palette_of
from kiosk.display.gestures import GESTURES, PERIOD, STEPS, draw_gesture, motion_step
from kiosk.display.theme import HIGH_CONTRAST, USUAL, Colour, contrast
from kiosk.pipeline.judge.rules import RULES
from kiosk.visit import SayingName
from kiosk.words import phrase

SIDE = 64


def drawn(gesture: str, step: int = 0) -> NDArray[np.int16]:
    name = "look_top" if gesture == "look" else gesture
    return draw_gesture(name, step, SIDE, palette_of(USUAL)).pixels.astype(np.int16)


TOLD = sorted({told for rule in RULES for told in rule.all_told})


def test_what_is_told_in_other_words_looks_otherwise_from_its_first_picture_on() -> None:
    pictures = {told.phrase: drawn(told.gesture) for told in TOLD}
    for one, other in combinations(pictures, 2):
        differing = np.abs(pictures[one] - pictures[other]).max(axis=2) > 40
        assert differing.mean() > 0.02, (one, other)


def test_what_is_told_in_the_same_words_looks_the_same() -> None:
    assert len({told.phrase for told in TOLD}) == len(TOLD)


@pytest.mark.parametrize(
    "saying", ["sit", "again", "come_back", "show_face", "lamps", "lamps_glasses", "lamps_skin",
               "checking"]
)  # fmt: skip
def test_what_is_said_without_an_instruction_has_a_gesture(saying: SayingName) -> None:
    assert saying in GESTURES


@pytest.mark.parametrize("gesture", sorted({told.gesture for told in TOLD}))
def test_a_gesture_moves(gesture: str) -> None:
    assert (np.abs(drawn(gesture, 0) - drawn(gesture, STEPS)).max(axis=2) > 40).mean() > 0.004


def middle_of(gesture: str, step: int) -> float:
    """How far to the right the drawn skin lies on average."""
    skin = np.abs(drawn(gesture, step) - palette_of(USUAL).skin).max(axis=2) < 12
    return float(np.nonzero(skin)[1].mean())


@pytest.mark.parametrize("word", ["left", "right"])
def test_a_drawn_person_moves_to_the_side_that_is_said_as_a_mirror_shows_it(word: str) -> None:
    told = next(told for told in TOLD if told.gesture == f"move_{word}")
    assert word in phrase(told.phrase).texts["en"]
    way = middle_of(told.gesture, STEPS) - middle_of(told.gesture, 0)
    assert (way < -5) if word == "left" else (way > 5)


@pytest.mark.parametrize("gesture", ["move", "turn", "tilt"])
def test_left_is_right_in_a_mirror(gesture: str) -> None:
    left, right = drawn(f"{gesture}_left"), drawn(f"{gesture}_right")
    assert np.abs(left[:, ::-1] - right).mean() < 0.35 * np.abs(left - right).mean()


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_shoulder_that_is_raised_is_on_the_side_that_is_said(side: str) -> None:
    told = next(told for told in TOLD if told.gesture == f"shoulder_{side}_up")
    assert side in phrase(told.phrase).texts["en"]
    moved = np.abs(drawn(told.gesture, 0) - drawn(told.gesture, STEPS)).max(axis=2) > 40
    left, right = moved[:, : SIDE // 2].sum(), moved[:, SIDE // 2 :].sum()
    assert (left > 2 * right) if side == "left" else (right > 2 * left)


def test_who_comes_nearer_grows_and_who_goes_farther_shrinks() -> None:
    def size(gesture: str, step: int) -> int:
        skin = np.abs(drawn(gesture, step) - palette_of(USUAL).skin).max(axis=2) < 12
        return int(skin.sum())

    assert size("nearer", STEPS) > 1.5 * size("nearer", 0)
    assert size("farther", STEPS) < size("farther", 0) / 1.5


def seen_at(gesture: str, step: int, colour: Colour, middle: tuple[float, float]) -> float:
    """Share of a colour in a square of a fifth of the side about a place of the drawing."""
    x, y = (round(part * SIDE) for part in middle)
    half = SIDE // 10
    part = drawn(gesture, step)[y - half : y + half, x - half : x + half]
    return float((np.abs(part - colour).max(axis=2) < 12).mean())


def test_a_mask_and_a_hand_leave_what_they_covered() -> None:
    colours = palette_of(USUAL)
    mouth, eye = (0.36, 0.57), (0.45, 0.41)
    assert seen_at("no_mask", 0, colours.skin, mouth) < 0.1
    for gesture in ("no_mask", "face_free"):
        assert seen_at(gesture, STEPS, colours.skin, mouth) > 0.5
    before, after = (seen_at("eyes_free", step, colours.ink, eye) for step in (0, STEPS))
    assert after > 2 * before


def test_the_lens_is_drawn_where_it_is() -> None:
    pictures = [draw_gesture(f"look_{side}", 0, SIDE, palette_of(USUAL)).pixels
                for side in ("top", "bottom", "left", "right")]  # fmt: skip
    assert len({picture.tobytes() for picture in pictures}) == 4


def test_a_motion_is_calm_and_never_jumps() -> None:
    assert PERIOD >= 2
    steps = [motion_step(100 + n / 30) for n in range(round(2 * PERIOD * 30))]
    assert set(steps) == set(range(STEPS + 1))
    forth = [later - earlier for earlier, later in pairwise(steps)]
    assert max(forth) <= 2
    for step in (0, STEPS):
        assert steps.count(step) / 30 / 2 >= 0.5  # seconds in each round


def test_what_a_drawing_says_is_seen_on_its_ground_in_either_look() -> None:
    for theme in (USUAL, HIGH_CONTRAST):
        colours = palette_of(theme)
        assert contrast(colours.mark, colours.ground) >= theme.least_contrast
        assert contrast(colours.line, colours.ground) >= theme.least_contrast
        assert contrast(colours.ink, colours.skin) >= 4.5
