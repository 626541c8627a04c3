"""How photos are reviewed, by an institution's policy."""

from registrar.photo_state import BY_POLICY, EVERY_PHOTO, Policy

TWO = Policy(persons=2)


def test_every_photo_is_reviewed_unless_said_otherwise() -> None:
    assert EVERY_PHOTO.draws(0.999_999, excused=False)


def test_a_share_is_drawn_and_what_staff_are_to_decide_always() -> None:
    tenth = Policy(share=0.1)
    assert tenth.draws(0.099, excused=False)
    assert not tenth.draws(0.1, excused=False)
    assert tenth.draws(0.9, excused=True)
    assert not Policy(share=0.0).draws(0.0, excused=False)


def test_one_who_approves_is_enough_or_two() -> None:
    assert EVERY_PHOTO.state({}) == "unreviewed"
    assert EVERY_PHOTO.state({"ma": "approved"}) == "approved"
    assert TWO.state({"ma": "approved"}) == "unreviewed"
    assert TWO.state({"ma": "approved", "li": "approved"}) == "approved"


def test_one_who_refuses_is_enough() -> None:
    assert TWO.state({"ma": "approved", "li": "refused"}) == "refused"
    assert EVERY_PHOTO.state({BY_POLICY: "approved", "li": "refused"}) == "refused"


def test_what_was_not_drawn_needs_nobody() -> None:
    assert TWO.state({BY_POLICY: "approved"}) == "approved"
