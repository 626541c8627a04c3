"""The supervisor: a service that fails comes back by itself, and says so once."""

import logging
from collections.abc import Iterator

import pytest

from kiosk.errors import CameraFault, UsageError
from kiosk.supervisor import Backoff, Supervisor


class Life:
    """A service whose lives are written down beforehand: each ends as its outcome says."""

    def __init__(self, *outcomes: Exception | None, in_set_up: bool = False) -> None:
        self._outcomes: Iterator[Exception | None] = iter(outcomes)
        self._in_set_up = in_set_up
        self.steps: list[str] = []
        self.clock = 0.0
        self.lasts = 0.0

    def set_up(self) -> None:
        self.steps.append("set up")
        if self._in_set_up:
            self._end()

    def run(self) -> None:
        self.steps.append("run")
        self.clock += self.lasts
        if not self._in_set_up:
            self._end()

    def tear_down(self) -> None:
        self.steps.append("tear down")

    def _end(self) -> None:
        outcome = next(self._outcomes)
        if outcome is not None:
            raise outcome


class Waits:
    """Notes every wait instead of sleeping."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> bool:
        if seconds:
            self.seconds.append(seconds)
        return False


def supervise(life: Life, waits: Waits | None = None) -> Supervisor:
    supervisor = Supervisor(
        "lamp",
        life,
        wait=waits or Waits(),
        chance=lambda: 0.999_999,
        clock=lambda: life.clock,
        backoff=Backoff(first=1, ceiling=8, steady=60),
    )
    supervisor.run()
    return supervisor


def test_a_service_that_ends_is_torn_down_and_left() -> None:
    life = Life(None)
    supervisor = supervise(life)
    assert life.steps == ["set up", "run", "tear down"]
    assert not supervisor.available
    assert supervisor.fault is None


def test_a_service_that_fails_is_torn_down_and_started_again() -> None:
    life = Life(CameraFault("cable"), None)
    supervise(life)
    assert life.steps == ["set up", "run", "tear down"] * 2


def test_a_set_up_that_fails_half_way_is_torn_down_too() -> None:
    life = Life(CameraFault("cable"), None, in_set_up=True)
    supervise(life)
    assert life.steps == ["set up", "tear down", "set up", "run", "tear down"]


def test_waits_double_up_to_their_ceiling() -> None:
    waits = Waits()
    supervise(Life(*[CameraFault("cable")] * 6, None), waits)
    assert waits.seconds == pytest.approx([1, 2, 4, 8, 8, 8], rel=1e-3)


def test_after_a_steady_run_the_waits_begin_anew() -> None:
    waits = Waits()
    life = Life(*[CameraFault("cable")] * 3, None)
    life.lasts = 100.0
    supervise(life, waits)
    assert waits.seconds == pytest.approx([1, 1, 1], rel=1e-3)


def test_jitter_takes_at_most_half_of_a_wait() -> None:
    backoff = Backoff(first=1, ceiling=8)
    assert backoff.delay(3, 0.0) == 2
    assert backoff.delay(3, 0.5) == 3
    assert backoff.delay(100_000, 0.0) == 4


def test_wrong_use_is_never_repeated() -> None:
    waits = Waits()
    life = Life(UsageError("no such camera kind"))
    supervisor = supervise(life, waits)
    assert waits.seconds == []
    assert supervisor.fault == "no such camera kind"
    assert not supervisor.available


def test_a_lasting_fault_is_logged_once_and_its_end_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    supervise(Life(*[CameraFault("cable")] * 5, None, in_set_up=True))
    assert [r.getMessage() for r in caplog.records] == ["lamp: cable", "lamp: works again"]


def test_an_unforeseen_error_is_a_fault_with_its_kind(caplog: pytest.LogCaptureFixture) -> None:
    def stop_after_the_first(seconds: float) -> bool:
        return seconds > 0

    supervisor = Supervisor(
        "lamp", Life(KeyError("pin")), wait=stop_after_the_first, chance=lambda: 0.0
    )
    supervisor.run()
    assert supervisor.fault == "KeyError: 'pin'"
    assert caplog.records[0].exc_info is not None


def test_a_service_is_available_while_it_runs() -> None:
    seen: list[bool] = []

    class Watched(Life):
        def set_up(self) -> None:
            seen.append(supervisor.available)

        def run(self) -> None:
            seen.append(supervisor.available)

    supervisor = Supervisor("lamp", Watched(), wait=Waits(), chance=lambda: 0.0)
    supervisor.run()
    assert seen == [False, True]


def test_a_stop_during_the_set_up_is_no_recovery(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    life = Life(CameraFault("cable"), None, in_set_up=True)
    supervisor = Supervisor(
        "lamp",
        life,
        wait=lambda seconds: seconds == 0 and life.steps.count("set up") == 2,
        chance=lambda: 0.0,
    )
    supervisor.run()
    assert life.steps[-1] == "tear down"
    assert [r.getMessage() for r in caplog.records] == ["lamp: cable"]
