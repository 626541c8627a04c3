"""Several workers on one socket: any may be killed, and none stays when the first is."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from registrar.bench.intake import descendants

GENEROUS = 30.0
RUN = "import sys; from registrar.cli import main; sys.exit(main())"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    words = ["serve", "--data", str(tmp_path / "data"), "--port", "0", "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *words], stdout=subprocess.PIPE, text=True
    )
    said = process.stdout.readline() if process.stdout else ""
    found = re.search(r"serves (http://\S+)", said)
    assert found is not None
    yield process, found[1]
    process.kill()
    process.wait()


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=GENEROUS).status_code < 500
    except requests.RequestException:
        return False


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + GENEROUS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def workers_of(process: "subprocess.Popen[str]") -> list[int]:
    """Its children that have its own command line: forked, and not started."""
    own = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    return [
        pid for pid in descendants(process.pid) if Path(f"/proc/{pid}/cmdline").read_bytes() == own
    ]


def test_a_worker_that_is_killed_is_started_anew_while_the_other_serves(
    served: tuple["subprocess.Popen[str]", str],
) -> None:
    process, url = served
    wait_until(lambda: len(workers_of(process)) == 2)
    first = set(workers_of(process))
    os.kill(min(first), signal.SIGKILL)
    assert answers(url)
    wait_until(lambda: len(set(workers_of(process)) - {min(first)}) == 2)
    assert answers(url)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_the_process_that_started_it(
    served: tuple["subprocess.Popen[str]", str], how: signal.Signals
) -> None:
    process, url = served
    wait_until(lambda: len(workers_of(process)) == 2)
    assert answers(url)
    family = descendants(process.pid)
    assert len(family) >= 3  # two workers and the vault
    process.send_signal(how)
    process.wait(GENEROUS)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))
