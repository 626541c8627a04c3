"""What the booth tells of itself: counted through the day, told at changes, never in the way."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kiosk import visit as v
from kiosk.booth.lamp_phases import Phase
from kiosk.booth.reflections import Found
from kiosk.booth.teller import Teller
from kiosk.upkeep.told_state import TELL_EVERY, ToldState, read_told_state


@dataclass
class Hallway:
    """The booth's time and day, and the booth as far as it is told."""

    folder: Path
    now: float = 100.0
    day: date = date(2026, 6, 1)
    visit: v.Visit = field(default_factory=v.Visit)
    at_rest: bool = True
    camera_fault: str | None = None
    lamps_do: Phase = "rest"
    light_notices: frozenset[str] = frozenset()

    @property
    def parts(self) -> Any:
        """Parts that tell their faults."""
        return SimpleNamespace(
            camera=SimpleNamespace(fault=self.camera_fault),
            reader=SimpleNamespace(fault=None),
            lamps=SimpleNamespace(
                levels={"fill": 0.1}, reasons={"backdrop": "GPIO busy"}, held_back=""
            ),
        )

    def teller(self) -> Teller:
        """A booth that is started."""
        return Teller(self.folder / "state.json", lambda: self.now, lambda: self.day)

    def tell(self, teller: Teller) -> ToldState:
        """What is told after another round."""
        teller.tell(cast(Any, self))
        told = read_told_state(self.folder / "state.json")
        assert told is not None
        return told


@pytest.fixture
def hallway(tmp_path: Path) -> Hallway:
    return Hallway(tmp_path)


def test_what_changes_is_told_at_once_and_what_does_not_every_few_seconds(hallway: Hallway) -> None:
    teller = hallway.teller()
    assert hallway.tell(teller).at == 100.0
    hallway.now += TELL_EVERY / 2
    assert hallway.tell(teller).at == 100.0
    hallway.visit, hallway.camera_fault = v.Visit(faults=frozenset({"camera"})), "unplugged"
    told = hallway.tell(teller)
    assert (told.at, told.since) == (hallway.now, hallway.now)
    assert (told.doing, told.stopped_by, told.reasons) == (
        "stopped",
        "camera",
        {"camera": "unplugged"},
    )
    assert told.lamps_missing == ("backdrop",)
    hallway.visit = v.Visit(faults=frozenset({"camera", "lamps"}))
    assert hallway.tell(teller).reasons["lamps"] == "backdrop: GPIO busy"
    hallway.now += TELL_EVERY
    told = hallway.tell(teller)
    assert (told.at, told.since) == (hallway.now, hallway.now - TELL_EVERY)


def test_a_day_is_counted_over_a_restart_and_ends_at_midnight(hallway: Hallway) -> None:
    teller = hallway.teller()
    teller.count(began=True, handed_in=False)
    teller.count(began=False, handed_in=True)
    assert hallway.tell(teller).visits_today == 1
    again = hallway.teller()
    again.count(began=True, handed_in=False)
    told = hallway.tell(again)
    assert (told.day, told.visits_today, told.photos_today) == ("2026-06-01", 2, 1)
    hallway.day = date(2026, 6, 2)
    hallway.now += TELL_EVERY
    assert hallway.tell(again).visits_today == 0


def test_a_folder_that_is_gone_is_logged_once_and_stops_no_booth(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hallway = Hallway(tmp_path / "gone")
    teller = hallway.teller()
    for _ in range(3):
        teller.tell(cast(Any, hallway))
        hallway.now += TELL_EVERY
    assert len(caplog.records) == 1


def test_where_nobody_asks_nothing_is_told(hallway: Hallway) -> None:
    Teller(None).tell(cast(Any, hallway))
    assert list(hallway.folder.iterdir()) == []


def test_what_was_mirrored_is_counted_through_the_day_by_its_source_and_nobodys_name(
    hallway: Hallway,
) -> None:
    teller = hallway.teller()
    teller.count_found([Found("lens", "room_left"), Found("skin", "fill")])
    teller.count_found([Found("lens", "room_left")])
    hallway.lamps_do, hallway.light_notices = "asking", frozenset({"weak fill"})
    told = hallway.tell(teller)
    assert told.reflections_today == {"lens room_left": 2, "skin fill": 1}
    assert (told.lamps_do, told.light_notices) == ("asking", ("weak fill",))
    again = hallway.teller()  # after a restart on the same day
    again.count_found([Found("lens", "room_left")])
    hallway.now += TELL_EVERY
    assert hallway.tell(again).reflections_today["lens room_left"] == 3
    hallway.day, hallway.now = date(2026, 6, 2), hallway.now + TELL_EVERY
    assert hallway.tell(again).reflections_today == {}
