"""What screens tell of the schedule: all that is needful, whatever names it has."""

from dataclasses import replace

import pytest

from kiosk.display.gallery import AGENDA, DAY, SLOT
from kiosk.visit import View
from protocol.turn import Agenda
from tests.display.pages import MONITORS, STATES, lay_out, unpainted

ABSURD = "计算机科学与技术学院" * 90
LONG = SLOT.model_copy(update={"colleges": (ABSURD, "第二学院"), "place": ABSURD})

TOLD = [name for name, state in STATES.items() if state.visit.turn or state.agenda.day]


@pytest.mark.parametrize("name", TOLD)
def test_names_of_absurd_length_are_cut_and_do_not_stop_the_booth(name: str) -> None:
    state = STATES[name]
    turn = state.visit.turn
    visit = replace(state.visit, turn=turn and replace(turn, slot=LONG))
    agenda = Agenda((LONG, LONG), (LONG,), DAY) if state.agenda.day else state.agenda
    with unpainted():
        for number, monitor in enumerate(MONITORS.values()):
            view = View(language=number % 2, larger=number % 3 == 0)
            lay_out(replace(state, visit=replace(visit, view=view), agenda=agenda, monitor=monitor))


@pytest.mark.parametrize("size", MONITORS)
def test_whoever_is_to_go_elsewhere_reads_when_and_where(size: tuple[int, int]) -> None:
    with unpainted():
        page = lay_out(replace(STATES["turned_away-wrong_place"], monitor=MONITORS[size]))
    written = "".join(line.text for line in page.written)
    assert "9:30–10:30" in written
    assert "邱德拔体育馆东侧大厅" in written


@pytest.mark.parametrize("size", MONITORS)
def test_the_first_screen_says_whose_turn_it_is(size: tuple[int, int]) -> None:
    with unpainted():
        page = lay_out(replace(STATES["idle-turn"], monitor=MONITORS[size]))
        empty = lay_out(replace(STATES["idle"], monitor=MONITORS[size]))
    written = "".join(line.text for line in page.written)
    assert "9:30" in written
    assert AGENDA.now[0].colleges[0][:5] in written
    assert "turn.now" in page.phrases
    assert not {"turn.now", "turn.next"} & set(empty.phrases)
