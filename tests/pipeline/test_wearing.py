"""Whether glasses are worn, by their rims and by what covers the face."""

from dataclasses import replace

from kiosk.pipeline.observation import Glasses
from kiosk.pipeline.wearing import wears_glasses
from tests.pipeline.bare import BARE

NO_RIM = Glasses(rim=0.1, transmission=1.0, mirrored=0.0)
RIM = replace(NO_RIM, rim=0.4)


def test_a_rim_alone_tells_where_nothing_segments_the_head() -> None:
    assert wears_glasses(RIM, None)
    assert not wears_glasses(NO_RIM, None)
    assert not wears_glasses(None, None)


def test_what_covers_the_face_is_believed_rather_than_wrinkles_like_a_rim() -> None:
    assert not wears_glasses(RIM, BARE)
    assert wears_glasses(NO_RIM, replace(BARE, glasses=0.3))
    assert wears_glasses(None, replace(BARE, glasses=0.3))


def test_a_hand_before_the_eyes_has_no_rim_and_is_no_pair_of_glasses() -> None:
    over_both = replace(BARE, glasses=1.5, lens_darkness=0.4, eyes=1.0)
    assert not wears_glasses(replace(NO_RIM, rim=0.03), over_both)
    assert wears_glasses(replace(NO_RIM, rim=0.09), over_both)


def test_a_rim_of_which_little_is_a_thing_is_one_all_the_same() -> None:
    assert wears_glasses(RIM, replace(BARE, glasses=0.06))
    assert not wears_glasses(NO_RIM, replace(BARE, glasses=0.06))
