"""One deadline over work that bounds itself badly: a look-up of names, an answer that drips."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class _Outcome(Generic[Result]):
    result: Result
    error: BaseException | None = None


def call_within(seconds: float, work: Callable[[], Result]) -> Result:
    """Do work within so many seconds. Raises TimeoutError, or what the work raises.

    Work that is late goes on in a thread of its own until it ends by itself, and keeps nobody
    waiting, not even the end of the process.
    """
    outcome: _Outcome[Result] = _Outcome()

    def run() -> None:
        try:
            outcome.result = work()
        except BaseException as error:
            outcome.error = error

    thread = threading.Thread(target=run, name="deadline", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"not done within {seconds:g} s")
    if outcome.error is not None:
        raise outcome.error
    return outcome.result
