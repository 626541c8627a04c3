"""The list of benches, and what they all share."""

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from kiosk import evaluation
from kiosk.errors import UsageError
from kiosk.evaluation import BENCHES, portraits
from kiosk.evaluation.rows import Row


@pytest.mark.parametrize("name", BENCHES)
def test_each_bench_is_a_module_of_its_name_that_measures(name: str) -> None:
    measure = import_module(f"kiosk.evaluation.{name}").measure
    own = ["visits"] if name == evaluation.COUNTS_VISITS else []
    assert list(inspect.signature(measure).parameters) == ["config", "quick", *own]


def test_a_module_that_measures_is_in_the_list() -> None:
    folder = Path(str(evaluation.__file__)).parent
    measuring = {
        path.stem for path in folder.glob("*.py") if "\ndef measure(config" in path.read_text()
    }
    assert measuring == set(BENCHES)


def test_a_goal_is_reached_up_to_the_last_digit() -> None:
    assert Row.at_most("x", "y", 25.0, "ms", 25).ok
    assert not Row.at_most("x", "y", 25.1, "ms", 25).ok
    assert Row.at_least("x", "y", 40.0, "dB", 40).ok
    assert not Row.at_least("x", "y", float("nan"), "dB", 40).ok


def test_portraits_are_found_beside_the_checkout_or_where_they_are_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIOSK_PORTRAITS", raising=False)
    monkeypatch.setattr(portraits, "BESIDE_CHECKOUT", tmp_path / "beside")
    assert portraits.portraits_folder() is None
    row = portraits.missing_portraits("accuracy")
    assert str(tmp_path / "beside") in row.row
    assert "KIOSK_PORTRAITS" in row.row
    for folder in (tmp_path / "beside", tmp_path / "named"):
        folder.mkdir()
        (folder / "labels.csv").write_text("file,set\n")
    assert portraits.portraits_folder() == tmp_path / "beside"
    monkeypatch.setenv("KIOSK_PORTRAITS", str(tmp_path / "named"))
    assert portraits.portraits_folder() == tmp_path / "named"
    monkeypatch.setenv("KIOSK_PORTRAITS", str(tmp_path))
    with pytest.raises(UsageError, match=r"labels\.csv"):
        portraits.portraits_folder()
