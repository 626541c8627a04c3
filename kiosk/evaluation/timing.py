"""How long works take beside each other, and on one core."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import cv2

from kiosk.evaluation.progress import show_progress


def time_in_turns(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Time each work once a round, in milliseconds of wall clock, after one run that is not timed.

    The works take turns, so that a machine that slows down slows all of them.
    """
    for work in works.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in show_progress(range(rounds), "measuring"):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            times[name].append((time.perf_counter() - began) * 1000)
    return times


@contextmanager
def one_core() -> Iterator[None]:
    """Stay on one core, and let OpenCV use no other, where the system lets a process choose."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    if cores:
        os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        if cores:
            os.sched_setaffinity(0, cores)
        cv2.setNumThreads(threads)
