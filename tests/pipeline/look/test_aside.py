"""Looking aside: frames go on, and a later one tells what was found."""

import math
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.loading import load_looker
from kiosk.pipeline.look.aside import EVERY, NICE, SOON, STANDS, AsideMeasure, AtOnce, open_aside
from kiosk.pipeline.look.face import Mesh, measure_face
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.look.slow_measures import FrameView
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson


class Later(Executor):
    """Does what was submitted once it is let."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, lambda: fn(*args, **kwargs)))
        return future

    def work(self) -> None:
        """Do the first of what was submitted."""
        future, do = self.waiting.pop(0)
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(do())
            except ValueError as error:
                future.set_exception(error)


def view(code: int) -> FrameView:
    """A frame of one grey."""
    mesh = Mesh(np.zeros((478, 2)), np.eye(3), {})
    picture = np.full((8, 8, 3), code, np.uint8)
    return FrameView(picture, 1.0, mesh, measure_face(picture, mesh))


def brightest(seen: FrameView) -> int:
    return int(seen.picture.max())


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def measure(later: Later) -> AsideMeasure[int]:
    return AsideMeasure(brightest, later)


def test_what_was_found_is_told_by_a_later_frame_with_the_time_of_the_one_that_it_saw(
    measure: AsideMeasure[int], later: Later
) -> None:
    measure.look(view(7), 10.0)
    measure.look(view(8), 10.1)
    assert measure.finding(10.1) is None
    later.work()
    measure.look(view(9), 10.2)
    assert measure.finding(10.2) == 7
    assert measure.finding(10.0 + STANDS) == 7
    assert measure.finding(math.nextafter(10.0 + STANDS, math.inf)) is None


def test_it_looks_at_one_frame_at_a_time_and_not_more_often_than_it_is_to(
    measure: AsideMeasure[int], later: Later
) -> None:
    begun = []
    for frame in range(40):
        measure.take_up()
        measure.look(view(frame), frame / 10)
        begun.append(len(later.waiting))
        if frame in (3, 29):
            later.work()
    assert begun == [1, 1, 1, 1] + [0] * 6 + [1] * 20 + [1] * 10
    assert measure.finding(3.9) == round(10 * EVERY)


def test_what_is_to_be_mended_is_looked_at_sooner(measure: AsideMeasure[int], later: Later) -> None:
    def count_looks(*, mending: bool, since: float) -> int:
        looks = 0
        for frame in range(120):
            measure.look(view(frame), since + frame / 30, mending=mending)
            looks += len(later.waiting)
            if later.waiting:
                later.work()
        return looks

    assert count_looks(mending=False, since=0.0) == round(4 / EVERY)
    assert count_looks(mending=True, since=10.0) == pytest.approx(4 / SOON, abs=1)


def test_a_frame_that_is_overwritten_meanwhile_is_seen_as_it_was(
    measure: AsideMeasure[int], later: Later
) -> None:
    frame = view(200)
    measure.look(frame, 0.0)
    frame.picture.fill(0)
    later.work()
    measure.take_up()
    assert measure.finding(0.1) == 200


@pytest.mark.parametrize("begun", [False, True])
def test_what_a_look_finds_of_somebody_who_was_forgotten_is_never_told(
    measure: AsideMeasure[int], later: Later, begun: bool
) -> None:
    measure.look(view(7), 0.0)
    if begun:  # too late to be cancelled
        later.waiting[0][0].set_running_or_notify_cancel()
    measure.forget()
    measure.look(view(9), 0.1)
    if begun:
        future, do = later.waiting.pop(0)
        future.set_result(do())
    else:
        later.work()
    measure.look(view(9), 0.2)
    assert measure.finding(0.2) is None
    later.work()
    measure.look(view(9), 0.3)
    assert measure.finding(0.3) == 9


def test_what_a_look_raises_is_raised_once_by_a_later_frame(later: Later) -> None:
    def fail(_: FrameView) -> int:
        raise ValueError("no memory left")

    measure: AsideMeasure[int] = AsideMeasure(fail, later)
    measure.look(view(7), 0.0)
    later.work()
    with pytest.raises(ValueError, match="no memory left"):
        measure.take_up()
    measure.take_up()
    assert measure.finding(0.1) is None


def test_at_once_a_frame_tells_what_itself_shows() -> None:
    measure: AsideMeasure[int] = AsideMeasure(brightest, AtOnce())
    told = []
    for frame in range(30):
        measure.look(view(frame), frame / 10)
        told.append(measure.finding(frame / 10))
    assert told == [0] * 10 + [10] * 10 + [20] * 10


# ---- the thread of its own ----


def nice_values() -> dict[int, int]:
    """The nice value of each thread of this process."""
    found = {}
    for task in Path("/proc/self/task").iterdir():
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        found[int(task.name)] = int(fields[16])
    return found


@pytest.fixture
def picture() -> Picture:
    return picture_of(RenderedPerson(find_subject("lin")), "neutral")


@pytest.fixture
def live(models_store: Path) -> Iterator[Looker]:
    """A looker as the booth has it."""
    with load_looker(models_store, open_aside()) as looker:
        yield looker


def see(looker: Looker, picture: Picture, patience: float = 60.0) -> list[bool]:
    """Follow a picture until everything has looked: in which frames its coverage was known."""
    began, at = time.monotonic(), 0.0
    known: list[bool] = []
    while not looker.has_looked(at):
        at = time.monotonic() - began
        assert at < patience
        known.append(looker.follow(picture, at).coverage is not None)
    return known


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no nice value")
def test_the_thread_and_those_of_its_models_give_way_to_all_others(models_store: Path) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    before = set(nice_values())
    aside = open_aside()
    thread = aside.submit(threading.get_native_id).result()
    with load_looker(models_store, aside) as looker:
        after = {task: nice for task, nice in nice_values().items() if task not in before}
        assert looker.coverage_models is not None
    assert after[thread] == min(own + NICE, 19)
    assert list(after.values()).count(after[thread]) > 1
    assert os.getpriority(os.PRIO_PROCESS, 0) == own


def test_frames_go_on_while_the_head_is_looked_at_and_then_everything_has_looked(
    live: Looker, picture: Picture
) -> None:
    known = see(live, picture)
    assert not known[0]
    assert known[-1]


def test_a_single_picture_is_looked_at_whole(
    live: Looker, looker: Looker, picture: Picture
) -> None:
    assert live.look(picture) == looker.look(picture)


def test_whoever_is_forgotten_or_lost_from_sight_leaves_no_finding(
    live: Looker, picture: Picture
) -> None:
    see(live, picture)
    live.forget()
    assert live.follow(picture, 0.0).coverage is None
    live.forget()
    see(live, picture)
    nobody = live.follow(np.zeros_like(picture), 61.0)
    assert nobody.face is None
    assert nobody.coverage is None
    assert live.follow(picture, 61.1).coverage is None
