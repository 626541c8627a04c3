"""The lamps' bench counts what became of people in booths, and stands them there."""

from dataclasses import replace

import pytest

from kiosk.config import Config
from kiosk.evaluation.lamps import Task, stand_in_booth
from kiosk.evaluation.lamps_booths import usual_booth
from kiosk.evaluation.lamps_glare import Asked
from kiosk.evaluation.lamps_law import Settled
from kiosk.evaluation.lamps_relief import Relieved
from kiosk.evaluation.lamps_rows import Outcome, list_rows
from kiosk.evaluation.rows import Row
from kiosk.pipeline.look.looker import Looker

SETTLED = Settled(5, 1.05, 1.0, 0.01, 0.001, 1.0, bright_enough=True)
ASKED = Asked("lens", frozenset({"key_left"}), 0.5, "key_left", 10)
RELIEVED = Relieved("glare", True, True, True, 60, 1.1, 1.0)


def rows_of(*outcomes: Outcome) -> dict[str, Row]:
    return {row.row: row for row in list_rows(outcomes)}


def outcome(**changes: object) -> Outcome:
    usual = Outcome("chen", 0, True, SETTLED, SETTLED, None, (ASKED,), (RELIEVED,))
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_an_answer_is_right_that_names_the_source_in_time() -> None:
    wrong = replace(ASKED, named="fill")
    late = replace(ASKED, frames=16)
    faint = replace(wrong, strength=0.1)
    rows = rows_of(outcome(asked=(ASKED, wrong, late, faint)))
    assert rows["highlights attributed right"].value == pytest.approx(100 / 3)
    assert rows["highlights attributed right"].ok is False
    assert rows["highlights attributed right"].unit == "% of 3 (6 to 79)"


def test_a_highlight_without_an_answer_is_not_attributed_right() -> None:
    rows = rows_of(outcome(asked=(ASKED, replace(ASKED, named=None))))
    assert rows["highlights attributed right"].value == 50
    assert rows["of what was answered, right"].value == 100
    assert rows["highlights without an answer"].value == 50


def test_glare_counts_as_removed_where_it_was_and_lamps_can_remove_it() -> None:
    never = replace(RELIEVED, there=False)
    cannot = replace(RELIEVED, possible=False, gone=False)
    stays = replace(RELIEVED, gone=False)
    rows = rows_of(outcome(relieved=(RELIEVED, never, cannot, stays)))
    assert rows["glare on lenses removed, where lamps can"].value == 50
    assert rows["glare on lenses removed, where lamps can"].baseline == 0
    assert rows["without glare on lenses at the end"].value == 50
    assert rows["without glare on lenses at the end"].baseline == 25


def test_who_never_settles_counts_with_more_frames_than_were_looked_at() -> None:
    rows = rows_of(outcome(), outcome(started=replace(SETTLED, frames=None)))
    assert rows["frames from a random start, median"].ok
    assert rows["frames from a random start, 95th percentile"].ok is False


def test_cheeks_that_no_lamp_can_even_count_apart() -> None:
    dark = replace(SETTLED, ratio=3.0, least_ratio=2.0, frames=None)
    rows = rows_of(outcome(started=dark))
    assert rows["cheeks lit alike at rest, within 1.10"].value == 100
    assert rows["lamps could not light cheeks alike"].value == 50


def test_a_frame_is_handed_over_late_and_knows_when_it_was_taken() -> None:
    person = usual_booth("lin", Config()).place_person(seed=100)
    frames = [person.next_frame() for _ in range(person.late + 1)]
    assert frames[:-1] == [None] * person.late
    handed = frames[-1]
    assert handed is not None
    assert handed.number == 1
    assert person.clock.at - handed.time == pytest.approx((person.late + 0.5) / 30)
    person.close()


@pytest.mark.soak
def test_somebody_stands_in_a_booth_at_random(looker: Looker) -> None:
    stood = stand_in_booth(Task("chen", 100), Config(), looker)
    assert stood.started.frames is not None
    assert any(spot.right for spot in stood.asked)
    assert [each.what for each in stood.relieved][:1] == ["glare"]
