"""`kiosk bench all`: every bench in turn, whatever becomes of one."""

import json
from collections.abc import Iterator

import pytest

from kiosk import evaluation
from kiosk.commands.main import main
from kiosk.config import Config
from kiosk.errors import ModelError
from kiosk.evaluation.rows import Row


def test_all_runs_every_bench_though_one_misses_its_goal_and_one_cannot_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, *_ = evaluation.BENCHES

    def run(name: str, config: Config, *, quick: bool) -> Iterator[Row]:
        if name == second:
            raise ModelError("no model")
        yield Row.at_most(name, "a row", 2.0, "ms", 1.0 if name == first else 3.0)

    monkeypatch.setattr(evaluation, "run", run)
    assert main(["bench", "all", "--quick", "--json"]) == 1
    told = capsys.readouterr()
    benches = [json.loads(line)["bench"] for line in told.out.splitlines()]
    assert benches == [name for name in evaluation.BENCHES if name != second]
    assert f"{second}: no model" in told.err
