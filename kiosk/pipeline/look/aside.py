"""Looking aside: what takes longer than a frame looks on a thread of its own, as frames go on."""

import math
import os
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from typing import ParamSpec, TypeVar

from kiosk.pipeline.look.slow_measures import FrameView, SlowMeasure

EVERY = 1.0
"""Seconds from one look to the next, at least: who puts something on is told about as soon."""

SOON = 0.3
"""The same while what it finds is to be mended: so that a booth stops asking within a second of
being obeyed."""

STANDS = 8.0
"""Seconds for which a finding stands, from the frame that it saw. The next comes within two, but on
a machine that has hardly any time left for it; until then it is the best word on who is there."""

NICE = 10
"""How much nicer the thread is than the one that follows frames, which come first and leave it a
tenth of a core that they could fill. With 19 it would have a seventieth, and see nobody in time."""

Finding = TypeVar("Finding")
Given = ParamSpec("Given")


class AtOnce(Executor):
    """Does everything as it is submitted, on the caller's thread: what a picture shows is known
    with it, however fast the machine is.
    """

    def submit(
        self, fn: Callable[Given, Finding], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Future[Finding]:
        """Do it now."""
        done: Future[Finding] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # told by who asks for the result
            done.set_exception(error)
        return done


def open_aside() -> Executor:
    """One thread that gives way to frames. Shut it down.

    So do the threads of a model that is loaded there: on Linux a thread begins with the nice value
    of the one that starts it.
    """
    return ThreadPoolExecutor(1, "aside", initializer=_give_way)


def _give_way() -> None:
    if sys.platform == "linux":  # elsewhere the nice value is the whole process's
        os.nice(NICE)


class AsideMeasure(SlowMeasure[Finding]):
    """A measure that looks aside, at one frame at a time; a later frame is told what it found."""

    def __init__(self, measure: Callable[[FrameView], Finding | None], aside: Executor) -> None:
        super().__init__(measure)
        self._aside = aside
        self._under_way: Future[Finding | None] | None = None
        self._begun_at = -math.inf

    def look(self, view: FrameView, at: float, *, mending: bool = False) -> None:
        """Begin to look at a frame that was taken at `at` s, where that is due: sooner while what
        was found is to be mended."""
        if self._under_way is None and at - self._begun_at >= (SOON if mending else EVERY):
            # A copy, for the frame is overwritten once another has come.
            kept = replace(view, picture=view.picture.copy())
            self._under_way, self._begun_at = self._aside.submit(self._measure, kept), at
        self.take_up()

    def take_up(self) -> None:
        """Keep what was found, where a look has ended. Raises what it raised."""
        if self._under_way is not None and self._under_way.done():
            ended, self._under_way = self._under_way, None
            self.last, self.measured_at = ended.result(), self._begun_at

    def is_stale(self, at: float, after: float = STANDS) -> bool:
        """Whether its last finding says nothing of a frame taken at `at` s. It stands for STANDS at
        least.
        """
        return super().is_stale(at, max(after, STANDS))

    def forget(self) -> None:
        """Drop what was found, and what a look that is under way will find: who is seen next may be
        another."""
        if self._under_way is not None:
            self._under_way.cancel()
        self.last = self._under_way = None
        self.measured_at = self._begun_at = -math.inf
