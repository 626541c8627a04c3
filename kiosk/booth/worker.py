"""The booth's one worker: everything slow, one thing at a time, beside the screen.

The models bear one caller at a time. What a job finds comes back as a value; the loop alone writes
the booth's state from it.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from kiosk import visit as v
from kiosk.booth.capture import Capture
from kiosk.booth.parts import KeptPhotos
from kiosk.booth.plate_schedule import PlateSchedule
from kiosk.booth.reflections import Found
from kiosk.pipeline.loading import LoadedModels
from protocol.turn import Agenda


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job has found; what it was not about is None."""

    event: v.Event | None = None
    capture: Capture | None = None
    models: LoadedModels | None = None
    plates: PlateSchedule | None = None
    faults: Mapping[v.FaultName, bool] | None = None
    """Whether each of these faults is there."""
    kept: KeptPhotos | None = None
    agenda: Agenda | None = None
    """Whose turn it is by the schedule."""
    found: tuple[Found, ...] = ()
    """What was found to be mirrored."""
    trouble: str | None = None
    """Why a capture made no photo, in words for staff."""


NOTHING_FOUND = Outcome()

Job = Callable[[], Outcome]


class Worker:
    """One thread, and at most one job on it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="booth")
        self._job: tuple[Future[Outcome], int] | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is under way, or its outcome was not taken yet."""
        return self._job is not None

    def start(self, job: Job, visit_number: int) -> None:
        """Begin a job for a visit. Not while `busy`."""
        self._job = self._thread.submit(job), visit_number

    def take_outcome(self) -> tuple[Outcome, int] | None:
        """What the job has found, and for which visit; None while there is nothing to take.

        Raises what the job raised.
        """
        if self._job is None or not self._job[0].done():
            return None
        (future, visit_number), self._job = self._job, None
        return future.result(), visit_number

    def abandon(self) -> None:
        """Wait for nothing: a job under way ends by itself, and nobody hears of it."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._job = None

    def close(self) -> None:
        """Wait for the job under way, and end the thread."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._job = None
