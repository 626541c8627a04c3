"""Who has the lamps: each in its turn, nobody into another's, and nothing asked for ever."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from kiosk.booth.lamp_frame import Looked, Means
from kiosk.booth.lamp_phases import Phase, who_has_lamps
from kiosk.booth.lamp_schedule import (
    LampSchedule,
    follow_schedule,
    next_person,
    note_presence,
    same_person,
)
from kiosk.booth.reflections import Found
from kiosk.booth.spot_notes import AGAIN, MOST_ASKED, PATIENCE, SpotNotes
from kiosk.booth.spot_relief import DIMMED
from kiosk.lighting import control_law
from kiosk.lighting.attribution import SCREEN
from kiosk.lighting.response import USUAL
from kiosk.pipeline.look.attendance import VOTE_FRAMES
from kiosk.pipeline.observation import Observation, Skin, Spot
from kiosk.visit import Stage
from kiosk.visit.presence import GONE
from tests.booth.test_attendance_call import THERE

WORKING = {"key_left": 0.6, "key_right": 0.6, "fill": 0.5, "backdrop": 0.25}
FRAME = 1 / 15
MEANS = Means(USUAL, dict.fromkeys(WORKING, 1.0), WORKING, screen=True)
SILENT = replace(MEANS, calls=False)
FACELESS = Observation(480, 640, 0, None)

Mirrored = Callable[[Mapping[str, float]], float]
"""The light that a lens mirrors under levels of lamps, screen and room."""


def mirrors(*sources: str) -> Mirrored:
    """A lens that mirrors these, as bright as they are."""
    return lambda levels: sum(0.5 * levels.get(source, 0.0) for source in sources)


NOTHING = mirrors()


@dataclass
class Sitter:
    """Somebody before a booth whose lamps obey at once, and whose lens mirrors this."""

    mirrored: Mirrored = NOTHING
    means: Means = SILENT
    attendance: float = 0.9
    at: float = 10.0
    schedule: LampSchedule = field(
        default_factory=lambda: LampSchedule(control_law.begin(WORKING, WORKING))
    )
    levels: dict[str, float] = field(default_factory=lambda: {**WORKING, SCREEN: 1.0})
    phases: list[Phase] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)

    def sit(self, seconds: float, *, holding: bool = False, yaw: float = 0.0) -> "Sitter":
        """Sit before it for so long."""
        for _ in range(round(seconds / FRAME)):
            self._look(self._seen(yaw), holding=holding)
        return self

    def go(self, seconds: float) -> "Sitter":
        """Be away for so long."""
        for _ in range(round(seconds / FRAME)):
            self._look(FACELESS, holding=False)
        return self

    @property
    def turns(self) -> list[Phase]:
        """Who had the lamps, in order, but for the law."""
        return [phase for phase in self.phases if phase != "following"]

    def _look(self, seen: Observation, *, holding: bool) -> None:
        spots = seen.highlights or ()
        broken = frozenset({"glare"} if any(spot.area > 0.06 for spot in spots) else ())
        frame = Looked(seen, broken, self.at, dict(self.levels), self._backdrop(), holding=holding)
        self.schedule, levels = follow_schedule(self.schedule, frame, self.means)
        self.levels |= levels
        self.at += FRAME
        self.found += self.schedule.found
        if self.phases[-1:] != [self.schedule.phase]:
            self.phases.append(self.schedule.phase)

    def _cheeks(self) -> tuple[float, float]:
        """The cheeks' light, of skin that gives back a third."""
        lit = {**self.levels, "room": 1.0}
        left, right = (
            sum(lit[lamp] * both[side] for lamp, both in USUAL.cheeks.items()) / 3
            for side in (0, 1)
        )
        return left, right

    def _backdrop(self) -> float:
        lit = {**self.levels, "room": 1.0}
        return sum(lit[lamp] * USUAL.backdrop_light(lamp) for lamp in USUAL.backdrop)

    def _seen(self, yaw: float) -> Observation:
        assert THERE.face is not None
        light = self.mirrored({**self.levels, "room": 1.0})
        usual = self.mirrored({**self.schedule.rest, "room": 1.0})
        spots = (
            () if light < 0.1 else (make_spot(light, light / usual, 0.1 if light > 0.2 else 0.05),)
        )
        return replace(
            THERE,
            face=replace(THERE.face, yaw=yaw),
            skin=Skin(*self._cheeks(), 0.0, 0.7, 0.0, 0.0, 0.8, 0.0, 0.5, 0.5, 0.6, 0.4, 0.0),
            attendance=self.attendance if self.schedule.call.under_way else None,
            highlights=spots,
        )


def make_spot(light: float, answer: float, area: float) -> Spot:
    """A spot on the lens on the picture's left, on its left side."""
    return Spot(
        place="lens_left", number=1, x=-0.75, y=0.0, light=0.3 + light, around=0.3,
        area=area, size=0.05, clipped=0.0, answer=answer, ground=1.0,
    )  # fmt: skip


# ---- turns ----


def test_the_law_comes_to_rest_before_the_face_is_called_on_and_that_before_spots_are_asked() -> (
    None
):
    sitter = Sitter(mirrors("key_left"), MEANS).sit(8.0)
    assert sitter.turns == ["calling", "asking", "relieving"]
    assert sitter.phases[-1] == "following"
    assert sitter.schedule.call.answer == 0.9


def test_a_call_that_ends_leaves_the_lamps_where_the_law_had_them() -> None:
    sitter = Sitter(mirrors(), MEANS).sit(2.0 + VOTE_FRAMES * FRAME)
    assert sitter.turns == ["calling"]
    assert sitter.levels == pytest.approx(sitter.schedule.rest)


def test_from_the_praise_on_the_lamps_stand_still_whatever_was_under_way() -> None:
    for seconds in (1.0, 1.5, 2.0, 2.5, 3.0, 4.0):
        sitter = Sitter(mirrors("key_left"), MEANS).sit(seconds)
        sitter.sit(2 * FRAME, holding=True)
        stood = dict(sitter.levels)
        sitter.sit(3.0, holding=True)
        assert sitter.levels == stood
        assert sitter.schedule.phase == "holding"
        assert sitter.schedule.work.does is None


def test_who_turns_away_is_neither_called_nor_asked() -> None:
    sitter = Sitter(mirrors("key_left"), MEANS).sit(5.0, yaw=20.0)
    assert sitter.phases == ["following"]


# ---- spots ----


@pytest.mark.parametrize("lamp", ["key_left", "key_right", "fill"])
def test_a_spot_that_a_lamp_makes_is_taken_off_and_stays_off(lamp: str) -> None:
    sitter = Sitter(mirrors(lamp)).sit(12.0)
    assert sitter.found == [Found("lens", lamp)]
    assert sitter.turns == ["asking", "relieving"]
    # What is left of it the rule allows, and nobody asks again.
    assert sitter.mirrored(sitter.levels) < 0.2
    assert sitter.schedule.work.leaves == frozenset()


def test_while_lamps_ask_and_relieve_the_guide_says_so_and_asks_nobody_else() -> None:
    sitter = Sitter(mirrors("key_left"))
    while sitter.phases[-2:] != ["relieving", "following"]:
        sitter.sit(FRAME)
        assert "glare" not in sitter.schedule.work.leaves
        if sitter.phases[-1] in ("asking", "relieving"):
            assert sitter.schedule.work.does == "glasses"
            assert sitter.schedule.work.sees_to == {"glare"}


def test_what_the_room_makes_is_left_to_the_student_with_the_way_out_of_it() -> None:
    sitter = Sitter(mirrors("room")).sit(8.0)
    assert sitter.found == [Found("lens", "room_left")]
    assert sitter.schedule.work.leaves == {"glare"}
    assert sitter.schedule.work.ways == {"glare": "turn_left"}
    asked = sitter.schedule.notes.asked
    sitter.sit(AGAIN - 10.0)
    assert sitter.schedule.notes.asked == asked  # not again for a while
    sitter.sit(3 * AGAIN)
    assert sitter.schedule.notes.asked <= MOST_ASKED
    assert sitter.found == [Found("lens", "room_left")]  # counted once


def test_the_screen_darkens_where_it_is_what_is_mirrored() -> None:
    sitter = Sitter(lambda levels: 0.5 * max(levels[SCREEN] - 0.4, 0.0)).sit(8.0)
    assert sitter.found == [Found("lens", SCREEN)]
    assert sitter.levels[SCREEN] == DIMMED
    assert sitter.phases[-1] == "following"
    sitter.go(GONE + 0.5)
    assert sitter.levels[SCREEN] == 1.0


def test_a_spot_that_stays_is_asked_after_a_few_times_and_then_left() -> None:
    stays = Sitter(lambda levels: 0.25 + 0.3 * levels["key_left"]).sit(30.0)
    assert stays.schedule.notes.asked <= MOST_ASKED
    assert stays.schedule.work.leaves == {"glare"}
    assert stays.phases[-1] == "following"


def test_a_booth_without_lamps_asks_nothing_and_leaves_all_to_the_student() -> None:
    sitter = Sitter(mirrors("room"), replace(SILENT, asks=False)).sit(2.0)
    assert sitter.phases == ["following"]
    assert sitter.schedule.work.leaves == {"glare"}


def test_whoever_never_stands_still_is_told_after_a_while_all_the_same() -> None:
    sitter = Sitter(mirrors("key_left")).sit(PATIENCE - 1.0, yaw=20.0)
    assert sitter.schedule.work.sees_to == {"glare"}
    sitter.sit(2.0, yaw=20.0)
    assert sitter.schedule.work.leaves == {"glare"}


# ---- who comes and goes ----


def test_a_face_that_is_lost_for_a_frame_keeps_its_relief_but_answers_no_call_for_another() -> None:
    sitter = Sitter(mirrors("key_left"), MEANS).sit(8.0)
    relieved = dict(sitter.levels)
    sitter.go(2 * FRAME)
    assert sitter.levels == pytest.approx(relieved)
    assert sitter.schedule.call.answer is None


def test_whoever_comes_next_is_asked_anew_from_the_usual_levels() -> None:
    sitter = Sitter(mirrors("key_left")).sit(8.0).go(GONE + 0.5)
    assert sitter.schedule.notes.asked == 0
    assert sitter.levels == pytest.approx({**WORKING, SCREEN: 1.0})
    sitter.phases.clear()
    sitter.sit(8.0)
    assert "asking" in sitter.phases
    fresh = next_person(sitter.schedule)
    assert (fresh.notes, fresh.kept_away) == (SpotNotes(), ())


def test_one_place_says_who_has_the_lamps() -> None:
    guided: Iterable[Phase] = ("following", "calling", "asking", "relieving", "holding")
    for phase in guided:
        assert who_has_lamps(Stage.GUIDE, phase, empty=False) == phase
        assert who_has_lamps(Stage.SHUTTER, phase, empty=False) == "holding"
        assert who_has_lamps(Stage.REVIEW, phase, empty=False) == "rest"
        assert who_has_lamps(Stage.IDLE, phase, empty=True) == "plate"


def test_who_is_photographed_once_more_keeps_the_light_in_which_nothing_was_mirrored() -> None:
    sitter = Sitter(mirrors("key_left")).sit(8.0)
    relieved = dict(sitter.levels)
    sitter.schedule = same_person(sitter.schedule)
    sitter.phases.clear()
    sitter.sit(4.0)
    assert sitter.turns == []
    assert sitter.levels == pytest.approx(relieved, abs=0.05)


def test_whoever_is_away_while_the_photo_is_looked_at_takes_their_light_with_them() -> None:
    sitter = Sitter(mirrors("key_left")).sit(8.0)
    away = note_presence(sitter.schedule, sitter.at, there=False)
    assert note_presence(away, sitter.at + GONE / 2, there=True).kept_away
    away = note_presence(away, sitter.at + GONE, there=False)
    assert away.kept_away == ()
    assert away.rest == pytest.approx({**WORKING, SCREEN: 1.0})


def test_what_a_first_relief_leaves_of_a_spot_is_taken_off_by_a_second_without_a_question() -> None:
    # Its core is much brighter than most lamps' are.
    sitter = Sitter(lambda levels: 0.9 * levels["key_left"]).sit(12.0)
    assert sitter.turns == ["asking", "relieving"]
    assert sitter.mirrored(sitter.levels) < 0.2
    assert sitter.schedule.work.leaves == frozenset()
